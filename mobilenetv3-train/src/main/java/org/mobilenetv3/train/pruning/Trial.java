package org.mobilenetv3.train.pruning;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.pruning.ChannelGroup;
import org.mobilenetv3.pruning.Cut;
import org.mobilenetv3.pruning.Pruning;
import org.mobilenetv3.train.Learner;
import org.mobilenetv3.train.Replica;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.evaluation.Evaluation;
import org.mobilenetv3.train.pruning.NetAdapt.Candidate;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.ProgressLine;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/**
 * Tries a cut: how good the net is after a short training.
 *
 * @param settings of the run
 * @param data images at the net's input size
 * @param cost what counts
 * @param device where to compute
 */
record Trial(PruningSettings settings, Splits data, Cost cost, Device device) {

    /** The loss of a net whose own is not finite: JSON has no infinity. */
    static final double DIVERGED = Double.MAX_VALUE;

    private static final String CANDIDATE = "candidate";

    /**
     * Reads what a finished trial left.
     *
     * @param place of its package
     * @return its candidate, or null if there is none
     * @throws IOException if it is damaged
     */
    static Candidate known(Path place) throws IOException {
        if (!Files.isDirectory(place)) {
            return null;
        }
        Object saved = ModelPackage.read(place).description().provenance().get(CANDIDATE);
        return saved == null
                ? null
                : JsonUtils.GSON.fromJson(JsonUtils.GSON.toJson(saved), Candidate.class);
    }

    /**
     * Cuts, trains for a while, validates and saves.
     *
     * @param net the net before
     * @param cut what stays
     * @param group that is cut
     * @param number of the step
     * @param place where the trained net goes
     * @param task for the progress line
     * @param stop asked after each batch whether to stop
     * @return the candidate, or null if it was stopped
     * @throws IOException if the net cannot be saved
     */
    Candidate run(
            PackageNet net,
            Cut cut,
            String group,
            int number,
            Path place,
            String task,
            BooleanSupplier stop)
            throws IOException {
        int from =
                cut.groups().stream()
                        .filter(g -> g.name().equals(group))
                        .mapToInt(ChannelGroup::width)
                        .findFirst()
                        .orElseThrow();
        int to = cut.kept().get(group).length;
        NetDescription description;
        // DJL reads weights from files only.
        Path untrained = place.resolveSibling(group + ".cut");
        ModelPackage.delete(untrained);
        try (PackageNet pruned = Pruning.of(net, cut, settings.provenance()).net()) {
            description = pruned.description();
            pruned.save(untrained);
        }
        Recipe recipe = settings.recipe();
        Preprocessing input = description.preprocessing();
        Shape image = new Shape(1, input.channels(), input.height(), input.width());
        float momentum = (float) recipe.number(RecipeKey.NORM_MOMENTUM);
        MobileNetV3 block =
                MobileNetV3.of(description.architecture(), input.normalization(), momentum);
        try (Model model =
                Model.newInstance(description.architecture().name(), device, "PyTorch")) {
            Replica replica = Replica.of(model, block, image, settings.seed(), untrained);
            Score score;
            try (Learner<Batch> learner =
                            Learner.of(List.of(replica), recipe, null, settings.seed());
                    BatchLoader train = settings.loader(data.train(), input, true);
                    BatchLoader validation = settings.loader(data.validation(), input, false)) {
                if (!learn(learner, train, number, task, stop)) {
                    return null;
                }
                score = Evaluation.of(replica::logits, validation, running -> !stop.getAsBoolean());
                if (score.images() < validation.images()) {
                    return null;
                }
            }
            Candidate candidate =
                    new Candidate(
                            group,
                            from,
                            to,
                            cost.of(description.architecture()),
                            score.top1(),
                            Double.isFinite(score.loss()) ? score.loss() : DIVERGED);
            Map<String, Object> provenance = new LinkedHashMap<>(description.provenance());
            provenance.put(CANDIDATE, candidate);
            ModelPackage.save(
                    place,
                    model,
                    new NetDescription(
                            description.architecture(),
                            input,
                            true,
                            description.classes(),
                            provenance),
                    ModelPackage.Extra.NONE);
            return candidate;
        } finally {
            ModelPackage.delete(untrained);
        }
    }

    /** Learns from the same batches as the step's other candidates; false if stopped. */
    private boolean learn(
            Learner<Batch> learner,
            BatchLoader loader,
            int number,
            String task,
            BooleanSupplier stop) {
        int batches = (int) Math.max(1, Math.round(settings.epochsPerStep() * loader.batches()));
        long images = (long) batches * settings.recipe().batchSize();
        Score score = Score.NONE;
        long begin = System.nanoTime();
        int step = 0;
        try (ProgressLine line = new ProgressLine(task, images, 0)) {
            for (int epoch = 0; step < batches; epoch++) {
                for (Batch batch : loader.epoch(number * 1000 + epoch)) {
                    try (batch) {
                        double rate = settings.recipe().number(RecipeKey.LR);
                        score = learner.step(batch, rate, step, score);
                    }
                    double perStep = (System.nanoTime() - begin) / (double) ++step;
                    line.update(score, Duration.ofNanos((long) (perStep * (batches - step))));
                    if (stop.getAsBoolean()) {
                        learner.settle(score);
                        return false;
                    }
                    if (step == batches) {
                        break;
                    }
                }
            }
            learner.settle(score);
        }
        return true;
    }
}
