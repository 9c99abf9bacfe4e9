package org.mobilenetv3.train.task;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.torchscript.Loss;
import org.mobilenetv3.train.data.Loader;
import org.mobilenetv3.train.data.scene.SceneSplits;
import org.mobilenetv3.train.data.scene.augment.RenderedScene;
import org.mobilenetv3.train.data.scene.augment.SceneRenderer;
import org.mobilenetv3.train.data.scene.batch.MaskBatch;
import org.mobilenetv3.train.data.scene.batch.SceneLoader;
import org.mobilenetv3.train.evaluation.SceneEvaluation;
import org.mobilenetv3.train.metric.SegmentationScore;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.report.TestSection;
import org.mobilenetv3.train.report.scene.SegmentationSection;
import org.mobilenetv3.train.run.Metric;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.trained.Logits;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/**
 * A class for each pixel, as torchvision's references/segmentation: cross entropy of the pixels
 * that have a class, mIoU.
 *
 * <p>While it learns, the middle of each validation image is scored, in the input's size, so that
 * batches have one shape; the test is on whole images.
 *
 * @param settings of the run
 * @param data scenes with masks
 * @param loaderThreads threads that make batches
 */
public record Segmentation(RunSettings settings, SceneSplits data, int loaderThreads)
        implements TrainingTask<MaskBatch>, Objective<MaskBatch> {

    @Override
    public Facts facts() {
        return Facts.of(data);
    }

    @Override
    public Metric metric() {
        return Metric.MIOU;
    }

    @Override
    public Loader<MaskBatch> loader() {
        Recipe recipe = settings.recipe();
        Preprocessing input = settings.input();
        SceneRenderer renderer =
                SceneRenderer.ofMasks(
                        recipe.sceneAugmentation(),
                        Normalization.unit(input.channels()),
                        input.height(),
                        input.width());
        return new SceneLoader<>(
                data.train(),
                renderer,
                new Shape(input.channels(), input.height(), input.width()),
                new Loader.Options(recipe.batchSize(), true, settings.seed(), loaderThreads, 2),
                (memory, shape, scenes, indices) ->
                        new MaskBatch(
                                memory,
                                shape,
                                scenes.stream().map(RenderedScene::mask).toList(),
                                indices));
    }

    @Override
    public Objective<MaskBatch> objective(boolean taught) {
        return this;
    }

    @Override
    public Loss loss() {
        return Loss.PIXELS;
    }

    @Override
    public List<NDArray> targets(NDManager scope, MaskBatch batch, int from, int to) {
        float share = 1f / Math.max(1, batch.learned());
        return List.of(batch.masks(scope, from, to), scope.full(new Shape(), share));
    }

    @Override
    public Score plus(Score running, MaskBatch batch, List<Learned> parts) {
        return running.plus(Objective.loss(parts), batch.size());
    }

    @Override
    public Validation validate(Logits net, BooleanSupplier stop) throws IOException {
        NetDescription description =
                new NetDescription(
                        settings.architecture(),
                        settings.input(),
                        true,
                        data.train().classes(),
                        Map.of());
        SegmentationScore score =
                new SceneEvaluation(net, description, data.validation(), loaderThreads)
                        .middles(stop);
        double iou = score.meanIou();
        return new Validation(Double.NaN, Double.isNaN(iou) ? 0 : iou);
    }

    @Override
    public TestSection test(
            PackageNet best, int bestEpoch, DoubleSupplier wallSeconds, BooleanSupplier stop)
            throws IOException {
        long begin = System.nanoTime();
        SegmentationScore score =
                new SceneEvaluation(best, best.description(), data.test(), loaderThreads)
                        .masks(stop);
        double seconds = (System.nanoTime() - begin) / 1e9;
        return SegmentationSection.of(
                bestEpoch, score, data.test(), seconds, wallSeconds.getAsDouble());
    }

    @Override
    public void showSamples(RunDirectory directory, Device device, PrintStream log)
            throws IOException {
        new SampleScenes(data.test()).write(directory, device, log);
    }
}
