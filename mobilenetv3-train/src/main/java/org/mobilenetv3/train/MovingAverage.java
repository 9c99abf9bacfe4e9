package org.mobilenetv3.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.format.Tensor;

/**
 * The exponential moving average of a net's weights and running statistics: {@code average = d *
 * average + (1 - d) * net} after each step, with {@code d = min(decay, (1 + t) / (10 + t))} as
 * TensorFlow's {@code ExponentialMovingAverage} with its step count {@code t}, by which the first
 * steps are soon forgotten.
 */
final class MovingAverage implements AutoCloseable {

    private static final String AVERAGE = "average";
    private static final String STEPS = "average.steps";

    private final double decay;
    private final List<NDArray> net;
    private final List<NDArray> average;
    private final NDManager manager;
    private final TensorLists lists;
    private long steps;

    /** The average begins as the net stands. */
    MovingAverage(double decay, List<NDArray> net, NDManager parent) {
        this.decay = decay;
        this.net = net;
        manager = parent.newSubManager();
        lists = new TensorLists(manager);
        average = net.stream().map(a -> manager.zeros(a.getShape(), a.getDataType())).toList();
        lists.copy(average, net);
    }

    /** Takes in the net after a step. */
    void update() {
        lists.lerp(average, net, nextShare());
    }

    /** Takes in the net after a step with the second of two values on the device as its share. */
    void update(NDArray share) {
        lists.lerp(average, net, share);
    }

    /** Counts a step and gives the share of the net in the average after it. */
    double nextShare() {
        steps++;
        return 1 - Math.min(decay, (1.0 + steps) / (10.0 + steps));
    }

    /** Exchanges net and average: the net then computes with the average, until the next call. */
    void swap() {
        lists.swap(net, average);
    }

    List<NDArray> arrays() {
        return average;
    }

    /** The state, to go on later exactly from here: its step count and the averages. */
    Map<String, Tensor> state(List<String> names) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put(STEPS, Tensor.scalar(steps));
        all.putAll(TensorLists.named(names, AVERAGE, average));
        return all;
    }

    /**
     * Takes over what {@link #state} returned for the same net.
     *
     * @throws IOException if a tensor is missing or of another shape
     */
    void restore(List<String> names, Map<String, Tensor> saved) throws IOException {
        steps = (long) TensorLists.number(saved, STEPS);
        lists.restore(names, AVERAGE, average, saved);
    }

    @Override
    public void close() {
        lists.close();
        manager.close();
    }
}
