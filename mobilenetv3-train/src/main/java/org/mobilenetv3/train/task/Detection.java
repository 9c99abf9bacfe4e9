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
import org.mobilenetv3.detection.Anchors;
import org.mobilenetv3.detection.Answers;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.detection.Targets;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.torchscript.Loss;
import org.mobilenetv3.train.data.Loader;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.data.scene.SceneSplits;
import org.mobilenetv3.train.data.scene.augment.SceneRenderer;
import org.mobilenetv3.train.data.scene.batch.BoxBatch;
import org.mobilenetv3.train.data.scene.batch.SceneLoader;
import org.mobilenetv3.train.evaluation.SceneEvaluation;
import org.mobilenetv3.train.metric.CocoEvaluation;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.report.TestSection;
import org.mobilenetv3.train.report.scene.DetectionSection;
import org.mobilenetv3.train.run.Metric;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.trained.Logits;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/**
 * Objects and their boxes, as torchvision's references/detection: the loss of SSDs, COCO's mAP.
 *
 * @param settings of the run
 * @param data scenes with boxes
 * @param loaderThreads threads that make batches
 * @param anchors of the net for the input's size
 */
public record Detection(RunSettings settings, SceneSplits data, int loaderThreads, Anchors anchors)
        implements TrainingTask<BoxBatch>, Objective<BoxBatch> {

    /** Thinner boxes, left of a crop, show nothing. */
    private static final double LEAST_SIDE = 0.01;

    /**
     * Makes the task of a run.
     *
     * @param settings of the run
     * @param data scenes with boxes
     * @param loaderThreads threads that make batches
     */
    public Detection(RunSettings settings, SceneSplits data, int loaderThreads) {
        this(
                settings,
                data,
                loaderThreads,
                settings.architecture()
                        .anchors(settings.input().height(), settings.input().width()));
    }

    @Override
    public Facts facts() {
        return Facts.of(data);
    }

    @Override
    public Metric metric() {
        return Metric.MAP;
    }

    @Override
    public Loader<BoxBatch> loader() {
        Recipe recipe = settings.recipe();
        Preprocessing input = settings.input();
        SceneRenderer renderer =
                SceneRenderer.ofBoxes(
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
                        new BoxBatch(
                                memory,
                                shape,
                                scenes.stream().map(scene -> targets(scene.boxes())).toList(),
                                indices));
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
    public Objective<BoxBatch> objective(boolean taught) {
        return this;
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
    public Score plus(Score running, BoxBatch batch, List<Learned> parts) {
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
        CocoEvaluation evaluation =
                new SceneEvaluation(answering(net), description, data.validation(), loaderThreads)
                        .boxes(stop);
        return new Validation(Double.NaN, Math.max(0, evaluation.figures().ap()));
    }

    /** A net that learns gives codes and logits, a trained one boxes and probabilities. */
    private Logits answering(Logits net) {
        int logits = facts().classes().size() + 1;
        return (images, shape) -> Answers.of(net.logits(images, shape), anchors, logits);
    }

    @Override
    public TestSection test(
            PackageNet best, int bestEpoch, DoubleSupplier wallSeconds, BooleanSupplier stop)
            throws IOException {
        long begin = System.nanoTime();
        CocoEvaluation evaluation =
                new SceneEvaluation(best, best.description(), data.test(), loaderThreads)
                        .boxes(stop);
        double seconds = (System.nanoTime() - begin) / 1e9;
        return DetectionSection.of(
                bestEpoch, evaluation, data.test(), seconds, wallSeconds.getAsDouble());
    }

    @Override
    public void showSamples(RunDirectory directory, Device device, PrintStream log)
            throws IOException {
        new SampleScenes(data.test()).write(directory, device, log);
    }
}
