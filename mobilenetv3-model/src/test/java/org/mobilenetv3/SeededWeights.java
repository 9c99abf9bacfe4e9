package org.mobilenetv3;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;

/** The numbers that src/test/python/features.py gives weights and images. */
final class SeededWeights {

    private static final long MODULUS = 1L << 31;

    private SeededWeights() {}

    /** Around which number the values of a parameter lie, and how far from it at most. */
    record Spread(double scale, double shift) {

        /**
         * The rule of all golden files: weights keep the size of what passes, norms do a little.
         */
        static Spread of(String name, Shape shape) {
            if (shape.dimension() > 1) {
                return new Spread(Math.sqrt(4.5 / shape.slice(1).size()), 0);
            }
            if (name.endsWith("running_mean")) {
                return new Spread(0.1, 0);
            }
            if (name.endsWith("running_var")) {
                return new Spread(0.3, 1);
            }
            return name.endsWith("weight") ? new Spread(0.2, 1) : new Spread(0.05, 0);
        }
    }

    /** Fills a net's parameters by their place in PyTorch's state dict. */
    static void fill(MobileNetV3 net) {
        long place = 0;
        for (Pair<String, Parameter> entry : net.getParameters()) {
            place++;
            String name = entry.getKey();
            Shape shape = entry.getValue().getShape();
            Spread spread = Spread.of(name, shape);
            long offset = 829348951L * place % MODULUS;
            entry.getValue().getArray().set(values(shape, offset, spread.scale, spread.shift));
            if (name.endsWith("running_var")) {
                place++; // num_batches_tracked
            }
        }
    }

    static float[] image(Shape shape) {
        return values(shape, 424242, 0.5, 0.5);
    }

    private static float[] values(Shape shape, long offset, double scale, double shift) {
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            double u = (i * 1103515245L + offset) % MODULUS / (double) MODULUS;
            values[i] = (float) (shift + scale * (2 * u - 1));
        }
        return values;
    }
}
