package org.mobilenetv3.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.util.Pair;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.TrainingRun.Compute;
import org.mobilenetv3.train.TrainingRun.Outcome;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.source.SyntheticShapes;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.recipe.UpdateRule;
import org.mobilenetv3.train.run.RecordedWeights;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.zoo.PackageModel;

class TrainingRunTest {

    private static final PrintStream SILENT = new PrintStream(OutputStream.nullOutputStream());
    private static final Splits DATA =
            new Splits(
                    SyntheticShapes.generate("train", 96, 1),
                    SyntheticShapes.generate("validation", 40, 1),
                    SyntheticShapes.generate("test", 40, 1));

    @TempDir private Path temporary;

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    @Test
    void oneSeedGivesOneResultWhateverTheLoaderThreads() throws IOException {
        String first = train("a", recipe(2), 5, 1);
        assertThat(train("b", recipe(2), 5, 1)).isEqualTo(first);
        assertThat(train("c", recipe(2), 5, 2)).isEqualTo(first);
        assertThat(train("d", recipe(2), 6, 1)).isNotEqualTo(first);
        assertThat(weights("b")).isEqualTo(weights("a"));
        assertThat(first.lines()).hasSize(3);
    }

    /** As Ctrl-C does, within an epoch of three batches, at its end, and at the very end. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8, 9, 13})
    void aStoppedRunGoesOnToTheSameWeights(int stopAfter) throws IOException {
        RunDirectory whole = undisturbed();
        RunSettings settings = settings(everything(3), 5);
        RunDirectory directory = new RunDirectory(temporary.resolve("stopped"));
        directory.create(settings);
        int[] batches = {0};
        Outcome stopped =
                TrainingRun.of(settings, DATA, directory, compute(1, 1), SILENT)
                        .run(false, () -> ++batches[0] == stopAfter);
        assertThat(stopped.test()).isEmpty();
        assertThat(directory.lastCheckpoint()).isPresent();

        resume(directory, SILENT);
        assertThat(directory.path().resolve("metrics.csv"))
                .hasSameTextualContentAs(whole.path().resolve("metrics.csv"));
        assertThat(weights("stopped")).isEqualTo(weights(whole.lastCheckpoint().orElseThrow()));
        assertThat(directory.best().resolve("mobilenet_v3_small_w0.35-0000.params"))
                .hasSameBinaryContentAs(
                        whole.best().resolve("mobilenet_v3_small_w0.35-0000.params"));
    }

    @Test
    void theBestPackageHoldsTheAverageAndTheCheckpointTheWeightsAsTheyLearn() throws IOException {
        train("plain", recipe(1), 5, 1);
        train("average", recipe(1).with(RecipeKey.EMA_DECAY, 0.9), 5, 1);
        assertThat(weights("average")).isEqualTo(weights("plain"));
        assertThat(weights(temporary.resolve("average/best"))).isNotEqualTo(weights("plain"));
        assertThat(weights(temporary.resolve("plain/best"))).isEqualTo(weights("plain"));
    }

    @Test
    void theRecipesMomentumMovesTheRunningStatisticsAndNothingElse() throws IOException {
        train("own", recipe(1).with(RecipeKey.NORM_MOMENTUM, 0), 5, 1);
        train("paper", recipe(1).with(RecipeKey.NORM_MOMENTUM, 0.01), 5, 1);
        train("fast", recipe(1).with(RecipeKey.NORM_MOMENTUM, 0.1), 5, 1);
        assertThat(weights("paper")).isEqualTo(weights("own"));
        Map<String, String> own = weights("own");
        weights("fast")
                .forEach(
                        (name, values) ->
                                assertThat(values.equals(own.get(name)))
                                        .as(name)
                                        .isEqualTo(!name.contains("running_")));
    }

    @Test
    void patienceEndsARunThatNoLongerGetsBetter() throws IOException {
        // At no rate to speak of nothing gets better than the first epoch.
        Recipe idle =
                recipe(9)
                        .with(RecipeKey.LR, 1e-12)
                        .with(RecipeKey.WEIGHT_DECAY, 0)
                        .with(RecipeKey.PATIENCE, 2);
        assertThat(train("idle", idle, 5, 1).lines().count()).isBetween(4L, 7L);
    }

    @Test
    void aLossThatIsNoNumberStopsTheRunBeforeAnythingIsSaved() {
        Recipe wild = wild(recipe(2));
        assertThatThrownBy(() -> train("wild", wild, 5, 1))
                .isInstanceOf(TrainingDivergedException.class)
                .hasMessageContaining("The loss is not a finite number any more (epoch 1, batch");
        assertThat(temporary.resolve("wild/checkpoints")).doesNotExist();
        assertThat(temporary.resolve("wild/best")).doesNotExist();
    }

    /** One batch an epoch: the weights are ruined by the step after which validation follows. */
    @Test
    void weightsRuinedByTheLastStepOfAnEpochAreNotSaved() {
        Recipe wild = wild(recipe(1)).with(RecipeKey.BATCH_SIZE, 96);
        assertThatThrownBy(() -> train("wild", wild, 5, 1))
                .isInstanceOf(TrainingDivergedException.class);
        assertThat(temporary.resolve("wild/best")).doesNotExist();
    }

    @Test
    void learnsToTellTrainingImagesApart() throws IOException {
        RunSettings settings = settings(recipe(1), 5);
        MobileNetV3 net = MobileNetV3.of(settings.architecture());
        try (Model model = Model.newInstance("net", "PyTorch");
                Learner<Batch> learner =
                        Learner.of(
                                List.of(Replica.of(model, net, new Shape(1, 3, 32, 32), 5, null)),
                                settings.recipe(),
                                null,
                                5);
                var loader =
                        org.mobilenetv3.train.data.BatchLoader.builder()
                                .setSet(DATA.train())
                                .setBatchSize(32)
                                .build()) {
            double first = 0;
            double last = 0;
            for (int epoch = 0; epoch < 12; epoch++) {
                Score score = Score.NONE;
                for (var batch : loader.epoch(epoch)) {
                    try (batch) {
                        score = learner.step(batch, 0.003, epoch, score);
                    }
                }
                first = epoch == 0 ? score.loss() : first;
                last = score.loss();
            }
            assertThat(last).isLessThan(first / 2);
        }
    }

    /** A teacher of its own size and normalization, at a temperature; stopped within an epoch. */
    @Test
    void aStoppedRunGoesOnWithItsTeacherToTheSameWeights() throws IOException {
        RunSettings settings = distilling();
        String whole = train(temporary.resolve("whole"), settings, 1);
        RunDirectory directory = new RunDirectory(temporary.resolve("stopped"));
        directory.create(settings);
        int[] batches = {0};
        TrainingRun.of(settings, DATA, directory, compute(1, 1), SILENT)
                .run(false, () -> ++batches[0] == 6);
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        resume(directory, new PrintStream(log, true, StandardCharsets.UTF_8));
        assertThat(Files.readString(directory.path().resolve("metrics.csv"))).isEqualTo(whole);
        assertThat(weights("stopped")).isEqualTo(weights("whole"));
        assertThat(log.toString(StandardCharsets.UTF_8))
                .contains("teacher " + settings.teacher().path())
                .contains("distill 0.7, temperature 4.0")
                .contains("the teacher sees images enlarged from 32x32 to 36x36");
        // What it learned is another thing than without the teacher, or from another share of it.
        train("plain", settings.recipe(), 5, 1);
        assertThat(weights("plain")).isNotEqualTo(weights("whole"));
        assertThat(ModelPackage.read(directory.best()).description().provenance())
                .containsEntry("teacher", settings.teacher().path())
                .containsEntry("teacherSha256", settings.teacher().sha256());
        assertThat(directory.path().resolve("report.html"))
                .content()
                .contains(settings.teacher().path(), "temperature");
        assertThat(temporary.resolve("plain/report.html")).content().doesNotContain("temperature");
    }

    @Test
    void aTeacherThatIsGoneOrAnotherEndsTheResumedRunInOneSentence() throws IOException {
        RunSettings settings = distilling();
        RunDirectory directory = new RunDirectory(temporary.resolve("run"));
        directory.create(settings);
        assertThat(directory.settings().teacher()).isEqualTo(settings.teacher());
        Path teacher = Path.of(settings.teacher().path());
        Path aside = teacher.resolveSibling("aside");
        Files.move(teacher, aside);
        assertThatThrownBy(() -> resume(directory, SILENT))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "The run's teacher %s is gone; put it back or start another run."
                                .formatted(teacher));
        train("other", recipe(1), 6, 1);
        Files.move(temporary.resolve("other/best"), teacher);
        assertThatThrownBy(() -> resume(directory, SILENT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("%s has changed since the run began".formatted(teacher))
                .hasMessageContaining(settings.teacher().sha256());
    }

    /** As before there were teachers. */
    @Test
    void settingsWithoutATeacherAreThoseOfARunWithoutOne() throws IOException {
        RunSettings settings = settings(recipe(1), 5);
        RunDirectory directory = new RunDirectory(temporary.resolve("run"));
        directory.create(settings);
        Path file = directory.path().resolve("run.json");
        String text = Files.readString(file);
        assertThat(text).doesNotContain("teacher").contains("\"distill\"");
        Files.writeString(file, text.replaceAll("\\s*\"(distill|temperature)\": \"[0-9.]+\",", ""));
        assertThat(Files.readString(file)).doesNotContain("distill").doesNotContain("temperature");
        assertThat(directory.settings().teacher()).isNull();
        assertThat(directory.settings().recipe().values()).isEqualTo(settings.recipe().values());
    }

    /** Settings with all that has a state and a teacher, which is trained for it. */
    private RunSettings distilling() throws IOException {
        RunSettings plain = settings(everything(3), 5);
        RunSettings teachers =
                new RunSettings(
                        plain.dataset(),
                        null,
                        plain.trainImages(),
                        plain.trainChecksum(),
                        plain.architecture(),
                        new Preprocessing(36, 36, Normalization.uniform(3, 0.3f, 0.5f)),
                        recipe(1),
                        null,
                        null,
                        null,
                        7,
                        1,
                        null,
                        Execution.COMPILED);
        RunDirectory made = new RunDirectory(temporary.resolve("teachers"));
        made.create(teachers);
        Splits larger =
                new Splits(larger(DATA.train()), larger(DATA.validation()), larger(DATA.test()));
        TrainingRun.of(teachers, larger, made, compute(1, 1), SILENT).run(false, () -> false);
        return new RunSettings(
                plain.dataset(),
                null,
                plain.trainImages(),
                plain.trainChecksum(),
                plain.architecture(),
                plain.input(),
                plain.recipe().with(RecipeKey.DISTILL, 0.7).with(RecipeKey.TEMPERATURE, 4.0),
                null,
                null,
                RecordedWeights.of(made.best()),
                5,
                1,
                null,
                Execution.COMPILED);
    }

    /** The images in the corner of larger ones. */
    private static ImageSet larger(ImageSet set) {
        byte[][] images = new byte[set.size()][3 * 36 * 36];
        for (int n = 0; n < images.length; n++) {
            for (int row = 0; row < 3 * 32; row++) {
                int to = (row / 32 * 36 + row % 32) * 36;
                System.arraycopy(set.images()[n], row * 32, images[n], to, 32);
            }
        }
        return new ImageSet(set.name(), set.classes(), 3, 36, 36, images, set.labels());
    }

    private String train(String name, Recipe recipe, long seed, int threads) throws IOException {
        return train(temporary.resolve(name), settings(recipe, seed), threads);
    }

    String train(Path path, Recipe recipe) throws IOException {
        return train(path, settings(recipe, 5), 1);
    }

    void resume(RunDirectory directory, PrintStream log) throws IOException {
        TrainingRun.of(directory.settings(), DATA, directory, compute(1, 1), log)
                .run(true, () -> false);
    }

    private static String train(Path path, RunSettings settings, int threads) throws IOException {
        RunDirectory directory = new RunDirectory(path);
        directory.create(settings);
        TrainingRun.of(settings, DATA, directory, compute(settings.replicas(), threads), SILENT)
                .run(false, () -> false);
        return Files.readString(directory.path().resolve("metrics.csv"));
    }

    @TempDir private static Path shared;

    /** A run of {@code everything(3)} that nobody disturbs, made once. */
    private RunDirectory undisturbed() throws IOException {
        RunDirectory directory = new RunDirectory(shared.resolve("whole"));
        if (!Files.exists(directory.path())) {
            train(directory.path(), everything(3));
        }
        return directory;
    }

    /** All that has a state of its own. */
    static Recipe everything(int epochs) {
        return recipe(epochs)
                .with(RecipeKey.EMA_DECAY, 0.9)
                .with(RecipeKey.CLIP_NORM, 1.0)
                .with(RecipeKey.ACCUMULATE, 2)
                .with(RecipeKey.HEAD_EPOCHS, 1)
                .with(RecipeKey.BODY_LR, 0.5)
                .with(RecipeKey.FREEZE, "features.0,features.1")
                .with(RecipeKey.UNFREEZE_EPOCH, 2)
                .with(RecipeKey.CROP_PADDING, 2);
    }

    private static Recipe recipe(int epochs) {
        try {
            return Recipe.of("quick", "mobilenet_v3_small")
                    .with(RecipeKey.EPOCHS, epochs)
                    .with(RecipeKey.BATCH_SIZE, 32);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Recipe wild(Recipe recipe) {
        return recipe.with(RecipeKey.OPTIMIZER, UpdateRule.SGD).with(RecipeKey.LR, 1e30);
    }

    private static Compute compute(int replicas, int threads) {
        return new Compute(
                Collections.nCopies(replicas, Device.cpu()), threads, 2, Duration.ofHours(1));
    }

    private static RunSettings settings(Recipe recipe, long seed) {
        return new RunSettings(
                "shapes",
                null,
                DATA.train().size(),
                DATA.train().checksum(),
                MobileNetV3.small()
                        .optWidth(0.35)
                        .optClasses(10)
                        .optDropout(0.2f)
                        .optStemStride(2)
                        .architecture(),
                new Preprocessing(32, 32, Normalization.uniform(3, 0.5f, 0.25f)),
                recipe,
                null,
                null,
                null,
                seed,
                1,
                null,
                Execution.COMPILED);
    }

    private Map<String, String> weights(String name) throws IOException {
        return weights(new RunDirectory(temporary.resolve(name)).lastCheckpoint().orElseThrow());
    }

    private static Map<String, String> weights(Path path) throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (ZooModel<?, ?> model = PackageModel.open(path, Device.cpu())) {
            for (Pair<String, Parameter> p : model.getBlock().getParameters()) {
                all.put(
                        p.getKey(),
                        java.util.Arrays.toString(p.getValue().getArray().toFloatArray()));
            }
        }
        return all;
    }
}
