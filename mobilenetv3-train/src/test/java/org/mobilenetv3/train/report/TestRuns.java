package org.mobilenetv3.train.report;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.EpochMetrics;
import org.mobilenetv3.train.run.Metric;
import org.mobilenetv3.train.run.Predictions;
import org.mobilenetv3.train.run.Predictions.Prediction;
import org.mobilenetv3.train.run.RecordedWeights;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunResult;
import org.mobilenetv3.train.run.RunSettings;

/** Runs that nobody trained. */
public final class TestRuns {

    private TestRuns() {}

    public static RunSettings settings(String dataset, long seed, int epochs) {
        return settings(dataset, seed, epochs, null);
    }

    public static RunSettings settings(
            String dataset, long seed, int epochs, RecordedWeights teacher) {
        return new RunSettings(
                dataset,
                null,
                900,
                seed,
                MobileNetV3.small().optClasses(3).architecture(),
                new Preprocessing(32, 32, Normalization.unit(3)),
                quick().with(RecipeKey.EPOCHS, epochs),
                null,
                null,
                teacher,
                seed,
                1,
                null,
                Execution.COMPILED);
    }

    private static Recipe quick() {
        try {
            return Recipe.of("quick", "mobilenet_v3_small");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<EpochMetrics> history(int epochs, double lastTop1) {
        List<EpochMetrics> history = new ArrayList<>();
        for (int e = 1; e <= epochs; e++) {
            double top1 = lastTop1 * e / epochs;
            history.add(
                    new EpochMetrics(
                            e,
                            0.003 / e,
                            2.0 / e,
                            top1 + 0.01,
                            2.1 / e,
                            top1,
                            Metric.TOP1,
                            10,
                            90 * e));
        }
        return history;
    }

    /** A run directory as it is after so many epochs. */
    public static Path write(Path path, RunSettings settings, List<EpochMetrics> history)
            throws IOException {
        new RunDirectory(path).create(settings);
        if (!history.isEmpty()) {
            Files.writeString(path.resolve("metrics.json"), JsonUtils.GSON.toJson(history));
        }
        return path;
    }

    /** A test of so many images, of which so many were right. */
    public static RunResult result(int right, int images) {
        return RunResult.of(2, predictions(3, right, images), 1, 65);
    }

    public static Predictions predictions(int classes, int right, int images) {
        List<Prediction> predictions = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            int label = i % classes;
            predictions.add(
                    i < right
                            ? new Prediction(i, label, label, 0.9, 0.9, 0.1, 0)
                            : new Prediction(
                                    i, label, (label + 1) % classes, 0.7, 0.1 / (i + 1), 3, 1));
        }
        return new Predictions(classes, predictions);
    }

    static ImageSet images(List<String> classes, int count) {
        byte[][] images = new byte[count][3 * 4 * 4];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i % classes.size();
        }
        return new ImageSet("test", classes, 3, 4, 4, images, labels);
    }

    public static RunReport report(String name, int epochs, Optional<TestSection> test) {
        RunFacts facts = RunFacts.of(name, settings("shapes", 1, 5));
        return new RunReport(
                facts, history(epochs, 0.8), test, new Machine(Map.of("CPU", "abacus")), 65);
    }
}
