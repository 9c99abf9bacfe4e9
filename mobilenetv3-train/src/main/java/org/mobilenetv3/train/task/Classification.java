package org.mobilenetv3.train.task;

import ai.djl.Device;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.augment.Augmentation;
import org.mobilenetv3.train.evaluation.Evaluation;
import org.mobilenetv3.train.recipe.ClassWeights;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.report.ClassSection;
import org.mobilenetv3.train.report.TestSection;
import org.mobilenetv3.train.run.Metric;
import org.mobilenetv3.train.run.Predictions;
import org.mobilenetv3.train.run.ProgressLine;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunResult;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.run.SampleImages;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.trained.Logits;
import org.mobilenetv3.trained.PackageNet;

/**
 * One class an image.
 *
 * @param settings of the run
 * @param data train, validation and test images, already fitted to the net's input
 * @param loaderThreads threads that make batches
 */
public record Classification(RunSettings settings, Splits data, int loaderThreads)
        implements TrainingTask<Batch> {

    @Override
    public Facts facts() {
        return Facts.of(data);
    }

    @Override
    public Metric metric() {
        return Metric.TOP1;
    }

    @Override
    public BatchLoader loader() {
        return loader(data.train(), true);
    }

    @Override
    public CrossEntropy objective(boolean taught) {
        Recipe recipe = settings.recipe();
        float[] weights = recipe.get(RecipeKey.CLASS_WEIGHTS, ClassWeights.class).of(data.train());
        return CrossEntropy.of(recipe, facts().classes().size(), weights, taught);
    }

    @Override
    public Validation validate(Logits net, BooleanSupplier stop) throws IOException {
        try (BatchLoader loader = loader(data.validation(), false)) {
            Score score = Evaluation.of(net, loader, running -> !stop.getAsBoolean());
            return new Validation(score.loss(), score.top1());
        }
    }

    @Override
    public TestSection test(
            PackageNet best, int bestEpoch, DoubleSupplier wallSeconds, BooleanSupplier stop)
            throws IOException {
        long begin = System.nanoTime();
        try (BatchLoader loader = loader(data.test(), false);
                ProgressLine line = new ProgressLine("test", loader.images(), 0)) {
            Predictions test =
                    Evaluation.run(
                                    best,
                                    loader,
                                    false,
                                    running -> {
                                        line.update(running, Duration.ZERO);
                                        return !stop.getAsBoolean();
                                    })
                            .plain();
            double seconds = (System.nanoTime() - begin) / 1e9;
            RunResult result = RunResult.of(bestEpoch, test, seconds, wallSeconds.getAsDouble());
            return new ClassSection(result, test, data.test());
        }
    }

    @Override
    public void showSamples(RunDirectory directory, Device device, PrintStream log)
            throws IOException {
        new SampleImages(data.test()).writeAndPredict(directory, device, log);
    }

    private BatchLoader loader(ImageSet images, boolean train) {
        Recipe recipe = settings.recipe();
        return BatchLoader.builder()
                .setSet(images)
                .setBatchSize(recipe.batchSize())
                .optAugmentation(train ? recipe.augmentation() : Augmentation.NONE)
                // The net normalizes: what is the mean to it is 0 to torchvision's erasing.
                .optErased(settings.input().normalization().mean())
                .optShuffle(train)
                .optSeed(settings.seed())
                .optThreads(loaderThreads)
                .build();
    }
}
