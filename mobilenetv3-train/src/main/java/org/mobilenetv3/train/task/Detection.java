package org.mobilenetv3.train.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.mobilenetv3.detection.Anchors;
import org.mobilenetv3.detection.Answers;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.detection.Targets;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.torchscript.Loss;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.data.scene.SceneSplits;
import org.mobilenetv3.train.data.scene.augment.SceneRenderer;
import org.mobilenetv3.train.data.scene.batch.BoxBatch;
import org.mobilenetv3.train.data.scene.batch.SceneLoader;
import org.mobilenetv3.train.metric.CocoEvaluation;
import org.mobilenetv3.train.report.TestSection;
import org.mobilenetv3.train.report.scene.DetectionSection;
import org.mobilenetv3.train.run.Metric;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.trained.Logits;
import org.mobilenetv3.trained.PackageNet;

/** Objects and their boxes, as torchvision's references/detection: SSD's loss, COCO's mAP. */
final class Detection extends SceneTask<BoxBatch> {

    /** Thinner boxes, left of a crop, show nothing. */
    private static final double LEAST_SIDE = 0.01;

    private final Anchors anchors;

    /**
     * Makes the task of a run.
     *
     * @param settings of the run
     * @param data scenes with boxes
     * @param loaderThreads threads that make batches
     */
    Detection(RunSettings settings, SceneSplits data, int loaderThreads) {
        super(settings, data, loaderThreads);
        Preprocessing input = settings.input();
        anchors = settings.architecture().anchors(input.height(), input.width());
    }

    @Override
    public Metric metric() {
        return Metric.MAP;
    }

    @Override
    SceneRenderer renderer(Preprocessing input) {
        return SceneRenderer.ofBoxes(
                settings().recipe().sceneAugmentation(),
                Normalization.unit(input.channels()),
                input.height(),
                input.width());
    }

    @Override
    SceneLoader.Maker<BoxBatch> maker() {
        return (memory, shape, scenes, seen, indices) ->
                new BoxBatch(
                        memory,
                        shape,
                        seen.stream().map(scene -> targets(scene.boxes())).toList(),
                        indices);
    }

    private Targets targets(List<LabeledBox> objects) {
        List<LabeledBox> learned =
                objects.stream()
                        .filter(object -> !object.ignored())
                        .filter(object -> isSeen(object.box()))
                        .toList();
        return Targets.of(
                anchors,
                learned.stream().map(LabeledBox::box).toList(),
                learned.stream().mapToInt(LabeledBox::label).toArray());
    }

    private static boolean isSeen(Box box) {
        return box.width() > LEAST_SIDE && box.height() > LEAST_SIDE;
    }

    @Override
    public Loss loss() {
        return Loss.BOXES;
    }

    @Override
    public List<NDArray> targets(NDManager scope, BoxBatch batch, int from, int to) {
        return List.of(
                batch.labels(scope, from, to),
                batch.codes(scope, from, to),
                scope.full(new Shape(), (float) Math.max(1, batch.positives())));
    }

    @Override
    public Validation validate(Logits net, BooleanSupplier stop) throws IOException {
        double ap = validation(answering(net)).boxes(stop).figures().ap();
        return new Validation(Double.NaN, Math.max(0, ap)); // -1 without objects
    }

    /** A net that learns gives codes and logits, a trained one boxes and probabilities. */
    private Logits answering(Logits net) {
        int logits = classes().size() + 1;
        return (images, shape) -> Answers.of(net.logits(images, shape), anchors, logits);
    }

    @Override
    public TestSection test(
            PackageNet best, int bestEpoch, DoubleSupplier wallSeconds, BooleanSupplier stop)
            throws IOException {
        long begin = System.nanoTime();
        CocoEvaluation evaluation = test(best, best.description()).boxes(stop);
        double seconds = (System.nanoTime() - begin) / 1e9;
        return DetectionSection.of(
                bestEpoch, evaluation, testSet(), seconds, wallSeconds.getAsDouble());
    }
}
