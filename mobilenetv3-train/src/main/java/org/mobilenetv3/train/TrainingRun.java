package org.mobilenetv3.train;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.export.PackageNet;
import org.mobilenetv3.train.RunDirectory.Progress;
import org.mobilenetv3.train.data.Augmentation;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.zoo.ModelDescription;
import org.mobilenetv3.zoo.ModelPackage;
import org.mobilenetv3.zoo.Preprocessing;

/**
 * One training run: epochs of learning and validation, the last and the best package saved, the
 * best scored once on the test set at the end.
 */
public final class TrainingRun {

    private final RunSettings settings;
    private final Splits data;
    private final RunDirectory directory;
    private final Device device;
    private final int loaderThreads;
    private final PrintStream log;
    private final Schedule schedule;
    private final int batches;

    private boolean stopped;

    /** Images per second over all epochs of this process, for the time left. */
    private double imagesPerSecond;

    /**
     * Prepares a run.
     *
     * @param settings what decides the outcome
     * @param data train, validation and test images, already fitted to the net's input
     * @param directory where files go
     * @param device where to compute
     * @param loaderThreads threads that make batches; the outcome does not depend on it
     * @param log told each epoch's figures
     */
    public TrainingRun(
            RunSettings settings,
            Splits data,
            RunDirectory directory,
            Device device,
            int loaderThreads,
            PrintStream log) {
        this.settings = settings;
        this.data = data;
        this.directory = directory;
        this.device = device;
        this.loaderThreads = loaderThreads;
        this.log = log;
        Recipe recipe = settings.recipe();
        try (BatchLoader loader = loader(data.train(), true)) {
            batches = loader.batches();
        }
        schedule =
                new Schedule(
                        recipe.learningRate(),
                        Math.round(recipe.warmupEpochs() * batches),
                        (long) recipe.epochs() * batches,
                        recipe.cosine());
    }

    /**
     * What a run came to.
     *
     * @param interrupted whether the user stopped it; then {@code test} is empty
     * @param history each epoch's metrics
     * @param test score of the best package on the test set
     * @param testSeconds time that took
     */
    public record Outcome(
            boolean interrupted, List<EpochMetrics> history, Score test, double testSeconds) {}

    /**
     * Trains from the beginning or from where the run was left.
     *
     * @param resume whether to go on from {@code last}
     * @param stop asked after each batch whether to save and stop
     * @return the outcome
     * @throws IOException if files cannot be written
     * @throws TrainingDivergedException if the loss stops being a number
     */
    public Outcome run(boolean resume, BooleanSupplier stop) throws IOException {
        List<EpochMetrics> history;
        // A run that was stopped before its first checkpoint begins again.
        Path weights = resume && Files.exists(directory.last()) ? directory.last() : null;
        Preprocessing input = settings.input();
        MobileNetV3 net =
                MobileNetV3.of(settings.architecture(), input.normalization())
                        .setExecution(settings.execution());
        String name = settings.architecture().artifactId();
        Shape shape = new Shape(1, input.channels(), input.size(), input.size());
        try (Model model = Model.newInstance(name, device, "PyTorch");
                Learner learner =
                        new Learner(
                                model, net, settings.recipe(), shape, settings.seed(), weights);
                BatchLoader train = loader(data.train(), true);
                BatchLoader validation = loader(data.validation(), false)) {
            Progress at =
                    weights == null ? Progress.START : directory.readState(learner.optimizer());
            history = new ArrayList<>(at.history());
            while (at.epoch() < settings.recipe().epochs()) {
                at = learnEpoch(learner, train, at, stop);
                if (stopped) {
                    saveLast(learner, at);
                    return new Outcome(true, history, Score.NONE, 0);
                }
                EpochMetrics metrics = finishEpoch(learner, validation, at, stop);
                if (stopped) {
                    saveLast(learner, at);
                    return new Outcome(true, history, Score.NONE, 0);
                }
                if (!Double.isFinite(metrics.validationLoss())) {
                    throw new TrainingDivergedException(at.epoch() + 1, batches, directory);
                }
                history.add(metrics);
                log.println(metrics.describe(settings.recipe().epochs()));
                at = new Progress(at.epoch() + 1, 0, Score.NONE, 0, List.copyOf(history));
                // Whatever a crash cuts off here is made again on resuming from the old last.
                if (isBest(history)) {
                    save(learner, history, directory.best(), ModelPackage.Extra.NONE);
                }
                directory.writeMetrics(history);
                saveLast(learner, at);
            }
        }
        return test(history, stop);
    }

    private boolean stop(BooleanSupplier asked) {
        stopped = stopped || asked.getAsBoolean();
        return stopped;
    }

    private Progress learnEpoch(
            Learner learner, BatchLoader loader, Progress at, BooleanSupplier stop) {
        Score score = at.partial();
        int batch = at.batch();
        long begin = System.nanoTime();
        String task = "epoch %d/%d".formatted(at.epoch() + 1, settings.recipe().epochs());
        try (ProgressLine line = new ProgressLine(task, loader.images(), score.images())) {
            for (Batch images : loader.epoch(at.epoch(), batch)) {
                try (images) {
                    long step = (long) at.epoch() * batches + batch;
                    score = learner.step(images, schedule.at(step), step, score);
                }
                batch++;
                if (!Double.isFinite(score.lossSum())) {
                    throw new TrainingDivergedException(at.epoch() + 1, batch, directory);
                }
                double seconds = (System.nanoTime() - begin) / 1e9;
                imagesPerSecond = (score.images() - at.partial().images()) / seconds;
                line.update(score, timeLeft(loader, at, score));
                if (stop(stop)) {
                    break;
                }
            }
        }
        double seconds = at.seconds() + (System.nanoTime() - begin) / 1e9;
        return new Progress(at.epoch(), batch, score, seconds, at.history());
    }

    private Duration timeLeft(BatchLoader loader, Progress at, Score score) {
        long epochsLeft = settings.recipe().epochs() - at.epoch() - 1L;
        long images = loader.images() - score.images() + epochsLeft * loader.images();
        return Duration.ofSeconds(Math.round(images / imagesPerSecond));
    }

    private EpochMetrics finishEpoch(
            Learner learner, BatchLoader validation, Progress at, BooleanSupplier stop) {
        Score score =
                Learner.evaluate(
                        learner.model().getBlock(),
                        learner.model().getNDManager(),
                        validation,
                        running -> !stop(stop));
        long lastStep = (long) at.epoch() * batches + batches - 1;
        return new EpochMetrics(
                at.epoch() + 1,
                schedule.at(lastStep),
                at.partial().loss(),
                at.partial().top1(),
                score.loss(),
                score.top1(),
                at.seconds(),
                at.partial().images() / at.seconds());
    }

    private static boolean isBest(List<EpochMetrics> history) {
        double last = history.get(history.size() - 1).validationTop1();
        return history.stream().limit(history.size() - 1L).allMatch(m -> m.validationTop1() < last);
    }

    private void saveLast(Learner learner, Progress at) throws IOException {
        save(
                learner,
                at.history(),
                directory.last(),
                staging -> RunDirectory.writeState(staging, at, learner.optimizer()));
    }

    private void save(
            Learner learner, List<EpochMetrics> history, Path target, ModelPackage.Extra extra)
            throws IOException {
        Map<String, Object> provenance = new LinkedHashMap<>();
        provenance.put("dataset", data.train().name());
        provenance.put("trainImages", data.train().size());
        provenance.put("recipe", settings.recipe());
        provenance.put("seed", settings.seed());
        if (!history.isEmpty()) {
            provenance.put("metrics", history.get(history.size() - 1));
        }
        provenance.put("java", Runtime.version().toString());
        provenance.put("djl", Engine.getDjlVersion());
        provenance.put("libtorch", Engine.getEngine("PyTorch").getVersion());
        provenance.put("saved", Instant.now().toString());
        ModelPackage.save(
                target,
                learner.model(),
                ModelDescription.of(settings.architecture(), settings.input(), provenance),
                data.train().classes(),
                extra);
    }

    private Outcome test(List<EpochMetrics> history, BooleanSupplier stop) throws IOException {
        long begin = System.nanoTime();
        try (PackageNet best = PackageNet.open(directory.best(), device);
                BatchLoader loader = loader(data.test(), false)) {
            Score score = Evaluation.of(best, loader, running -> !stop(stop));
            return new Outcome(stopped, history, score, (System.nanoTime() - begin) / 1e9);
        }
    }

    private BatchLoader loader(ImageSet images, boolean train) {
        Recipe recipe = settings.recipe();
        return BatchLoader.builder()
                .setSet(images)
                .setBatchSize(recipe.batchSize())
                .optAugmentation(train ? recipe.augmentation() : Augmentation.NONE)
                .optShuffle(train)
                .optSeed(settings.seed())
                .optThreads(loaderThreads)
                .build();
    }
}
