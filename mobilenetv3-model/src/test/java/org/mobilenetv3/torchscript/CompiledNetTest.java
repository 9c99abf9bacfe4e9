package org.mobilenetv3.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.Pair;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.Presets;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.graph.UntraceableException;
import org.mobilenetv3.nn.ConvBlock;
import org.mobilenetv3.nn.Conventions;
import org.mobilenetv3.nn.Gate;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.nn.Norm;
import org.mobilenetv3.nn.ResidualBlock;
import org.mobilenetv3.nn.SpatialSqueezeExcitation;
import org.mobilenetv3.runtime.TorchRuntime;

/** The compiled net against the same blocks run operation by operation. */
class CompiledNetTest {

    private static final Conventions TF = Presets.of("tf_mobilenetv3_small_100").conventions();

    private NDManager manager;
    private ParameterStore store;

    @BeforeEach
    void start() {
        TorchRuntime.start();
        JniUtils.setGradMode(false);
        manager = NDManager.newBaseManager("PyTorch");
        store = new ParameterStore(manager, false);
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    /** Blocks and image sizes that meet every kind of kernel. */
    static Stream<Arguments> cases() {
        List<String> all =
                List.of(
                        "inverted 5",
                        "inverted 3 strided",
                        "inverted 3 rows strided",
                        "inverted 5 dilated",
                        "same 3 strided",
                        "same 5 rows strided",
                        "paddle gate",
                        "spatial gate",
                        "both gates strided",
                        "residual 3 strided",
                        "residual 5",
                        "grouped");
        return Stream.of(
                        Map.entry(new Kernels(true, false), all),
                        Map.entry(new Kernels(true, true), all),
                        // As on a GPU; oneDNN's strided 1×1 kernel corrupts memory on a CPU.
                        Map.entry(new Kernels(false, false), all.subList(0, 9)))
                .flatMap(
                        entry ->
                                entry.getValue().stream()
                                        .flatMap(
                                                name ->
                                                        Stream.of(1L, 2L, 3L, 4L, 9L, 18L)
                                                                .map(
                                                                        size ->
                                                                                Arguments.of(
                                                                                        name,
                                                                                        size,
                                                                                        entry
                                                                                                .getKey()))));
    }

    private static Block block(String name) {
        return switch (name) {
            case "inverted 5" ->
                    new InvertedResidual(
                            8,
                            InvertedResidual.Spec.of(8, 5, 24, 8, 8, Nonlinearity.HARD_SWISH, 1),
                            Conventions.TORCHVISION);
            case "inverted 3 strided" ->
                    new InvertedResidual(
                            8,
                            InvertedResidual.Spec.of(8, 3, 24, 16, 0, Nonlinearity.RELU, 2),
                            Conventions.TORCHVISION);
            case "inverted 3 rows strided" ->
                    new InvertedResidual(
                            8,
                            new InvertedResidual.Spec(
                                    3,
                                    8,
                                    16,
                                    2,
                                    false,
                                    Nonlinearity.HARD_SWISH,
                                    2,
                                    1,
                                    1,
                                    true,
                                    false),
                            Conventions.TORCHVISION.withNorm(Norm.PYTORCH));
            case "inverted 5 dilated" ->
                    new InvertedResidual(
                            8,
                            new InvertedResidual.Spec(
                                    5, 24, 8, 6, false, Nonlinearity.RELU6, 1, 1, 2, true, true),
                            Conventions.TORCHVISION);
            case "same 3 strided" ->
                    new InvertedResidual(
                            8,
                            InvertedResidual.Spec.of(8, 3, 24, 16, 8, Nonlinearity.RELU6, 2),
                            TF);
            case "same 5 rows strided" ->
                    new InvertedResidual(
                            8,
                            new InvertedResidual.Spec(
                                    5,
                                    24,
                                    16,
                                    0,
                                    false,
                                    Nonlinearity.HARD_SWISH,
                                    2,
                                    1,
                                    1,
                                    true,
                                    false),
                            TF);
            case "spatial gate" ->
                    new InvertedResidual(
                            8,
                            InvertedResidual.Spec.of(8, 5, 24, 8, 0, Nonlinearity.RELU, 1)
                                    .withSpatial(true),
                            Conventions.TORCHVISION);
            case "both gates strided" ->
                    new InvertedResidual(
                            8,
                            InvertedResidual.Spec.of(8, 3, 24, 16, 8, Nonlinearity.HARD_SWISH, 2)
                                    .withSpatial(true),
                            Conventions.TORCHVISION);
            case "paddle gate" ->
                    new InvertedResidual(
                            8,
                            InvertedResidual.Spec.of(8, 5, 24, 8, 8, Nonlinearity.HARD_SWISH, 1),
                            Conventions.TORCHVISION.withGate(Gate.PADDLE));
            case "residual 3 strided" -> article(8, 12, 3, 3, 2);
            case "residual 5" -> article(8, 8, 5, 0, 1);
            default -> ConvBlock.builder(8, 12, 1).optGroups(2).optStride(2).build();
        };
    }

    private static Block article(int in, int out, int kernel, int squeeze, int stride) {
        ResidualBlock.Spec row = new ResidualBlock.Spec(kernel, out, out, squeeze, stride);
        return new ResidualBlock(in, row, Conventions.ARTICLE);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputsGradientsAndStatisticsAreThoseOfTheOperations(
            String name, long size, Kernels kernels) {
        Shape shape = new Shape(5, 8, size, size);
        Block net = block(name);
        fill(net, shape);
        assertSame(net, manager.randomNormal(shape), new CompiledNet(net, null, d -> kernels));
    }

    private void assertSame(Block net, NDArray x, CompiledNet compiled) {
        assertClose("inference", compiled.forward(store, x, false), operations(net, x, false));

        Map<String, float[]> before = parameters(net);
        Map<String, float[]> expected = learn(net, () -> operations(net, x, true));
        restore(net, before);
        Map<String, float[]> actual = learn(net, () -> compiled.forward(store, x, true));
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((key, values) -> assertClose(key, actual.get(key), values));
        assertClose("renewed", compiled.forward(store, x, false), operations(net, x, false));
    }

    /** One matrix of all taps; the last two images are too large for it, or lack taps. */
    @ParameterizedTest
    @CsvSource({
        "2, 2, 3, 3, 1, 1, 1, 1",
        "3, 1, 5, 3, 2, 1, 1, 1",
        "1, 4, 1, 7, 0, 3, 1, 1",
        "1, 4, 3, 7, 1, 3, 1, 2",
        "4, 2, 5, 3, 2, 1, 2, 1",
        "3, 2, 5, 3, 2, 1, 1, 1",
        "3, 1, 3, 3, 1, 1, 1, 1"
    })
    void denseKernelsOnFewPixelsAreThemselves(
            int height, int width, int rows, int columns, int top, int left, int down, int right) {
        Block net =
                Conv2d.builder()
                        .setFilters(7)
                        .setKernelShape(new Shape(rows, columns))
                        .optPadding(new Shape(top, left))
                        .optStride(new Shape(down, right))
                        .build();
        Shape shape = new Shape(5, 6, height, width);
        net.initialize(manager, DataType.FLOAT32, shape);
        Kernels kernels = new Kernels(true, TorchRuntime.capped());
        assertSame(net, manager.randomNormal(shape), new CompiledNet(net, null, d -> kernels));
    }

    @ParameterizedTest
    @CsvSource({"8, true", "9, true", "8, false", "9, false"})
    void djlsOwnLayersAreCompiledToo(long size, boolean processor) {
        Shape shape = new Shape(3, 8, size, size);
        Block net =
                new SequentialBlock()
                        .add(
                                Conv2d.builder()
                                        .setFilters(8)
                                        .setKernelShape(new Shape(3, 2))
                                        .optPadding(new Shape(2, 1))
                                        .optDilation(new Shape(2, 1))
                                        .optGroups(2)
                                        .build())
                        .add(BatchNorm.builder().build())
                        .add(Activation.relu6Block())
                        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
                        .add(Activation.swishBlock(1f))
                        .add(Pool.avgPool2dBlock(new Shape(3, 3), new Shape(2, 2), new Shape(1, 1)))
                        .add(Activation.tanhBlock())
                        .add(Blocks.batchFlattenBlock())
                        .add(Linear.builder().setUnits(5).build())
                        .add(Activation.sigmoidBlock());
        net.initialize(manager, DataType.FLOAT32, shape);
        // On a GPU average pools go channel by channel.
        Kernels kernels = new Kernels(processor, TorchRuntime.capped());
        NDArray x = manager.randomUniform(-4, 4, shape);
        assertSame(net, x, new CompiledNet(net, null, d -> kernels));
    }

    @Test
    void imagesOfAllSizesAreInferredByOneProgramIfThatIsWanted() {
        MobileNetV3 net = MobileNetV3.of(Presets.of("lraspp_small", 0.35).withClasses(4));
        net.setExecution(Execution.EAGER);
        net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 32, 32));
        CompiledNet any = new CompiledNet(net, null, true);
        CompiledNet each = new CompiledNet(net, null);
        for (Shape shape :
                List.of(
                        new Shape(1, 3, 32, 32),
                        new Shape(2, 3, 50, 33),
                        new Shape(1, 3, 16, 260))) {
            NDArray x = manager.randomUniform(0, 1, shape);
            float[] expected =
                    net.forward(store, new NDList(x), false).singletonOrThrow().toFloatArray();
            assertThat(any.forward(store, x, false).toFloatArray())
                    .containsExactly(expected, within(1e-4f));
            assertThat(each.forward(store, x, false).toFloatArray())
                    .containsExactly(expected, within(1e-4f));
        }
        assertThat(any.inferencePrograms()).isEqualTo(1);
        assertThat(each.inferencePrograms()).isEqualTo(3);
    }

    @Test
    void oneCallGivesLossLogitsAndEveryGradient() {
        MobileNetV3 net = net(Execution.COMPILED);
        NDArray x = manager.randomNormal(new Shape(4, 3, 32, 32));
        NDArray targets = manager.zeros(new Shape(4, 10)).add(-0.025f);
        Map<String, float[]> before = parameters(net);
        Map<String, float[]> expected =
                learn(
                        net,
                        () ->
                                net.forward(store, new NDList(x), true)
                                        .singletonOrThrow()
                                        .logSoftmax(1)
                                        .mul(targets));
        restore(net, before);
        CompiledNet.Learned learned = net.compiled().get().learn(store, x, targets);
        assertThat(JniUtils.isGradMode()).isFalse();
        assertThat(learned.loss().getFloat()).isCloseTo(sum(expected.get("output")), within(1e-5f));
        int i = 0;
        for (Pair<String, Parameter> p : net.getParameters()) {
            if (p.getValue().requiresGradient()) {
                assertClose(
                        p.getKey(),
                        learned.gradients().get(i++).toFloatArray(),
                        expected.get("gradient of " + p.getKey()));
            }
        }
        assertThat(learned.gradients()).hasSize(i);
    }

    @Test
    void inferenceNoticesEveryChangeOfAParameter() {
        MobileNetV3 net = net(Execution.COMPILED);
        NDArray x = manager.randomNormal(new Shape(2, 3, 32, 32));
        Parameter bias = net.getParameters().get("classifier.3.bias");
        float[] first = infer(net, x);
        assertThat(infer(net, x)).isEqualTo(first);

        bias.getArray().addi(1);
        assertThat(infer(net, x)[0]).isCloseTo(first[0] + 1, within(1e-5f));
        bias.getArray().set(new float[10]);
        assertThat(infer(net, x)[0]).isCloseTo(first[0], within(1e-5f));
        net.forward(store, new NDList(x), true).close(); // moves the running statistics
        assertThat(infer(net, x)).isNotEqualTo(first);
        net.setExecution(Execution.EAGER);
        float[] expected = infer(net, x);
        net.setExecution(Execution.COMPILED);
        assertClose("after training", infer(net, x), expected);
    }

    @Test
    void threadsInferSideBySide() throws Exception {
        MobileNetV3 net = net(Execution.COMPILED);
        NDArray x = manager.randomNormal(new Shape(1, 3, 32, 32));
        float[] pixels = x.toFloatArray();
        float[] expected = infer(net, x);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            Callable<float[]> task =
                    () -> {
                        try (NDManager own = manager.newSubManager()) {
                            return infer(net, own.create(pixels, new Shape(1, 3, 32, 32)));
                        }
                    };
            for (Future<float[]> result : pool.invokeAll(java.util.Collections.nCopies(40, task))) {
                assertThat(result.get()).isEqualTo(expected);
            }
        } finally {
            pool.shutdown();
        }
    }

    @Test
    void djlsOwnTrainerTrainsTheCompiledNet() {
        try (Model model = Model.newInstance("net", "PyTorch")) {
            MobileNetV3 net =
                    MobileNetV3.small().optClasses(10).optWidth(0.35).optDropout(0f).build();
            model.setBlock(net);
            var config =
                    new DefaultTrainingConfig(ai.djl.training.loss.Loss.softmaxCrossEntropyLoss())
                            .optOptimizer(
                                    Optimizer.adam()
                                            .optLearningRateTracker(Tracker.fixed(0.01f))
                                            .build());
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(1, 3, 32, 32));
                NDManager own = trainer.getManager();
                NDArray x = own.randomNormal(new Shape(8, 3, 32, 32));
                NDArray labels = own.create(new float[] {0, 1, 2, 3, 4, 5, 6, 7});
                float first = 0;
                float last = 0;
                for (int i = 0; i < 12; i++) {
                    try (GradientCollector collector = trainer.newGradientCollector()) {
                        NDList logits = trainer.forward(new NDList(x));
                        NDArray loss = trainer.getLoss().evaluate(new NDList(labels), logits);
                        collector.backward(loss);
                        last = loss.getFloat();
                        first = i == 0 ? last : first;
                    }
                    trainer.step();
                }
                assertThat(last).isLessThan(first / 2);
            }
        }
    }

    @Test
    void sixteenBitsStayCloseToThirtyTwo() {
        MobileNetV3 net = net(Execution.COMPILED);
        NDArray x = manager.randomNormal(new Shape(4, 3, 32, 32));
        float[] exact = infer(net, x);
        float[] half = infer(net.setExecution(Execution.BF16), x);
        assertThat(half).isNotEqualTo(exact);
        float largest = 0;
        for (float v : exact) {
            largest = Math.max(largest, Math.abs(v));
        }
        for (int i = 0; i < half.length; i++) {
            assertThat(half[i]).isCloseTo(exact[i], within(0.05f * largest));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "BF16, 1, 0.1, false, false",
        "FP16, 1, 0.02, false, false",
        "FP16, 1024, 0.02, false, false",
        "BF16, 1, 0.1, true, false",
        "FP16, 1024, 0.02, true, false",
        "BF16, 1, 0.1, false, true",
        "FP16, 1024, 0.02, false, true"
    })
    void sixteenBitsLearnWhatThirtyTwoDo(
            Execution execution, float scale, float tolerance, boolean teacher, boolean spatial) {
        Block first = spatial ? new SpatialSqueezeExcitation(3) : article(3, 8, 3, 2, 2);
        Block net = new SequentialBlock().add(first).add(linear());
        Shape shape = new Shape(8, 3, 12, 12);
        fill(net, shape);
        NDArray x = manager.randomNormal(shape);
        NDArray targets = manager.create(new float[40], new Shape(8, 5));
        targets.set(new NDIndex(":, 2"), -0.125f);
        List<NDArray> taught =
                List.of(
                        targets,
                        manager.randomNormal(new Shape(8, 5)).mul(3).logSoftmax(1),
                        manager.full(new Shape(), 2f),
                        manager.full(new Shape(), 4f));
        CompiledNet whole = new CompiledNet(net, null);
        NDList expected = whole.learn(store, x, targets).gradients();
        if (teacher) { // the same net, now with another term
            NDList plain = expected;
            expected = whole.learn(store, x, Loss.DISTILLATION, taught, null).gradients();
            assertThat(expected.get(0).toFloatArray()).isNotEqualTo(plain.get(0).toFloatArray());
        }
        CompiledNet half = new CompiledNet(net, Precision.valueOf(execution.name()));
        NDArray factor = half.wantsScale() ? manager.create(scale) : null;
        CompiledNet.Learned learned =
                teacher
                        ? half.learn(store, x, Loss.DISTILLATION, taught, factor)
                        : half.learn(store, x, Loss.CLASSES, List.of(targets), factor);
        for (int i = 0; i < expected.size(); i++) {
            NDArray gradient = learned.gradients().get(i);
            assertThat(gradient.getDataType()).isEqualTo(DataType.FLOAT32);
            float[] exact = expected.get(i).toFloatArray();
            float[] scaled = gradient.toFloatArray();
            float largest = 1e-4f;
            for (float v : exact) {
                largest = Math.max(largest, Math.abs(v));
            }
            for (int j = 0; j < exact.length; j++) {
                assertThat(scaled[j] / scale)
                        .as("gradient %d", i)
                        .isCloseTo(exact[j], within(tolerance * largest));
            }
        }
    }

    private static Block linear() {
        return new SequentialBlock()
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(5).build());
    }

    @Test
    void aBlockThatCannotBeTracedIsNamed() {
        Block net =
                new SequentialBlock()
                        .add(Activation.reluBlock())
                        .add(LayerNorm.builder().axis(1).build());
        Shape shape = new Shape(1, 3, 4, 4);
        net.initialize(manager, DataType.FLOAT32, shape);
        assertThatThrownBy(
                        () -> new CompiledNet(net, null).forward(store, manager.ones(shape), false))
                .isInstanceOf(UntraceableException.class)
                .hasMessageContaining("LayerNorm");
    }

    @Test
    void imagesOfAnotherShapeAreRefusedInASentence() {
        MobileNetV3 net = net(Execution.COMPILED);
        NDArray gray = manager.zeros(new Shape(1, 1, 32, 32));
        assertThatThrownBy(() -> net.forward(store, new NDList(gray), false))
                .hasMessageContaining("(N, 3, H, W)");
    }

    private MobileNetV3 net(Execution execution) {
        MobileNetV3 net = MobileNetV3.small().optClasses(10).optWidth(0.35).optDropout(0f).build();
        fill(net, new Shape(1, 3, 32, 32));
        return net.setExecution(execution);
    }

    /** Batch norm's parameters away from 1 and 0, so that folding them shows. */
    private void fill(Block net, Shape shape) {
        manager.getEngine().setRandomSeed(7);
        net.initialize(manager, DataType.FLOAT32, shape);
        for (Pair<String, Parameter> p : net.getParameters()) {
            NDArray array = p.getValue().getArray();
            if (p.getKey().contains("running_") || p.getKey().matches(".*(bn|\\.1)\\.weight")) {
                array.addi(manager.randomUniform(0.1f, 0.9f, array.getShape()));
            }
        }
    }

    private NDArray operations(Block net, NDArray x, boolean training) {
        return net.forward(store, new NDList(x), training).singletonOrThrow();
    }

    private float[] infer(Block net, NDArray x) {
        return net.forward(new ParameterStore(x.getManager(), false), new NDList(x), false)
                .singletonOrThrow()
                .toFloatArray();
    }

    /** Output, gradients of its weighted sum, and running statistics. */
    private Map<String, float[]> learn(Block net, java.util.function.Supplier<NDArray> forward) {
        Map<String, float[]> all = new LinkedHashMap<>();
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            NDArray y = forward.get();
            collector.backward(net instanceof MobileNetV3 ? y.sum() : y.mul(weights(y)).sum());
            all.put("output", y.toFloatArray());
        }
        for (Pair<String, Parameter> p : net.getParameters()) {
            NDArray array = p.getValue().getArray();
            if (p.getValue().requiresGradient()) {
                all.put("gradient of " + p.getKey(), array.getGradient().toFloatArray());
            } else {
                all.put(p.getKey(), array.toFloatArray());
            }
        }
        return all;
    }

    /** What a sum of batch norm's outputs must be weighted with for its gradient not to vanish. */
    private NDArray weights(NDArray y) {
        float[] values = new float[Math.toIntExact(y.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i * 1.7 + 1);
        }
        return manager.create(values, y.getShape());
    }

    private static Map<String, float[]> parameters(Block net) {
        Map<String, float[]> all = new LinkedHashMap<>();
        net.getParameters()
                .forEach(p -> all.put(p.getKey(), p.getValue().getArray().toFloatArray()));
        return all;
    }

    private static void restore(Block net, Map<String, float[]> values) {
        for (Pair<String, Parameter> p : net.getParameters()) {
            NDArray array = p.getValue().getArray();
            array.set(values.get(p.getKey()));
            if (p.getValue().requiresGradient()) {
                JniUtils.zeroGrad((ai.djl.pytorch.engine.PtNDArray) array);
            }
        }
    }

    private static float sum(float[] values) {
        double sum = 0;
        for (float v : values) {
            sum += v;
        }
        return (float) sum;
    }

    private static void assertClose(String what, NDArray actual, NDArray expected) {
        assertThat(actual.getShape()).as(what).isEqualTo(expected.getShape());
        assertClose(what, actual.toFloatArray(), expected.toFloatArray());
    }

    private static void assertClose(String what, float[] actual, float[] expected) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        float largest = 1e-3f;
        for (float v : expected) {
            largest = Math.max(largest, Math.abs(v));
        }
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i])
                    .as("%s, value %d of %d", what, i, actual.length)
                    .isCloseTo(expected[i], within(2e-4f * largest));
        }
    }
}
