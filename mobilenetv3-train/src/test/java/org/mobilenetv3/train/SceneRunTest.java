package org.mobilenetv3.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.Presets;
import org.mobilenetv3.Task;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.TrainingRun.Compute;
import org.mobilenetv3.train.TrainingRun.Outcome;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.data.scene.SceneSplits;
import org.mobilenetv3.train.data.scene.ShapeScenes;
import org.mobilenetv3.train.evaluation.SceneEvaluation;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.EpochMetrics;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.task.RunData;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/** Runs that detect and segment. */
class SceneRunTest {

    private static final int SIDE = 64;
    private static final PrintStream SILENT =
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);

    @TempDir private Path temporary;

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    /** With all that has a state: clipping, average, two parts of a batch, augmentation. */
    @ParameterizedTest
    @CsvSource({"DETECT, 5", "SEGMENT, 4"})
    void aStoppedRunGoesOnToTheSameWeights(Task task, int stopAfter) throws IOException {
        RunDirectory whole = directory("whole", settings(task));
        Outcome undisturbed = run(task, whole).run(false, () -> false);
        RunDirectory directory = directory("stopped", settings(task));
        int[] asked = {0};
        Outcome stopped = run(task, directory).run(false, () -> ++asked[0] == stopAfter);
        assertThat(stopped.test()).isEmpty();
        Outcome resumed = run(task, directory).run(true, () -> false);
        assertThat(resumed.test().orElseThrow().figures())
                .isEqualTo(undisturbed.test().orElseThrow().figures());
        assertThat(weights(directory.best())).isEqualTo(weights(whole.best()));
        assertThat(directory.path().resolve("metrics.csv"))
                .hasSameTextualContentAs(whole.path().resolve("metrics.csv"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Task.class,
            names = {"DETECT", "SEGMENT"})
    void aRunLeavesAPackageAResultAndAPage(Task task) throws IOException {
        RunDirectory directory = directory("run", settings(task));
        Outcome outcome = run(task, directory).run(false, () -> false);
        assertThat(outcome.history()).hasSize(2).allMatch(m -> m.trainLoss() > 0);
        String metric = task == Task.DETECT ? "map" : "miou";
        assertThat(Files.readString(directory.path().resolve("metrics.csv")))
                .startsWith("epoch,learning_rate,train_loss,train_" + metric);
        assertThat(outcome.test().orElseThrow().images()).isEqualTo(5);
        assertThat(Files.readString(directory.path().resolve("result.json"))).contains("classes");
        assertThat(directory.path().resolve("report.html")).isNotEmptyFile();
        try (PackageNet net = PackageNet.open(directory.best(), Device.cpu())) {
            assertThat(net.description().architecture().task()).isEqualTo(task);
        }
    }

    /** What chose the best epoch is what its package finds. */
    @ParameterizedTest
    @EnumSource(
            value = Task.class,
            names = {"DETECT", "SEGMENT"})
    void theBestPackageScoresAsItWasValidated(Task task) throws IOException {
        RunDirectory directory = directory("run", settings(task, 3));
        Outcome outcome = run(task, directory).run(false, () -> false);
        double validated = EpochMetrics.best(outcome.history()).validationScore();
        assertThat(validated).isPositive();
        SceneSet scenes = ShapeScenes.of(16, 5, SIDE, 7, task == Task.SEGMENT);
        try (PackageNet net = PackageNet.open(directory.best(), Device.cpu())) {
            SceneEvaluation evaluation = new SceneEvaluation(net, net.description(), scenes, 1);
            double scored =
                    task == Task.DETECT
                            ? evaluation.boxes(() -> false).figures().ap()
                            : evaluation.masks(() -> false).meanIou();
            assertThat(scored).isCloseTo(validated, within(1e-6 * validated));
        }
    }

    /** The trunk of one task is where a net of another begins; its head begins by itself. */
    @ParameterizedTest
    @CsvSource({
        "mobilenet_v3_small, features., lraspp_small, backbone.",
        "mobilenet_v3_small, features., ssdlite320_small, backbone.features.",
        "lraspp_small, backbone., ssdlite320_small, backbone.features.",
        "ssdlite320_small, backbone.features., mobilenet_v3_small, features."
    })
    void aNetOfAnotherTaskBeginsWithTheTrunk(
            String from, String theirTrunk, String to, String ownTrunk) throws IOException {
        Path weights = temporary.resolve("from");
        save(weights, Presets.of(from, 0.5).withClasses(3));
        StartingPoint start = StartingPoint.read(weights, null);
        MobileNetV3 net = MobileNetV3.of(Presets.of(to, 0.5).withClasses(6));
        try (Model model = Model.newInstance("to", "PyTorch");
                PackageNet trained = PackageNet.open(weights, Device.cpu())) {
            Replica replica = Replica.of(model, net, new Shape(1, 3, SIDE, SIDE), 4, null);
            Map<String, String> before = weights(net);
            List<String> own = replica.begin(start, trained, List.of("6", "classes"));
            assertThat(own).isNotEmpty().noneMatch(name -> name.startsWith(ownTrunk));
            Map<String, String> after = weights(net);
            own.forEach(name -> assertThat(after).containsEntry(name, before.get(name)));
            assertThat(trunk(net, ownTrunk)).isEqualTo(trunk(trained.block(), theirTrunk));
        }
    }

    /** The trunk's numbers in running order. */
    private static List<String> trunk(MobileNetV3 net, String prefix) {
        return net.getParameters().stream()
                .filter(p -> p.getKey().startsWith(prefix))
                .map(p -> Arrays.toString(p.getValue().getArray().toFloatArray()))
                .toList();
    }

    private static void save(Path weights, Architecture given) throws IOException {
        try (Model model = Model.newInstance("from", "PyTorch")) {
            Preprocessing input = new Preprocessing(SIDE, SIDE, Normalization.IMAGENET);
            MobileNetV3 net = MobileNetV3.of(given, input.normalization());
            Replica.of(model, net, new Shape(1, 3, SIDE, SIDE), 9, null);
            ModelPackage.save(
                    weights,
                    model,
                    new NetDescription(given, input, true, List.of("a", "b", "c"), Map.of()),
                    ModelPackage.Extra.NONE);
        }
    }

    @Test
    void anotherTrunkIsNoBeginning() throws IOException {
        Path weights = temporary.resolve("from");
        save(weights, Presets.of("article_small").withClasses(3));
        StartingPoint start = StartingPoint.read(weights, null);
        MobileNetV3 net = MobileNetV3.of(Presets.of("lraspp_small", 0.5).withClasses(6));
        assertThatThrownBy(() -> start.differing(net))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is of another net (article_small): 0 of the ");
    }

    private static TrainingRun<?> run(Task task, RunDirectory directory) throws IOException {
        return TrainingRun.of(
                directory.settings(),
                data(task),
                directory,
                new Compute(List.of(Device.cpu()), 1, 2, Duration.ofMillis(1)),
                SILENT);
    }

    private RunDirectory directory(String name, RunSettings settings) throws IOException {
        RunDirectory directory = new RunDirectory(temporary.resolve(name));
        directory.create(settings);
        return directory;
    }

    private static RunData data(Task task) {
        boolean masks = task == Task.SEGMENT;
        return new RunData.Scenes(
                new SceneSplits(
                        ShapeScenes.of(0, 16, SIDE, 7, masks),
                        ShapeScenes.of(16, 5, SIDE, 7, masks),
                        ShapeScenes.of(21, 5, SIDE, 7, masks)));
    }

    private static RunSettings settings(Task task) throws IOException {
        return settings(task, 2);
    }

    private static RunSettings settings(Task task, int epochs) throws IOException {
        boolean detects = task == Task.DETECT;
        RunData data = data(task);
        Architecture net =
                Presets.of(detects ? "ssdlite320_small" : "lraspp_small", 0.5)
                        .withClasses(data.facts().classes().size());
        Recipe recipe =
                Recipe.of(detects ? "detect" : "segment", net.name())
                        .with(RecipeKey.EPOCHS, epochs)
                        .with(RecipeKey.BATCH_SIZE, 4)
                        .with(RecipeKey.ACCUMULATE, 2)
                        .with(RecipeKey.CLIP_NORM, 1)
                        .with(RecipeKey.DATA_AUGMENTATION, detects ? "ssd" : "scale");
        return new RunSettings(
                "shapes",
                null,
                data.facts().images(),
                data.checksum(),
                net,
                new Preprocessing(
                        detects ? new Fit.Stretch(SIDE, SIDE) : new Fit.WholeImage(SIDE),
                        Normalization.uniform(3, 0.5f, 0.5f)),
                recipe,
                null,
                null,
                null,
                5,
                1,
                1,
                Execution.COMPILED);
    }

    private static Map<String, String> weights(Path directory) throws IOException {
        try (PackageNet net = PackageNet.open(directory, Device.cpu())) {
            return weights(net.block());
        }
    }

    private static Map<String, String> weights(MobileNetV3 net) {
        Map<String, String> weights = new TreeMap<>();
        net.getParameters()
                .forEach(
                        p ->
                                weights.put(
                                        p.getKey(),
                                        Arrays.toString(p.getValue().getArray().toFloatArray())));
        return weights;
    }
}
