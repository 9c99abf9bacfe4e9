package org.mobilenetv3.serve.http;

import java.time.Duration;
import java.util.List;
import org.mobilenetv3.trained.TrainedNet;

/**
 * The nets of a version: the one that is served, and cheaper ones that take its place while the
 * queue is long.
 *
 * @param all the largest first; all take the same images and know the same classes
 * @param target how long a request may wait before a cheaper net takes over
 */
record Rungs(List<Rung> all, Duration target) implements AutoCloseable {

    /**
     * One of the nets.
     *
     * @param name a subnet's, told in answers; null where there is no other net
     * @param net computes
     */
    record Rung(String name, TrainedNet net) {}

    /** One net alone. */
    static Rungs of(TrainedNet net) {
        return new Rungs(List.of(new Rung(null, net)), Duration.ZERO);
    }

    TrainedNet largest() {
        return all.get(0).net();
    }

    boolean single() {
        return all.size() == 1;
    }

    @Override
    public void close() {
        all.forEach(rung -> rung.net().close());
    }
}
