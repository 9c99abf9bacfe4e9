package org.mobilenetv3.train;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.train.run.Checkpoints;
import org.mobilenetv3.train.run.Checkpoints.Progress;
import org.mobilenetv3.train.run.EpochMetrics;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.task.TrainingTask;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;

/**
 * Saves what a run has learned.
 *
 * @param directory the run
 * @param settings of the run
 * @param data what it learns from
 * @param keep how many checkpoints to keep
 */
record RunSaver(RunDirectory directory, RunSettings settings, TrainingTask.Facts data, int keep) {

    /** Saves the best package so far, with the averaged weights if there is an average. */
    void best(Learner<?> learner, List<EpochMetrics> history) throws IOException {
        learner.averaged(() -> save(learner, history, directory.best(), ModelPackage.Extra.NONE));
    }

    /** Saves all that the next step depends on. */
    void checkpoint(Learner<?> learner, Progress at) throws IOException {
        Checkpoints checkpoints = directory.checkpoints();
        save(
                learner,
                at.history(),
                checkpoints.path(at.step()),
                staging -> Checkpoints.write(staging, at, learner.state()));
        checkpoints.prune(keep);
    }

    private ModelPackage save(
            Learner<?> learner, List<EpochMetrics> history, Path target, ModelPackage.Extra extra)
            throws IOException {
        try {
            return ModelPackage.save(
                    target,
                    learner.replica().model(),
                    new NetDescription(
                            settings.architecture(),
                            settings.input(),
                            true,
                            data.classes(),
                            provenance(history)),
                    extra);
        } catch (IOException e) {
            throw directory.unwritable(target, e);
        }
    }

    private Map<String, Object> provenance(List<EpochMetrics> history) {
        Map<String, Object> provenance = new LinkedHashMap<>();
        provenance.put("dataset", data.dataset());
        provenance.put("trainImages", data.images());
        provenance.put(RunSettings.CHECKSUM, RunSettings.checksumText(settings.trainChecksum()));
        provenance.put("recipe", settings.recipe());
        if (settings.weights() != null) {
            provenance.put("weights", settings.weights());
        }
        if (settings.teacher() != null) {
            provenance.put("teacher", settings.teacher().path());
            provenance.put("teacherSha256", settings.teacher().sha256());
        }
        provenance.put("seed", settings.seed());
        if (!history.isEmpty()) {
            provenance.put("metrics", history.get(history.size() - 1));
        }
        provenance.put("java", Runtime.version().toString());
        provenance.put("djl", Engine.getDjlVersion());
        provenance.put("libtorch", Engine.getEngine("PyTorch").getVersion());
        provenance.put("saved", Instant.now().toString());
        return provenance;
    }
}
