package org.mobilenetv3.train.latency;

import java.io.IOException;
import java.util.List;
import java.util.function.DoubleConsumer;

/** Measures units of a net. */
public interface UnitTimer extends AutoCloseable {

    /**
     * Measures all units of a net in turns, so that each finds the caches as in the net.
     *
     * @param net all units of a net
     * @param progress told the share that is done
     * @return milliseconds of each
     * @throws IOException in one sentence, if the runtime fails
     */
    double[] milliseconds(List<Unit> net, DoubleConsumer progress) throws IOException;

    @Override
    void close();
}
