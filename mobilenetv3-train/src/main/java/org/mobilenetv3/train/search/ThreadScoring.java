package org.mobilenetv3.train.search;

import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.supernet.Candidate;
import org.mobilenetv3.trained.PackageNet;

/** Scores candidates in this process, each on one thread. */
final class ThreadScoring implements Scoring {

    private final int threadsBefore = JniUtils.getNumThreads();
    private final ExecutorService threads;
    private final BlockingQueue<Scorer> idle = new LinkedBlockingQueue<>();

    /**
     * Prepares.
     *
     * @param settings of the search
     * @param supernet trained; the caller closes it
     * @param data images at its input size
     * @param count how many to score at a time
     */
    ThreadScoring(SearchSettings settings, PackageNet supernet, Splits data, int count) {
        JniUtils.setNumThreads(1); // before the threads ask for it
        threads = Executors.newFixedThreadPool(count);
        for (int i = 0; i < count; i++) {
            idle.add(new Scorer(settings, supernet, data));
        }
    }

    @Override
    public List<Future<Scored>> begin(
            List<Candidate> generation, Evolution evolution, boolean random, BooleanSupplier stop)
            throws IOException {
        List<Future<Scored>> begun = new ArrayList<>();
        for (Candidate candidate : generation) {
            double cost = evolution.of(candidate);
            begun.add(
                    threads.submit(
                            () -> {
                                Scorer scorer = idle.take();
                                try {
                                    return scorer.score(candidate, cost, random, stop);
                                } finally {
                                    idle.add(scorer);
                                }
                            }));
        }
        return begun;
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            threads.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        idle.forEach(Scorer::close);
        JniUtils.setNumThreads(threadsBefore);
    }
}
