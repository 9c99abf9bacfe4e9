package org.mobilenetv3.train.task;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.train.data.ImageBatch;
import org.mobilenetv3.train.data.Loader;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.data.scene.SceneSplits;
import org.mobilenetv3.train.data.scene.augment.SceneRenderer;
import org.mobilenetv3.train.data.scene.batch.SceneLoader;
import org.mobilenetv3.train.evaluation.SceneEvaluation;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.trained.Logits;
import org.mobilenetv3.trained.NetDescription;

/** What detection and segmentation have in common. */
abstract class SceneTask<B extends ImageBatch> implements TrainingTask<B>, Objective<B> {

    private final RunSettings settings;
    private final SceneSplits data;
    private final int loaderThreads;

    SceneTask(RunSettings settings, SceneSplits data, int loaderThreads) {
        this.settings = settings;
        this.data = data;
        this.loaderThreads = loaderThreads;
    }

    /** Makes input of training scenes. */
    abstract SceneRenderer renderer(Preprocessing input);

    /** Makes a batch of them. */
    abstract SceneLoader.Maker<B> maker();

    RunSettings settings() {
        return settings;
    }

    SceneSet testSet() {
        return data.test();
    }

    List<String> classes() {
        return data.train().classes();
    }

    @Override
    public Facts facts() {
        return Facts.of(data);
    }

    @Override
    public Loader<B> loader() {
        Preprocessing input = settings.input();
        int batchSize = settings.recipe().batchSize();
        return new SceneLoader<>(
                data.train(),
                renderer(input),
                new Shape(input.channels(), input.height(), input.width()),
                new Loader.Options(batchSize, true, settings.seed(), loaderThreads, 2),
                maker());
    }

    @Override
    public Objective<B> objective(boolean taught) {
        return this;
    }

    @Override
    public Score plus(Score running, B batch, List<Learned> parts) {
        return running.plus(Objective.loss(parts), batch.size());
    }

    /** Of a net that learns, on the validation scenes. */
    SceneEvaluation validation(Logits net) {
        return new SceneEvaluation(
                net,
                new NetDescription(
                        settings.architecture(), settings.input(), true, classes(), Map.of()),
                data.validation(),
                loaderThreads);
    }

    /** Of a trained net, on the test scenes. */
    SceneEvaluation test(Logits net, NetDescription description) {
        return new SceneEvaluation(net, description, data.test(), loaderThreads);
    }

    @Override
    public void showSamples(RunDirectory directory, Device device, PrintStream log)
            throws IOException {
        new SampleScenes(data.test()).write(directory, log);
    }
}
