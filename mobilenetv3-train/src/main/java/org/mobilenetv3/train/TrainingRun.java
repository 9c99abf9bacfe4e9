package org.mobilenetv3.train;

import ai.djl.Device;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.augment.Augmentation;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.recipe.Schedule;
import org.mobilenetv3.train.run.Checkpoints;
import org.mobilenetv3.train.run.Checkpoints.Progress;
import org.mobilenetv3.train.run.EpochMetrics;
import org.mobilenetv3.train.run.Predictions;
import org.mobilenetv3.train.run.ProgressLine;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunResult;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.trained.PackageNet;

/**
 * One training run: epochs of learning and validation, checkpoints and the best package saved, the
 * best scored once on the test set at the end.
 */
public final class TrainingRun {

    private final RunSettings settings;
    private final Splits data;
    private final RunDirectory directory;
    private final Compute compute;
    private final RunSaver saver;
    private final PrintStream log;
    private final Schedule schedule;
    private final int batches;

    private final long started = System.nanoTime();
    private double earlierSeconds;
    private boolean stopped;

    /** When the last checkpoint was written, by {@code System.nanoTime}. */
    private long saved;

    /** Images per second over all epochs of this process, for the time left. */
    private double imagesPerSecond;

    /**
     * Prepares a run.
     *
     * @param settings what decides the outcome
     * @param data train, validation and test images, already fitted to the net's input
     * @param directory where files go
     * @param compute where to compute
     * @param log told each epoch's figures
     */
    public TrainingRun(
            RunSettings settings,
            Splits data,
            RunDirectory directory,
            Compute compute,
            PrintStream log) {
        this.settings = settings;
        this.data = data;
        this.directory = directory;
        this.compute = compute;
        this.log = log;
        saver = new RunSaver(directory, settings, data.train(), compute.keep());
        try (BatchLoader loader = loader(data.train(), true)) {
            batches = loader.batches();
        }
        schedule = Schedule.of(settings.recipe(), batches);
    }

    /**
     * What a run is computed with; its outcome does not depend on it, but for rounding.
     *
     * @param devices one for each replica
     * @param loaderThreads threads that make batches
     * @param keep how many checkpoints to keep
     * @param saveEvery longest time between two checkpoints
     */
    public record Compute(List<Device> devices, int loaderThreads, int keep, Duration saveEvery) {}

    /**
     * How a run ended.
     *
     * @param history each epoch's metrics
     * @param test figures of the best package on the test set; empty if the user stopped the run
     */
    public record Outcome(List<EpochMetrics> history, Optional<RunResult> test) {}

    /**
     * Trains from the beginning or from where the run was left.
     *
     * @param resume whether to go on from the newest whole checkpoint
     * @param stop asked after each batch whether to save and stop
     * @return the outcome
     * @throws IOException if files cannot be written
     * @throws TrainingDivergedException if the loss stops being a number
     */
    public Outcome run(boolean resume, BooleanSupplier stop) throws IOException {
        Optional<Checkpoints.Found> from =
                resume ? directory.checkpoints().find(log::println) : Optional.empty();
        // A run that was stopped before its first checkpoint begins again.
        Progress at = from.map(Checkpoints.Found::progress).orElse(Progress.START);
        List<EpochMetrics> history = new ArrayList<>(at.history());
        earlierSeconds = at.wallSeconds();
        try (RunJournal journal =
                new RunJournal(
                        directory, settings, compute.devices().get(0), history.size(), resume)) {
            return run(journal, from, at, history, stop);
        }
    }

    private Outcome run(
            RunJournal journal,
            Optional<Checkpoints.Found> from,
            Progress begin,
            List<EpochMetrics> history,
            BooleanSupplier stop)
            throws IOException {
        Progress at = begin;
        try (RunNets nets = new RunNets(settings, compute.devices());
                Learner learner = nets.learner(from, data.train(), log);
                BatchLoader train = loader(data.train(), true);
                BatchLoader validation = loader(data.validation(), false)) {
            saved = System.nanoTime();
            while (at.epoch() < settings.recipe().epochs() && !isOver(history)) {
                at = learnEpoch(learner, train, at, stop);
                EpochMetrics metrics = stopped ? null : validate(learner, validation, at, stop);
                if (stopped) {
                    saveCheckpoint(learner, at);
                    journal.stopped(history, wallSeconds());
                    return new Outcome(history, Optional.empty());
                }
                history.add(metrics);
                log.println(metrics.describe(settings.recipe().epochs()));
                // Whatever a crash cuts off here is made again from the checkpoint before.
                if (isBest(history)) {
                    saver.best(learner, history);
                }
                journal.epoch(history);
                at = at.next(List.copyOf(history));
                learner.beginEpoch(at.epoch());
                saveCheckpoint(learner, at);
            }
        }
        return test(journal, history, stop);
    }

    /** Whether early stopping ends the run. */
    private boolean isOver(List<EpochMetrics> history) {
        int patience = settings.recipe().whole(RecipeKey.PATIENCE);
        if (patience == 0 || history.size() <= patience) {
            return false;
        }
        int head = settings.recipe().whole(RecipeKey.HEAD_EPOCHS);
        // A classifier that gets no better alone does not keep the rest from learning.
        int since = head < settings.recipe().epochs() ? head : 0;
        boolean over =
                history.size() - Math.max(since, EpochMetrics.best(history).epoch()) >= patience;
        if (over) {
            log.printf(
                    Locale.ROOT, "No better epoch for %d epochs: the run ends here.%n", patience);
        }
        return over;
    }

    private boolean stop(BooleanSupplier asked) {
        stopped = stopped || asked.getAsBoolean();
        return stopped;
    }

    private Progress learnEpoch(
            Learner learner, BatchLoader loader, Progress at, BooleanSupplier stop)
            throws IOException {
        Score score = at.partial();
        int batch = at.batch();
        long begin = System.nanoTime();
        String task =
                String.format(
                        Locale.ROOT, "epoch %d/%d", at.epoch() + 1, settings.recipe().epochs());
        try (ProgressLine line = new ProgressLine(task, loader.images(), score.images())) {
            for (Batch images : loader.epoch(at.epoch(), batch)) {
                try (images) {
                    long step = (long) at.epoch() * batches + batch;
                    score = learner.step(images, schedule.at(step), step, score);
                }
                batch++;
                requireFinite(score, at, batch);
                double seconds = (System.nanoTime() - begin) / 1e9;
                imagesPerSecond = (score.images() - at.partial().images()) / seconds;
                line.update(score, timeLeft(loader, at, score));
                if (isSaveDue()) {
                    score = requireFinite(learner.settle(score), at, batch);
                    saveCheckpoint(learner, at.with(batch, score, at.seconds() + seconds));
                }
                if (stop(stop)) {
                    break;
                }
            }
            score = requireFinite(learner.settle(score), at, batch);
        }
        double seconds = at.seconds() + (System.nanoTime() - begin) / 1e9;
        return at.with(batch, score, seconds);
    }

    private Score requireFinite(Score score, Progress at, int batch) {
        if (!Double.isFinite(score.lossSum())) {
            throw new TrainingDivergedException(at.epoch() + 1, batch, directory);
        }
        return score;
    }

    private Duration timeLeft(BatchLoader loader, Progress at, Score score) {
        long epochsLeft = settings.recipe().epochs() - at.epoch() - 1L;
        long images = loader.images() - score.images() + epochsLeft * loader.images();
        return Duration.ofSeconds(Math.round(images / imagesPerSecond));
    }

    private EpochMetrics validate(
            Learner learner, BatchLoader validation, Progress at, BooleanSupplier stop)
            throws IOException {
        Replica replica = learner.replica();
        Score score =
                learner.averaged(
                        () -> Evaluation.of(replica::logits, validation, running -> !stop(stop)));
        if (!stopped && !Double.isFinite(score.loss())) {
            throw new TrainingDivergedException(at.epoch() + 1, batches, directory);
        }
        return new EpochMetrics(
                at.epoch() + 1,
                schedule.at(at.step() - 1),
                at.partial().loss(),
                at.partial().top1(),
                score.loss(),
                score.top1(),
                at.seconds(),
                at.partial().images() / at.seconds());
    }

    private static boolean isBest(List<EpochMetrics> history) {
        return EpochMetrics.best(history).epoch() == history.size();
    }

    private boolean isSaveDue() {
        Duration since = Duration.ofNanos(System.nanoTime() - saved);
        return since.compareTo(compute.saveEvery()) > 0;
    }

    private void saveCheckpoint(Learner learner, Progress at) throws IOException {
        saver.checkpoint(learner, at.after(wallSeconds()));
        saved = System.nanoTime();
    }

    private Outcome test(RunJournal journal, List<EpochMetrics> history, BooleanSupplier stop)
            throws IOException {
        long begin = System.nanoTime();
        try (PackageNet best = PackageNet.open(directory.best(), compute.devices().get(0));
                BatchLoader loader = loader(data.test(), false);
                ProgressLine line = new ProgressLine("test", loader.images(), 0)) {
            Predictions test =
                    Evaluation.run(
                                    best,
                                    loader,
                                    false,
                                    running -> {
                                        line.update(running, Duration.ZERO);
                                        return !stop(stop);
                                    })
                            .plain();
            if (stopped) {
                return new Outcome(history, Optional.empty());
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            RunResult result = journal.finished(history, test, data.test(), seconds, wallSeconds());
            return new Outcome(history, Optional.of(result));
        }
    }

    /** Of the run so far, over all its processes. */
    private double wallSeconds() {
        return earlierSeconds + (System.nanoTime() - started) / 1e9;
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
                .optThreads(compute.loaderThreads())
                .build();
    }
}
