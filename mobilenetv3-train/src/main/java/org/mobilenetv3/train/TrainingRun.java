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
import org.mobilenetv3.train.data.ImageBatch;
import org.mobilenetv3.train.data.Loader;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.recipe.Schedule;
import org.mobilenetv3.train.report.TestSection;
import org.mobilenetv3.train.run.Checkpoints;
import org.mobilenetv3.train.run.Checkpoints.Progress;
import org.mobilenetv3.train.run.EpochMetrics;
import org.mobilenetv3.train.run.Metric;
import org.mobilenetv3.train.run.ProgressLine;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.train.run.TestResult;
import org.mobilenetv3.train.task.RunData;
import org.mobilenetv3.train.task.TrainingTask;
import org.mobilenetv3.trained.PackageNet;

/**
 * One training run: epochs of learning and validation, checkpoints and the best package saved, the
 * best scored once on the test set at the end.
 *
 * @param <B> what a batch holds
 */
public final class TrainingRun<B extends ImageBatch> {

    private final RunSettings settings;
    private final TrainingTask<B> task;
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
     * @param task what is learned
     * @param directory where files go
     * @param compute where to compute
     * @param log told each epoch's figures
     */
    private TrainingRun(
            RunSettings settings,
            TrainingTask<B> task,
            RunDirectory directory,
            Compute compute,
            PrintStream log) {
        this.settings = settings;
        this.task = task;
        this.directory = directory;
        this.compute = compute;
        this.log = log;
        saver = new RunSaver(directory, settings, task.facts(), compute.keep());
        try (Loader<B> loader = task.loader()) {
            batches = loader.batches();
        }
        schedule = Schedule.of(settings.recipe(), batches);
    }

    /**
     * Prepares a run.
     *
     * @param settings what decides the outcome
     * @param data train, validation and test images
     * @param directory where files go
     * @param compute where to compute
     * @param log told each epoch's figures
     * @return the run
     */
    public static TrainingRun<?> of(
            RunSettings settings,
            RunData data,
            RunDirectory directory,
            Compute compute,
            PrintStream log) {
        return of(settings, data.task(settings, compute.loaderThreads()), directory, compute, log);
    }

    /**
     * {@link #of(RunSettings, RunData, RunDirectory, Compute, PrintStream)} for images by class.
     */
    public static TrainingRun<?> of(
            RunSettings settings,
            Splits data,
            RunDirectory directory,
            Compute compute,
            PrintStream log) {
        return of(settings, new RunData.Classes(data), directory, compute, log);
    }

    private static <B extends ImageBatch> TrainingRun<B> of(
            RunSettings settings,
            TrainingTask<B> task,
            RunDirectory directory,
            Compute compute,
            PrintStream log) {
        return new TrainingRun<>(settings, task, directory, compute, log);
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
    public record Outcome(List<EpochMetrics> history, Optional<TestResult> test) {}

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
                Learner<B> learner = nets.learner(from, task, log);
                Loader<B> train = task.loader()) {
            saved = System.nanoTime();
            while (at.epoch() < settings.recipe().epochs() && !isOver(history)) {
                at = learnEpoch(learner, train, at, stop);
                EpochMetrics metrics = stopped ? null : validate(learner, at, stop);
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
            Learner<B> learner, Loader<B> loader, Progress at, BooleanSupplier stop)
            throws IOException {
        Score score = at.partial();
        int batch = at.batch();
        long begin = System.nanoTime();
        String name =
                String.format(
                        Locale.ROOT, "epoch %d/%d", at.epoch() + 1, settings.recipe().epochs());
        try (ProgressLine line = new ProgressLine(name, loader.images(), score.images())) {
            for (B images : loader.epoch(at.epoch(), batch)) {
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

    private Duration timeLeft(Loader<B> loader, Progress at, Score score) {
        long epochsLeft = settings.recipe().epochs() - at.epoch() - 1L;
        long images = loader.images() - score.images() + epochsLeft * loader.images();
        return Duration.ofSeconds(Math.round(images / imagesPerSecond));
    }

    private EpochMetrics validate(Learner<B> learner, Progress at, BooleanSupplier stop)
            throws IOException {
        TrainingTask.Validation score =
                learner.averaged(() -> task.validate(learner.replica()::logits, () -> stop(stop)));
        boolean computed = task.metric() == Metric.TOP1 || !Double.isNaN(score.loss());
        if (!stopped && computed && !Double.isFinite(score.loss())) {
            throw new TrainingDivergedException(at.epoch() + 1, batches, directory);
        }
        return new EpochMetrics(
                at.epoch() + 1,
                schedule.at(at.step() - 1),
                at.partial().loss(),
                at.partial().top1(),
                score.loss(),
                score.score(),
                task.metric(),
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

    private void saveCheckpoint(Learner<B> learner, Progress at) throws IOException {
        saver.checkpoint(learner, at.after(wallSeconds()));
        saved = System.nanoTime();
    }

    private Outcome test(RunJournal journal, List<EpochMetrics> history, BooleanSupplier stop)
            throws IOException {
        int bestEpoch = EpochMetrics.best(history).epoch();
        try (PackageNet best = PackageNet.open(directory.best(), compute.devices().get(0))) {
            TestSection tested = task.test(best, bestEpoch, this::wallSeconds, () -> stop(stop));
            if (stopped) {
                return new Outcome(history, Optional.empty());
            }
            journal.finished(history, tested, wallSeconds());
            return new Outcome(history, Optional.of(tested.result()));
        }
    }

    /**
     * Writes some test images and shows what the best package says of them.
     *
     * @throws IOException if the images cannot be written, or the package not be opened
     */
    public void showSamples() throws IOException {
        task.showSamples(directory, compute.devices().get(0), log);
    }

    /** Of the run so far, over all its processes. */
    private double wallSeconds() {
        return earlierSeconds + (System.nanoTime() - started) / 1e9;
    }
}
