package org.mobilenetv3.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.torchscript.Loss;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.source.SyntheticShapes;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.recipe.UpdateRule;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.train.task.CrossEntropy;

class LearnerTest {

    private static final ImageSet IMAGES = SyntheticShapes.generate("train", 44, 1);
    private static final Shape IMAGE = new Shape(1, 3, 32, 32);

    private final List<Model> models = new ArrayList<>();

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    @AfterEach
    void stop() {
        models.forEach(Model::close);
    }

    /** Three steps, the last on a smaller batch. */
    private record Trained(double loss, Map<String, float[]> weights) {}

    private static Recipe recipe() {
        try {
            return Recipe.of("quick", "mobilenet_v3_small")
                    .with(RecipeKey.OPTIMIZER, UpdateRule.NESTEROV)
                    .with(RecipeKey.CLIP_NORM, 1.0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Trained train(Supplier<Block> net, int replicas, Recipe recipe) throws IOException {
        List<Replica> all = new ArrayList<>();
        for (int i = 0; i < replicas; i++) {
            Model model = Model.newInstance("net" + i, Device.cpu(), "PyTorch");
            models.add(model);
            // Other seeds: the first one's weights must become everyone's.
            Block block = net.get();
            all.add(
                    block instanceof MobileNetV3 ours
                            ? Replica.of(model, ours, IMAGE, 3 + i, null)
                            : Replica.of(model, block, IMAGE, 3 + i));
        }
        try (Learner<Batch> learner = Learner.of(all, recipe, null, 5);
                BatchLoader loader =
                        BatchLoader.builder().setSet(IMAGES).setBatchSize(16).build()) {
            Score score = Score.NONE;
            int step = 0;
            for (Batch batch : loader.epoch(0)) {
                try (batch) {
                    score = learner.step(batch, 0.05, step++, score);
                }
            }
            Map<String, float[]> weights = weights(all.get(0));
            for (Replica replica : all) {
                weights(replica).forEach((k, v) -> assertThat(v).containsExactly(weights.get(k)));
            }
            return new Trained(score.loss(), weights);
        }
    }

    private static Map<String, float[]> weights(Replica replica) {
        Map<String, float[]> all = new TreeMap<>();
        for (Pair<String, Parameter> p : replica.net().getParameters()) {
            all.put(p.getKey(), p.getValue().getArray().toFloatArray());
        }
        return all;
    }

    private static Block linear() {
        return new SequentialBlock()
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(10).build());
    }

    private static MobileNetV3 small(Execution execution) {
        return MobileNetV3.small()
                .optWidth(0.35)
                .optClasses(10)
                .optStemStride(2)
                .optDropout(0.2f)
                .build()
                .setExecution(execution);
    }

    /** Without batch norm the parts of a batch are no different from the whole. */
    @Test
    void replicasAndPartsGiveTheLossOfOneDeviceWithTheWholeBatch() throws IOException {
        Trained whole = train(LearnerTest::linear, 1, recipe());
        assertClose(train(LearnerTest::linear, 2, recipe()), whole, 1e-6);
        assertClose(train(LearnerTest::linear, 3, recipe()), whole, 1e-6);
        Recipe parts = recipe().with(RecipeKey.ACCUMULATE, 4);
        assertClose(train(LearnerTest::linear, 1, parts), whole, 1e-6);
        assertClose(
                train(LearnerTest::linear, 2, recipe().with(RecipeKey.ACCUMULATE, 2)), whole, 1e-6);
    }

    /** Batch norm sees parts in both; dropout is the parts' own. Running statistics differ. */
    @ParameterizedTest
    @EnumSource(names = {"COMPILED", "EAGER"})
    void twoReplicasLearnWhatOneLearnsFromTwoParts(Execution execution) throws IOException {
        Trained replicas = train(() -> small(execution), 2, recipe());
        Trained parts = train(() -> small(execution), 1, recipe().with(RecipeKey.ACCUMULATE, 2));
        assertThat(replicas.loss()).isEqualTo(parts.loss());
        replicas.weights()
                .forEach(
                        (name, values) -> {
                            if (!name.contains("running_")) {
                                assertThat(values)
                                        .as(name)
                                        .containsExactly(parts.weights().get(name));
                            }
                        });
    }

    @Test
    void runningStatisticsOfReplicasAreTheirMean() throws IOException {
        List<Replica> all = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Model model = Model.newInstance("net" + i, Device.cpu(), "PyTorch");
            models.add(model);
            all.add(Replica.of(model, small(Execution.COMPILED), IMAGE, 3, null));
        }
        String name = "features.0.1.running_mean";
        try (Learner<Batch> learner = Learner.of(all, recipe(), null, 5);
                BatchLoader loader = BatchLoader.builder().setSet(IMAGES).setBatchSize(8).build()) {
            Batch batch = loader.epoch(0).iterator().next();
            float[] expected = new float[weights(all.get(0)).get(name).length];
            try (var scope = all.get(0).manager().newSubManager()) {
                // Each half alone moves the first layer's statistics from 0.
                for (int half = 0; half < 2; half++) {
                    Replica alone = all.get(half);
                    learn(alone, scope, batch, 4 * half, 4 * half + 4);
                    float[] mean = weights(alone).get(name);
                    for (int i = 0; i < mean.length; i++) {
                        expected[i] += mean[i] / 2;
                    }
                    for (NDArray a : alone.statistics()) {
                        a.subi(a);
                    }
                }
            }
            learner.step(batch, 0, 0, Score.NONE);
            batch.close();
            assertThat(weights(all.get(0)).get(name)).containsExactly(expected, within(1e-7f));
            assertThat(weights(all.get(1)).get(name)).containsExactly(expected, within(1e-7f));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"COMPILED", "EAGER"})
    void frozenStagesLearnOnlyOnceTheirEpochHasCome(Execution execution) throws IOException {
        Model model = Model.newInstance("net", Device.cpu(), "PyTorch");
        models.add(model);
        Replica replica = Replica.of(model, small(execution), IMAGE, 3, null);
        Recipe recipe =
                recipe().with(RecipeKey.FREEZE, "features").with(RecipeKey.UNFREEZE_EPOCH, 1);
        try (Learner<Batch> learner = Learner.of(List.of(replica), recipe, null, 5);
                BatchLoader loader =
                        BatchLoader.builder().setSet(IMAGES).setBatchSize(22).build()) {
            for (int epoch = 0; epoch < 2; epoch++) {
                learner.beginEpoch(epoch);
                Map<String, float[]> before = weights(replica);
                for (Batch batch : loader.epoch(epoch)) {
                    try (batch) {
                        learner.step(batch, 0.05, epoch, Score.NONE);
                    }
                }
                boolean frozen = epoch == 0;
                weights(replica)
                        .forEach(
                                (name, after) -> {
                                    if (frozen && name.startsWith("features")) {
                                        assertThat(after)
                                                .as(name)
                                                .containsExactly(before.get(name));
                                    }
                                });
                assertThat(weights(replica).get("classifier.0.weight"))
                        .isNotEqualTo(before.get("classifier.0.weight"));
                assertThat(
                                java.util.Arrays.equals(
                                        weights(replica).get("features.1.block.0.0.weight"),
                                        before.get("features.1.block.0.0.weight")))
                        .isEqualTo(frozen);
            }
        }
    }

    /** Weights and running statistics, with a step of several parts and replicas. */
    @ParameterizedTest
    @CsvSource({"COMPILED, 1", "COMPILED, 3", "EAGER, 1"})
    void theClassifierLearnsAloneAndTheBodyStaysAsItIsToTheLastBit(
            Execution execution, int replicas) throws IOException {
        List<Replica> all = new ArrayList<>();
        for (int i = 0; i < replicas; i++) {
            Model model = Model.newInstance("net" + i, Device.cpu(), "PyTorch");
            models.add(model);
            all.add(Replica.of(model, small(execution), IMAGE, 3, null));
        }
        Replica first = all.get(0);
        try (BatchLoader loader = BatchLoader.builder().setSet(IMAGES).setBatchSize(22).build()) {
            // Statistics that say something.
            try (Learner<Batch> learner = Learner.of(all, recipe(), null, 5)) {
                epoch(learner, loader, 0);
            }
            Recipe phases = recipe().with(RecipeKey.HEAD_EPOCHS, 1).with(RecipeKey.EMA_DECAY, 0.9);
            try (Learner<Batch> learner = Learner.of(all, phases, null, 5)) {
                Map<String, float[]> before = weights(first);
                epoch(learner, loader, 0);
                Map<String, float[]> alone = weights(first);
                assertBodyIs(alone, before, true);
                learner.averaged(
                        () -> {
                            assertBodyIs(weights(first), before, true);
                            return null;
                        });
                assertThat(alone.get("classifier.0.weight"))
                        .isNotEqualTo(before.get("classifier.0.weight"));
                epoch(learner, loader, 1);
                assertBodyIs(weights(first), alone, false);
            }
        }
    }

    /** As on a GPU, where the CPU gives a step while the one before is computed. */
    @Test
    void stepsGivenAheadTeachTheSameAndAreCountedOneStepLate() throws IOException {
        Recipe recipe = recipe().with(RecipeKey.EMA_DECAY, 0.9);
        List<Map<String, float[]>> learned = new ArrayList<>();
        List<Map<String, float[]>> averages = new ArrayList<>();
        List<Score> scores = new ArrayList<>();
        for (boolean ahead : new boolean[] {false, true}) {
            Model model = Model.newInstance("net", Device.cpu(), "PyTorch");
            models.add(model);
            Replica replica = Replica.of(model, small(Execution.COMPILED), IMAGE, 3, null);
            CrossEntropy objective = CrossEntropy.of(recipe, replica.outputs(), null, false);
            try (Learner<Batch> learner =
                            new Learner<>(
                                    List.of(replica),
                                    recipe,
                                    objective,
                                    5,
                                    List.of(),
                                    null,
                                    ahead);
                    BatchLoader loader =
                            BatchLoader.builder().setSet(IMAGES).setBatchSize(16).build()) {
                Score score = Score.NONE;
                int step = 0;
                for (Batch batch : loader.epoch(0)) {
                    try (batch) {
                        // A rate that a float holds exactly.
                        score = learner.step(batch, 0.0625, step++, score);
                    }
                    int late = ahead ? 1 : 0;
                    assertThat(score.images())
                            .isEqualTo(Math.min(44, 16 * step) - late * last(step));
                }
                scores.add(learner.settle(score));
                assertThat(learner.settle(Score.NONE)).isEqualTo(Score.NONE);
                learned.add(weights(replica));
                learner.averaged(() -> averages.add(weights(replica)));
            }
        }
        assertThat(scores.get(1)).isEqualTo(scores.get(0));
        learned.get(0)
                .forEach((k, v) -> assertThat(learned.get(1).get(k)).as(k).containsExactly(v));
        averages.get(0)
                .forEach(
                        (k, v) ->
                                assertThat(averages.get(1).get(k))
                                        .as(k)
                                        .containsExactly(v, within(1e-6f)));
    }

    /** Images of the third, smaller batch of 44, or of one before it. */
    private static int last(int step) {
        return step == 3 ? 12 : 16;
    }

    private static Learned learn(Replica replica, NDManager scope, Batch batch, int from, int to) {
        NDArray targets = scope.zeros(new Shape(to - from, 10));
        return replica.learn(batch.toTensor(scope, from, to), Loss.CLASSES, List.of(targets), null);
    }

    private static void epoch(Learner<Batch> learner, BatchLoader loader, int epoch) {
        learner.beginEpoch(epoch);
        for (Batch batch : loader.epoch(epoch)) {
            try (batch) {
                learner.step(batch, 0.05, epoch, Score.NONE);
            }
        }
    }

    private static void assertBodyIs(
            Map<String, float[]> actual, Map<String, float[]> expected, boolean same) {
        for (String name : actual.keySet()) {
            if (name.startsWith("features")) {
                assertThat(java.util.Arrays.equals(actual.get(name), expected.get(name)))
                        .as(name)
                        .isEqualTo(same);
            }
        }
    }

    /** The classifier is trained on what it will see: the features of evaluation mode. */
    @ParameterizedTest
    @EnumSource(names = {"COMPILED", "EAGER"})
    void aFrozenBodyComputesAsInEvaluation(Execution execution) throws IOException {
        Model model = Model.newInstance("net", Device.cpu(), "PyTorch");
        models.add(model);
        MobileNetV3 net = MobileNetV3.small().optWidth(0.35).optClasses(10).optDropout(0).build();
        Replica replica = Replica.of(model, net.setExecution(execution), IMAGE, 3, null);
        Recipe head = recipe().with(RecipeKey.HEAD_EPOCHS, 1);
        try (Learner<Batch> learner = Learner.of(List.of(replica), head, null, 5);
                BatchLoader loader = BatchLoader.builder().setSet(IMAGES).setBatchSize(8).build();
                var scope = replica.manager().newSubManager();
                Batch batch = loader.epoch(0).iterator().next()) {
            assertThat(learner.replica()).isSameAs(replica);
            float[] learned = learn(replica, scope, batch, 0, 8).output().toFloatArray();
            NDArray x = batch.toTensor(scope, 0, 8);
            float[] evaluated =
                    net.forward(new ParameterStore(scope, false), new NDList(x), false)
                            .singletonOrThrow()
                            .toFloatArray();
            assertThat(learned).containsExactly(evaluated, within(1e-5f));
        }
    }

    @Test
    void frozenBatchNormStaysAsItIsWhileConvolutionsLearn() throws IOException {
        Model model = Model.newInstance("net", Device.cpu(), "PyTorch");
        models.add(model);
        Replica replica = Replica.of(model, small(Execution.COMPILED), IMAGE, 3, null);
        Recipe phases = recipe().with(RecipeKey.HEAD_EPOCHS, 1).with(RecipeKey.FREEZE_NORM, true);
        Map<String, float[]> before = weights(replica);
        try (Learner<Batch> learner = Learner.of(List.of(replica), phases, null, 5);
                BatchLoader loader =
                        BatchLoader.builder().setSet(IMAGES).setBatchSize(22).build()) {
            epoch(learner, loader, 0);
            epoch(learner, loader, 1);
        }
        Map<String, float[]> after = weights(replica);
        for (String name : after.keySet()) {
            String layer = name.substring(0, name.lastIndexOf('.'));
            boolean norm = after.containsKey(layer + ".running_mean");
            assertThat(java.util.Arrays.equals(after.get(name), before.get(name)))
                    .as(name)
                    .isEqualTo(norm);
        }
    }

    /** Gradients pass through batch norm that stands still. */
    @Test
    void theCompiledNetAndTheOperationsLearnAlikeAroundFrozenBatchNorm() throws IOException {
        Recipe still = recipe().with(RecipeKey.FREEZE_NORM, true).with(RecipeKey.BODY_LR, 0.5);
        Trained compiled = train(() -> small(Execution.COMPILED), 1, still);
        Trained operations = train(() -> small(Execution.EAGER), 1, still);
        assertClose(compiled, operations, 1e-4);
    }

    @Test
    void theBodyLearnsAtItsShareOfTheRate() throws IOException {
        // One step of SGD without momentum to speak of: the way is the rate times the gradient.
        Recipe sgd = recipe().with(RecipeKey.OPTIMIZER, UpdateRule.SGD);
        Map<String, float[]> before = step(sgd, 0);
        Map<String, float[]> whole = step(sgd, 0.05);
        Map<String, float[]> slow = step(sgd.with(RecipeKey.BODY_LR, 0.25), 0.05);
        for (String name : List.of("features.1.block.0.0.weight", "features.0.1.bias")) {
            for (int i = 0; i < before.get(name).length; i++) {
                float way = whole.get(name)[i] - before.get(name)[i];
                assertThat(slow.get(name)[i] - before.get(name)[i])
                        .as(name)
                        .isCloseTo(way / 4, within(1e-6f));
            }
        }
        for (String name : List.of("classifier.0.weight", "classifier.3.bias")) {
            assertThat(slow.get(name)).as(name).containsExactly(whole.get(name));
        }
    }

    private Map<String, float[]> step(Recipe recipe, double rate) throws IOException {
        Model model = Model.newInstance("net", Device.cpu(), "PyTorch");
        models.add(model);
        Replica replica = Replica.of(model, small(Execution.COMPILED), IMAGE, 3, null);
        try (Learner<Batch> learner = Learner.of(List.of(replica), recipe, null, 5);
                BatchLoader loader = BatchLoader.builder().setSet(IMAGES).setBatchSize(16).build();
                Batch batch = loader.epoch(0).iterator().next()) {
            learner.step(batch, rate, 0, Score.NONE);
            return weights(replica);
        }
    }

    @Test
    void whatCannotBeFrozenIsNamed() {
        assertThatThrownBy(() -> train(() -> small(Execution.COMPILED), 1, frozen("features.99")))
                .hasMessageContaining("The net has no 'features.99' to freeze");
        assertThatThrownBy(
                        () ->
                                train(
                                        () -> small(Execution.COMPILED),
                                        1,
                                        frozen("features,classifier")))
                .hasMessageContaining("nothing is left to learn");
        Recipe contradiction = frozen("classifier").with(RecipeKey.HEAD_EPOCHS, 1);
        assertThatThrownBy(() -> train(() -> small(Execution.COMPILED), 1, contradiction))
                .hasMessageContaining("nothing is left to learn");
    }

    private static Recipe frozen(String names) {
        return recipe().with(RecipeKey.FREEZE, names);
    }

    private static void assertClose(Trained actual, Trained expected, double tolerance) {
        assertThat(actual.loss()).isCloseTo(expected.loss(), within(tolerance));
        expected.weights()
                .forEach(
                        (name, values) ->
                                assertThat(actual.weights().get(name))
                                        .as(name)
                                        .containsExactly(values, within((float) tolerance)));
    }
}
