package org.mobilenetv3.weights.onnx;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.io.IOException;
import java.util.Random;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.weights.NetWeights;

/** Nets to export and nets that were read. */
final class ImportedNet {

    private ImportedNet() {}

    /** A net whose running statistics are not the initial ones. */
    static Model random(Architecture config, Normalization normalization) {
        Model model =
                model(
                        normalization == null
                                ? MobileNetV3.of(config)
                                : MobileNetV3.of(config, normalization));
        Random random = new Random(7);
        for (Pair<String, Parameter> p : model.getBlock().getParameters()) {
            boolean variance = p.getKey().endsWith("running_var");
            if (variance || p.getKey().endsWith("running_mean") || p.getKey().endsWith("bias")) {
                float[] values = new float[(int) p.getValue().getShape().size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = variance ? 0.3f + random.nextFloat() : random.nextFloat() - 0.5f;
                }
                p.getValue().getArray().set(values);
            }
        }
        return model;
    }

    static Model of(NetWeights read) throws IOException {
        Model model = model(MobileNetV3.of(read.architecture()));
        for (Pair<String, Parameter> p : model.getBlock().getParameters()) {
            p.getValue().getArray().set(read.tensors().get(p.getKey()).floats());
        }
        return model;
    }

    private static Model model(MobileNetV3 net) {
        TorchRuntime.start();
        Model model = Model.newInstance("net", "PyTorch");
        model.setBlock(net);
        int channels = net.architecture().inputChannels();
        net.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, channels, 64, 64));
        return model;
    }

    static float[] logits(Model model, float[] x, Shape shape) {
        try (NDArray input = model.getNDManager().create(x, shape)) {
            return model.getBlock()
                    .forward(
                            new ParameterStore(model.getNDManager(), false),
                            new NDList(input),
                            false)
                    .singletonOrThrow()
                    .toFloatArray();
        }
    }

    /** The largest difference, as a share of the largest expected value. */
    static double difference(float[] actual, double[] expected) {
        double largest = 0;
        double worst = actual.length == expected.length ? 0 : Double.NaN;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            double difference = Math.abs(actual[i] - expected[i]);
            worst = difference <= worst ? worst : difference; // NaN stays
        }
        return worst / largest;
    }

    static double difference(float[] actual, float[] expected) {
        double[] wide = new double[expected.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = expected[i];
        }
        return difference(actual, wide);
    }
}
