package org.mobilenetv3.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;

/**
 * The exponential moving average of a net's weights and running statistics: {@code average = d *
 * average + (1 - d) * net} after each step, with {@code d = min(decay, (1 + t) / (10 + t))} as
 * TensorFlow's {@code ExponentialMovingAverage} with its step count {@code t}, by which the first
 * steps are soon forgotten.
 */
final class MovingAverage implements AutoCloseable {

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

    void save(DataOutputStream out) throws IOException {
        out.writeLong(steps);
        TensorLists.write(out, average);
    }

    void load(DataInputStream in) throws IOException {
        steps = in.readLong();
        lists.read(in, average, "average");
    }

    @Override
    public void close() {
        lists.close();
        manager.close();
    }
}
