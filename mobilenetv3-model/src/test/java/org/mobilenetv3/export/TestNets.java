package org.mobilenetv3.export;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3Config;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.zoo.ModelDescription;
import org.mobilenetv3.zoo.ModelPackage;
import org.mobilenetv3.zoo.Preprocessing;

/** Nets and packages whose running statistics are not the initial zeros and ones. */
final class TestNets {

    static final List<String> CLASSES = List.of("cat", "dog, \"the\" second", "Vögel");

    static final Normalization NORMALIZATION =
            new Normalization(new float[] {.4f, .5f, .6f}, new float[] {.2f, .3f, .4f});

    private TestNets() {}

    static Model model(MobileNetV3Config config) {
        TorchRuntime.start();
        Model model = Model.newInstance("net", "PyTorch");
        MobileNetV3 net = MobileNetV3.of(config, NORMALIZATION);
        model.setBlock(net);
        net.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, 32, 32));
        Random random = new Random(7);
        for (Pair<String, Parameter> p : net.getParameters()) {
            boolean variance = p.getKey().endsWith("running_var");
            if (variance || p.getKey().endsWith("running_mean")) {
                float[] values = new float[(int) p.getValue().getShape().size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = variance ? 0.2f + random.nextFloat() : random.nextFloat() - 0.5f;
                }
                p.getValue().getArray().set(values);
            }
        }
        return model;
    }

    static Path save(Path directory) throws IOException {
        return save(directory, MobileNetV3.small().optWidth(0.35).optClasses(3).config());
    }

    static Path save(Path directory, MobileNetV3Config config) throws IOException {
        return save(directory, config, CLASSES);
    }

    static Path save(Path directory, MobileNetV3Config config, List<String> classes)
            throws IOException {
        try (Model model = model(config)) {
            ModelPackage.save(
                    directory,
                    model,
                    ModelDescription.of(
                            config,
                            new Preprocessing(32, 40, NORMALIZATION),
                            Map.of("seed", 5, "dataset", "drawn")),
                    classes,
                    ModelPackage.Extra.NONE);
        }
        return directory;
    }

    /** What DJL computes, operation by operation. */
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

    static float[] pixels(long count, long seed) {
        Random random = new Random(seed);
        float[] x = new float[Math.toIntExact(count)];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextFloat();
        }
        return x;
    }
}
