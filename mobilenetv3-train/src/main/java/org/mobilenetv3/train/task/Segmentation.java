package org.mobilenetv3.train.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.torchscript.Loss;
import org.mobilenetv3.train.data.scene.SceneSplits;
import org.mobilenetv3.train.data.scene.augment.RenderedScene;
import org.mobilenetv3.train.data.scene.augment.SceneRenderer;
import org.mobilenetv3.train.data.scene.batch.MaskBatch;
import org.mobilenetv3.train.data.scene.batch.SceneLoader;
import org.mobilenetv3.train.metric.SegmentationScore;
import org.mobilenetv3.train.report.TestSection;
import org.mobilenetv3.train.report.scene.SegmentationSection;
import org.mobilenetv3.train.run.Metric;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.trained.Logits;
import org.mobilenetv3.trained.PackageNet;

/**
 * A class for each pixel, as torchvision's references/segmentation: cross entropy of the pixels
 * that have a class, mIoU.
 *
 * <p>While it learns, the middle of each validation image is scored, in the input's size, so that
 * batches have one shape; the test is on whole images.
 */
final class Segmentation extends SceneTask<MaskBatch> {

    /**
     * Makes the task of a run.
     *
     * @param settings of the run
     * @param data scenes with masks
     * @param loaderThreads threads that make batches
     */
    Segmentation(RunSettings settings, SceneSplits data, int loaderThreads) {
        super(settings, data, loaderThreads);
    }

    @Override
    public Metric metric() {
        return Metric.MIOU;
    }

    @Override
    SceneRenderer renderer(Preprocessing input) {
        return SceneRenderer.ofMasks(
                settings().recipe().sceneAugmentation(),
                Normalization.unit(input.channels()),
                input.height(),
                input.width());
    }

    @Override
    SceneLoader.Maker<MaskBatch> maker() {
        return (memory, shape, scenes, seen, indices) ->
                new MaskBatch(
                        memory, shape, seen.stream().map(RenderedScene::mask).toList(), indices);
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
    public Validation validate(Logits net, BooleanSupplier stop) throws IOException {
        double iou = validation(net).centerCrops(stop).meanIou();
        return new Validation(Double.NaN, Double.isNaN(iou) ? 0 : iou); // no pixel has a class
    }

    @Override
    public TestSection test(
            PackageNet best, int bestEpoch, DoubleSupplier wallSeconds, BooleanSupplier stop)
            throws IOException {
        long begin = System.nanoTime();
        SegmentationScore score = test(best, best.description()).masks(stop);
        double seconds = (System.nanoTime() - begin) / 1e9;
        return SegmentationSection.of(
                bestEpoch, score, testSet(), seconds, wallSeconds.getAsDouble());
    }
}
