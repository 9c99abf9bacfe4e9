package org.mobilenetv3.export;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
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
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;

/** Nets and packages whose running statistics are not the initial zeros and ones. */
public final class TestNets {

    public static final List<String> CLASSES = List.of("cat", "dog, \"the\" second", "Vögel");

    public static final Normalization NORMALIZATION =
            new Normalization(new float[] {.4f, .5f, .6f}, new float[] {.2f, .3f, .4f});

    private TestNets() {}

    /** The net with spatial squeeze and excitation in every block. */
    public static Architecture spatial(Architecture net) {
        return net.withBlocks(
                net.blocks().stream()
                        .<BlockSpec>map(row -> ((InvertedResidual.Spec) row).withSpatial(true))
                        .toList());
    }

    public static Model model(Architecture config) {
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

    public static Path save(Path directory) throws IOException {
        return save(directory, MobileNetV3.small().optWidth(0.35).optClasses(3).architecture());
    }

    public static Path save(Path directory, Architecture config) throws IOException {
        return save(directory, config, CLASSES);
    }

    public static Path save(Path directory, Architecture config, List<String> classes)
            throws IOException {
        try (Model model = model(config)) {
            return save(directory, model, config, classes);
        }
    }

    /** Saves a net whose answers depend on the image. */
    public static Path saveSettled(Path directory, Architecture config) throws IOException {
        try (Model model = settled(config)) {
            return save(directory, model, config, CLASSES);
        }
    }

    /** Saves a net with a preprocessing of its own. */
    public static Path save(
            Path directory, Architecture config, List<String> classes, Preprocessing input)
            throws IOException {
        try (Model model = model(config)) {
            NetDescription description =
                    new NetDescription(config, input, true, classes, Map.of("seed", 5));
            ModelPackage.save(directory, model, description, ModelPackage.Extra.NONE);
        }
        return directory;
    }

    private static Path save(Path directory, Model model, Architecture config, List<String> classes)
            throws IOException {
        ModelPackage.save(
                directory,
                model,
                new NetDescription(
                        config,
                        new Preprocessing(32, 40, NORMALIZATION),
                        true,
                        classes,
                        Map.of("seed", 5, "dataset", "drawn")),
                ModelPackage.Extra.NONE);
        return directory;
    }

    /** The same net each time, whose answers depend on the image. */
    public static Model settled(Architecture config) {
        TorchRuntime.start();
        Engine.getEngine("PyTorch").setRandomSeed(1);
        Model model = model(config);
        settle(model);
        return model;
    }

    /** Gives batch norm the statistics of images: what the net answers then depends on them. */
    private static void settle(Model model) {
        Shape shape = new Shape(32, 3, 48, 48);
        double momentum =
                Graph.trace(model.getBlock(), shape).nodes().stream()
                        .filter(node -> node.op() instanceof Op.BatchNorm)
                        .mapToDouble(node -> ((Op.BatchNorm) node.op()).momentum())
                        .findFirst()
                        .orElseThrow();
        List<NDArray> statistics =
                model.getBlock().getParameters().stream()
                        .filter(p -> p.getKey().contains("running_"))
                        .map(p -> p.getValue().getArray())
                        .toList();
        statistics.forEach(array -> array.set(new float[(int) array.size()]));
        try (NDManager scope = model.getNDManager().newSubManager()) {
            NDList x = new NDList(scope.create(patterns(32, 0), shape));
            model.getBlock().forward(new ParameterStore(scope, false), x, true).close();
        }
        for (NDArray array : statistics) { // 0 so far, and the share of one batch
            float[] values = array.toFloatArray();
            boolean variance = array.min().getFloat() >= 0;
            float least = variance ? array.mean().getFloat() : Float.NEGATIVE_INFINITY;
            for (int i = 0; i < values.length; i++) {
                // A channel that hardly varies would be all rounding, made large.
                values[i] = (float) (Math.max(values[i], least) / momentum);
            }
            array.set(values);
        }
    }

    /** Images of stripes in random colors, 48×48. */
    public static float[] patterns(int images, long seed) {
        Random random = new Random(seed);
        float[] x = new float[images * 3 * 48 * 48];
        float color = 0;
        for (int i = 0; i < x.length; i++) {
            color = i % (4 * 48) == 0 ? random.nextFloat() : color;
            x[i] = color;
        }
        return x;
    }

    /** What DJL computes, operation by operation. */
    public static float[] logits(Model model, float[] x, Shape shape) {
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

    public static float[] pixels(long count, long seed) {
        Random random = new Random(seed);
        float[] x = new float[Math.toIntExact(count)];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextFloat();
        }
        return x;
    }
}
