package org.mobilenetv3.train.cost;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.Locale;
import java.util.OptionalDouble;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.LayerCost;

/** What one image costs a net, and how it is written. */
public interface Cost extends AutoCloseable {

    /**
     * Computes or looks up the cost.
     *
     * @param net the architecture
     * @return in the cost's unit
     * @throws IOException if it has to be measured and cannot be
     */
    double of(Architecture net) throws IOException;

    /**
     * Writes a cost for people.
     *
     * @param cost in the cost's unit
     * @return for instance {@code 2.9 M multiply-adds}
     */
    String text(double cost);

    /**
     * Measures a net, where that can be done.
     *
     * @param net the architecture
     * @return its cost as measured, or nothing if {@link #of} is exact
     * @throws IOException if it cannot be measured
     */
    default OptionalDouble measured(Architecture net) throws IOException {
        return OptionalDouble.empty();
    }

    /**
     * Takes nets as they are with another stem: those for small images do not halve them at once,
     * as those for large ones do.
     *
     * @param stride of the first convolution
     * @return the same cost, of nets with that stride
     */
    default Cost withStemStride(int stride) {
        Cost whole = this;
        return new Cost() {
            @Override
            public double of(Architecture net) throws IOException {
                return whole.of(net.withStemStride(stride));
            }

            @Override
            public OptionalDouble measured(Architecture net) throws IOException {
                return whole.measured(net.withStemStride(stride));
            }

            @Override
            public String text(double cost) {
                return whole.text(cost);
            }

            @Override
            public void close() {
                whole.close();
            }
        };
    }

    @Override
    default void close() {}

    /**
     * Counts multiply-adds of convolutions and linear layers.
     *
     * @param height of the images
     * @param width of the images
     * @return the cost
     */
    static Cost multiplyAdds(int height, int width) {
        return new Cost() {
            @Override
            public double of(Architecture net) {
                return layers(net, height, width);
            }

            @Override
            public String text(double cost) {
                return String.format(Locale.ROOT, "%,.2f M multiply-adds", cost / 1e6);
            }
        };
    }

    /**
     * Counts parameters that learn.
     *
     * @return the cost
     */
    static Cost parameters() {
        return new Cost() {
            @Override
            public double of(Architecture net) {
                return Cost.parameters(net);
            }

            @Override
            public String text(double cost) {
                return String.format(Locale.ROOT, "%,.0f parameters", cost);
            }
        };
    }

    private static long layers(Architecture net, int height, int width) {
        Shape input = new Shape(1, net.inputChannels(), height, width);
        return Graph.trace(MobileNetV3.of(net), input).cost().stream()
                .mapToLong(LayerCost::multiplyAdds)
                .sum();
    }

    /**
     * Counts parameters that learn.
     *
     * @param net the architecture
     * @return how many
     */
    static long parameters(Architecture net) {
        int side = net.minimumInputSize();
        Shape input = new Shape(1, net.inputChannels(), side, side);
        return Graph.trace(MobileNetV3.of(net), input).cost().stream()
                .mapToLong(LayerCost::parameters)
                .sum();
    }
}
