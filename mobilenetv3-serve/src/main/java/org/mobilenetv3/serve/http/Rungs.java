package org.mobilenetv3.serve.http;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.mobilenetv3.trained.TrainedNet;

/**
 * The nets of a version: the one that is served, and cheaper ones that take its place while the
 * queue is long. All take the same images and know the same classes.
 */
final class Rungs implements AutoCloseable {

    /** Batches by which the times of several nets are measured. */
    private static final int TURNS = 7;

    /**
     * One of the nets.
     *
     * @param name a subnet's, told in answers; null where there is no other net
     * @param net computes
     */
    record Rung(String name, TrainedNet net) {}

    /** Computes a batch. */
    @FunctionalInterface
    interface Batch {
        void compute(int level) throws IOException;
    }

    private final List<Rung> all;
    private final Duration target;

    /** Null until the times are known, and where there is one net only. */
    private volatile DegradeRule rule;

    /**
     * Makes the rungs.
     *
     * @param all the largest net first
     * @param target what a request may wait before a cheaper net takes over
     */
    Rungs(List<Rung> all, Duration target) {
        this.all = List.copyOf(all);
        this.target = target;
    }

    /** One net alone. */
    static Rungs of(TrainedNet net) {
        return new Rungs(List.of(new Rung(null, net)), Duration.ZERO);
    }

    TrainedNet largest() {
        return all.get(0).net();
    }

    Rung get(int level) {
        return all.get(level);
    }

    int count() {
        return all.size();
    }

    /**
     * Measures how long each net takes, if there are several; call it before {@link #next}.
     *
     * @param batch of as many images as there may be
     * @param images in it
     * @param workers how many batches are computed at once
     * @throws IOException if a net fails
     */
    void measure(Batch batch, int images, int workers) throws IOException {
        if (all.size() == 1) {
            return;
        }
        double[] nanos = new double[all.size()];
        for (int level = 0; level < nanos.length; level++) {
            long least = Long.MAX_VALUE;
            for (int i = 0; i < TURNS; i++) {
                long begin = System.nanoTime();
                batch.compute(level);
                least = Math.min(least, System.nanoTime() - begin);
            }
            nanos[level] = (double) least / images;
        }
        rule = new DegradeRule(nanos, workers, target.toNanos(), System.nanoTime());
    }

    /**
     * Decides which net computes the next batch.
     *
     * @param waiting requests that have come and are not being computed
     * @return 0 for the largest
     */
    int next(int waiting) {
        DegradeRule now = rule;
        return now == null ? 0 : now.next(waiting, System.nanoTime());
    }

    /**
     * Learns from a batch.
     *
     * @param level which net computed it
     * @param requests in it
     * @param nanos that it took
     */
    void computed(int level, int requests, long nanos) {
        DegradeRule now = rule;
        if (now != null) {
            now.computed(level, requests, nanos);
        }
    }

    @Override
    public void close() {
        all.forEach(rung -> rung.net().close());
    }
}
