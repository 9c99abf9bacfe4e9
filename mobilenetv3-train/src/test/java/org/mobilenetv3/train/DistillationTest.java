package org.mobilenetv3.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.util.Pair;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.torchscript.Loss;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.imagenet.Synsets;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.recipe.UpdateRule;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.train.task.CrossEntropy;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;

/** Golden figures: src/test/python/distillation.py. */
class DistillationTest {

    private static final List<String> CLASSES = List.of("a", "b", "c", "d", "e");
    private static final int IMAGES = 6;

    @TempDir private Path temporary;

    private final List<Model> models = new ArrayList<>();

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    @AfterEach
    void stop() {
        models.forEach(Model::close);
    }

    private Model model() {
        Model model = Model.newInstance("net", Device.cpu(), "PyTorch");
        models.add(model);
        return model;
    }

    /** A linear net of one image for each row of logits: its weight's gradient is the logits'. */
    @ParameterizedTest
    @EnumSource(names = {"COMPILED", "EAGER"})
    void lossAndGradientOfTheLogitsEqualPyTorchs(Execution execution) throws IOException {
        JsonObject golden = Golden.distillation();
        double[] logits = flat(golden.getAsJsonArray("logits"));
        double[] answers = flat(golden.getAsJsonArray("teacher"));
        Block net =
                new SequentialBlock()
                        .add(Blocks.batchFlattenBlock())
                        .add(Linear.builder().setUnits(3).build());
        Replica compiled = Replica.of(model(), net, new Shape(1, 1, 2, 2), 1);
        Replica replica =
                execution == Execution.COMPILED
                        ? compiled
                        : new Replica(compiled.model(), net, Optional.empty(), 3);
        replica.arrays().get(0).set(floats(transposed(logits, 4, 3)));
        replica.arrays().get(1).set(new float[3]);
        NDManager manager = replica.manager();
        for (JsonElement element : golden.getAsJsonArray("losses")) {
            JsonObject expected = element.getAsJsonObject();
            float t = expected.get("temperature").getAsFloat();
            float distill = expected.get("distill").getAsFloat();
            CrossEntropy criterion =
                    new CrossEntropy(
                            3,
                            expected.get("smoothing").getAsDouble(),
                            expected.get("weights").isJsonNull()
                                    ? null
                                    : floats(Golden.numbers(expected.getAsJsonArray("weights"))),
                            1 - distill);
            float[] targets =
                    criterion.targets(
                            new long[] {2, 1, 0, 1},
                            new long[] {1, 2, 1, 0},
                            expected.get("share").getAsDouble());
            try (NDManager scope = manager.newSubManager()) {
                NDArray logs = scope.create(floats(answers), new Shape(4, 3)).div(t).logSoftmax(1);
                Learned learned =
                        replica.learn(
                                scope.eye(4).reshape(4, 1, 2, 2),
                                Loss.DISTILLATION,
                                List.of(
                                        scope.create(targets, new Shape(4, 3)),
                                        logs,
                                        scope.full(new Shape(), distill * t * t / 4),
                                        scope.full(new Shape(), t)),
                                null);
                assertThat((double) learned.loss().getFloat())
                        .isCloseTo(expected.get("loss").getAsDouble(), within(2e-6));
                assertThat(doubles(learned.gradients().get(0)))
                        .containsExactly(
                                transposed(
                                        Golden.numbers(expected.getAsJsonArray("gradient")), 4, 3),
                                within(1e-6));
            }
        }
    }

    /** A student and a teacher of other sizes, channels and normalizations. */
    @ParameterizedTest
    @CsvSource({"0, COMPILED", "1, COMPILED", "2, COMPILED", "0, EAGER", "1, EAGER"})
    void aStepOfANetWithATeacherEqualsPyTorchs(int which, Execution execution) throws IOException {
        JsonObject golden =
                Golden.distillation().getAsJsonArray("steps").get(which).getAsJsonObject();
        int side = golden.get("side").getAsInt();
        int channels = golden.get("channels").getAsInt();
        Preprocessing input = input(side, channels, 0.5f, 0.25f);
        Recipe recipe =
                recipe(golden.get("distill").getAsDouble())
                        .with(RecipeKey.TEMPERATURE, golden.get("temperature").getAsDouble());
        MobileNetV3 net =
                MobileNetV3.of(architecture(channels), input.normalization())
                        .setExecution(execution);
        Replica student = Replica.of(model(), net, new Shape(1, channels, side, side), 1, null);
        fill(net);
        Path file =
                save(
                        input(
                                golden.get("teacherSide").getAsInt(),
                                golden.get("teacherChannels").getAsInt(),
                                0.25f,
                                0.5f));
        try (Teacher teacher = open(file, input, recipe, execution);
                BatchLoader loader = loader(channels, side, IMAGES);
                Batch batch = loader.epoch(0).iterator().next();
                NDManager scope = student.manager().newSubManager()) {
            NDArray x = batch.toTensor(scope, 0, IMAGES);
            double t = golden.get("temperature").getAsDouble();
            assertThat(doubles(teacher.answers(x)))
                    .containsExactly(
                            logSoftmax(Golden.numbers(golden.getAsJsonArray("answers")), t),
                            within(3e-5));
            List<NDArray> targets =
                    new CrossEntropy(5, 0.1, null, 1 - golden.get("distill").getAsDouble())
                            .targets(scope, batch, 0, IMAGES);
            Learned learned = teacher.teach(student, x, targets, IMAGES, null);
            assertThat((double) learned.loss().getFloat())
                    .isCloseTo(golden.get("loss").getAsDouble(), within(2e-5));
            JsonObject gradients = golden.getAsJsonObject("gradients");
            int at = 0;
            for (Pair<String, Parameter> p : net.getParameters()) {
                if (p.getValue().requiresGradient()) {
                    double[] expected = Golden.numbers(gradients.getAsJsonArray(p.getKey()));
                    assertGradient(p.getKey(), doubles(learned.gradients().get(at++)), expected);
                }
            }
            assertThat(at).isEqualTo(gradients.size()).isEqualTo(learned.gradients().size());
        }
    }

    private static void assertGradient(String name, double[] gradient, double[] expected) {
        double[] formula = formula(gradient.length, 1);
        double norm = Math.sqrt(Arrays.stream(gradient).map(g -> g * g).sum());
        double product =
                IntStream.range(0, gradient.length)
                        .mapToDouble(i -> gradient[i] * formula[i])
                        .sum();
        // Rounding of float32 under a batch norm of six images.
        double allowed = 2e-3 * expected[0] + 2e-5;
        assertThat(norm).as(name).isCloseTo(expected[0], within(allowed));
        assertThat(product).as(name).isCloseTo(expected[1], within(allowed));
    }

    /** Without batch norm the parts of a batch are no different from the whole. */
    @ParameterizedTest
    @CsvSource({"1, 4", "2, 1", "3, 2"})
    void replicasAndPartsLearnFromTheTeacherWhatOneDeviceLearns(int replicas, int parts)
            throws IOException {
        Recipe recipe =
                recipe(0.8)
                        .with(RecipeKey.TEMPERATURE, 3)
                        .with(RecipeKey.OPTIMIZER, UpdateRule.NESTEROV);
        Trained whole = train(1, recipe, false);
        Trained some = train(replicas, recipe.with(RecipeKey.ACCUMULATE, parts), false);
        assertThat(some.loss()).isCloseTo(whole.loss(), within(1e-6));
        some.weights()
                .forEach(
                        (name, values) ->
                                assertThat(values)
                                        .as(name)
                                        .containsExactly(whole.weights().get(name), within(1e-6f)));
    }

    /** Its answers come from outside the graph that a GPU repeats. */
    @Test
    void stepsAreNotGivenAheadWhereATeacherAnswers() throws IOException {
        Trained plain = train(1, recipe(0.8), false);
        Trained ahead = train(1, recipe(0.8), true);
        assertThat(ahead.loss()).isEqualTo(plain.loss());
        ahead.weights().forEach((k, v) -> assertThat(v).containsExactly(plain.weights().get(k)));
    }

    private record Trained(double loss, Map<String, float[]> weights) {}

    private Trained train(int replicas, Recipe recipe, boolean ahead) throws IOException {
        Preprocessing input = input(32, 3, 0.5f, 0.25f);
        Path file = save(input(36, 1, 0.25f, 0.5f));
        List<Replica> all = new ArrayList<>();
        for (int i = 0; i < replicas; i++) {
            Block net =
                    new SequentialBlock()
                            .add(Blocks.batchFlattenBlock())
                            .add(Linear.builder().setUnits(5).build());
            all.add(Replica.of(model(), net, new Shape(1, 3, 32, 32), 3 + i));
        }
        try (Teacher teacher = open(file, input, recipe, Execution.COMPILED);
                Learner<Batch> learner =
                        new Learner<>(
                                all,
                                recipe,
                                CrossEntropy.of(recipe, 5, new float[] {1, 2, 1, 0.5f, 1}, true),
                                5,
                                all.stream().map(r -> teacher).toList(),
                                null,
                                ahead);
                BatchLoader loader = loader(3, 32, 28)) {
            Score score = Score.NONE;
            int step = 0;
            for (Batch batch : loader.epoch(0)) {
                try (batch) {
                    score = learner.step(batch, 0.01, step++, score);
                }
            }
            assertThat(score.images()).isEqualTo(28);
            Map<String, float[]> weights = new TreeMap<>();
            all.get(0)
                    .net()
                    .getParameters()
                    .forEach(p -> weights.put(p.getKey(), p.getValue().getArray().toFloatArray()));
            return new Trained(score.loss(), weights);
        }
    }

    @Test
    void whatTheTeacherSeesIsToldWhereItIsNotWhatTheStudentSees() throws IOException {
        assertThat(described(input(28, 1, 0, 1), input(36, 3, 0.25f, 0.5f)))
                .isEqualTo("the teacher sees images enlarged from 28x28 to 36x36, gray as RGB\n");
        assertThat(described(input(36, 3, 0, 1), input(32, 1, 0.25f, 0.5f)))
                .isEqualTo("the teacher sees images reduced from 36x36 to 32x32, as gray\n");
        assertThat(described(input(32, 3, 0, 1), input(32, 3, 0.25f, 0.5f))).isEmpty();
    }

    private String described(Preprocessing student, Preprocessing own) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (Teacher teacher = open(save(own), student, recipe(0.9), Execution.COMPILED)) {
            teacher.describe(new PrintStream(text, true, StandardCharsets.UTF_8));
        }
        return text.toString(StandardCharsets.UTF_8).replace("\r", "");
    }

    @Test
    void aTeacherOfOtherClassesIsRefusedInOneSentence() throws IOException {
        Path file = Path.of("teacher");
        NetDescription five = description(input(32, 3, 0, 1));
        Teacher.requireClasses(file, five, CLASSES);
        Teacher.requireClasses(file, five, NetDescription.numberedClasses(5));
        assertThatThrownBy(() -> Teacher.requireClasses(file, five, List.of("a", "b")))
                .hasMessage(
                        "The teacher teacher tells 5 classes apart but the images have 2; give a teacher of the same classes.");
        assertThatThrownBy(
                        () -> Teacher.requireClasses(file, five, List.of("a", "b", "d", "c", "e")))
                .hasMessage(
                        "The teacher teacher tells other classes apart: its class 2 is 'c' but the images' is 'd'; give a teacher of the same classes in the same order.");
        // ImageNet's folders bear the ids of what published weights know by name.
        Architecture thousand = architecture(3).withClasses(1000);
        NetDescription imageNet =
                new NetDescription(
                        thousand,
                        input(32, 3, 0, 1),
                        true,
                        NetDescription.imageNetClasses(),
                        Map.of());
        Teacher.requireClasses(file, imageNet, Synsets.ids());
    }

    private static Recipe recipe(double distill) throws IOException {
        return Recipe.of("quick", "mobilenet_v3_small").with(RecipeKey.DISTILL, distill);
    }

    private static Architecture architecture(int channels) {
        return MobileNetV3.small()
                .optWidth(0.1)
                .optClasses(5)
                .optInputChannels(channels)
                .optDropout(0)
                .architecture();
    }

    private static Preprocessing input(int side, int channels, float mean, float std) {
        return new Preprocessing(side, side, Normalization.uniform(channels, mean, std));
    }

    private static NetDescription description(Preprocessing input) {
        return new NetDescription(architecture(input.channels()), input, true, CLASSES, Map.of());
    }

    private static Teacher open(
            Path file, Preprocessing student, Recipe recipe, Execution execution)
            throws IOException {
        return Teacher.open(file, student, CLASSES, recipe, execution, Device.cpu());
    }

    /** A package of a net that is filled by formula. */
    private Path save(Preprocessing input) throws IOException {
        MobileNetV3 net = MobileNetV3.of(architecture(input.channels()), input.normalization());
        Model model = model();
        Replica.of(
                model, net, new Shape(1, input.channels(), input.height(), input.width()), 1, null);
        fill(net);
        Path file = temporary.resolve("teacher" + models.size());
        ModelPackage.save(file, model, description(input), ModelPackage.Extra.NONE);
        return file;
    }

    /** As distillation.py does. */
    private static void fill(MobileNetV3 net) {
        int place = 0;
        for (Pair<String, Parameter> p : net.getParameters()) {
            NDArray array = p.getValue().getArray();
            double[] u = formula(Math.toIntExact(array.size()), 7919L * place++);
            boolean norm = p.getKey().endsWith("running_var") || p.getKey().endsWith(".weight");
            double scale = p.getKey().equals("classifier.3.weight") ? 10 : 1;
            double fanIn = (double) array.size() / array.getShape().get(0);
            boolean layer = array.getShape().dimension() > 1;
            array.set(
                    floats(
                            Arrays.stream(u)
                                    .map(
                                            v ->
                                                    layer
                                                            ? v * Math.sqrt(6 / fanIn) * scale
                                                            : norm ? 1 + 0.3 * v : 0.2 * v)
                                    .toArray()));
        }
    }

    private static double[] formula(int count, long offset) {
        return IntStream.range(0, count)
                .mapToDouble(i -> (i * 1103515245L + offset) % (1L << 31) / (double) (1L << 30) - 1)
                .toArray();
    }

    private static BatchLoader loader(int channels, int side, int count) {
        byte[][] images = new byte[count][channels * side * side];
        for (int n = 0; n < count; n++) {
            for (int i = 0; i < images[n].length; i++) {
                int c = i / (side * side);
                int h = i / side % side;
                int w = i % side;
                images[n][i] = (byte) (50 * c + 5 * (n + 2) * h + 3 * (n + 3) * w);
            }
        }
        int[] labels = IntStream.range(0, count).map(n -> n % 5).toArray();
        ImageSet set = new ImageSet("ramps", CLASSES, channels, side, side, images, labels);
        return BatchLoader.builder().setSet(set).setBatchSize(Math.min(count, 12)).build();
    }

    private static double[] logSoftmax(double[] logits, double temperature) {
        double[] logs = new double[logits.length];
        for (int n = 0; n < logits.length; n += 5) {
            double log =
                    Math.log(
                            IntStream.range(n, n + 5)
                                    .mapToDouble(i -> Math.exp(logits[i] / temperature))
                                    .sum());
            IntStream.range(n, n + 5).forEach(i -> logs[i] = logits[i] / temperature - log);
        }
        return logs;
    }

    private static double[] flat(JsonArray rows) {
        return rows.asList().stream()
                .flatMapToDouble(row -> Arrays.stream(Golden.numbers(row.getAsJsonArray())))
                .toArray();
    }

    private static double[] transposed(double[] values, int rows, int columns) {
        return IntStream.range(0, values.length)
                .mapToDouble(i -> values[i % rows * columns + i / rows])
                .toArray();
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static double[] doubles(NDArray array) {
        float[] values = array.toFloatArray();
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }
}
