package org.mobilenetv3.train.run;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mobilenetv3.train.metric.Interval;

/**
 * The result of a finished run on the test set: {@code result.json} in its directory.
 *
 * @param bestEpoch the epoch whose package was tested, counted from 1
 * @param images test images
 * @param correct those classified correctly
 * @param top1 their share, 0 to 1
 * @param interval 95 % confidence interval of top-1, as far as the choice of images goes
 * @param top5 share whose class is among the five most likely; null with five classes or fewer
 * @param loss mean cross entropy, in nats
 * @param testSeconds wall time of the test
 * @param wallSeconds wall time of the whole run, over all its processes
 */
public record RunResult(
        int bestEpoch,
        long images,
        long correct,
        double top1,
        Interval interval,
        Double top5,
        double loss,
        double testSeconds,
        double wallSeconds)
        implements TestResult {

    /**
     * Summarizes a test.
     *
     * @param bestEpoch the epoch whose package was tested, counted from 1
     * @param test of at least one image
     * @param testSeconds wall time of the test
     * @param wallSeconds wall time of the whole run
     * @return the result
     */
    public static RunResult of(
            int bestEpoch, Predictions test, double testSeconds, double wallSeconds) {
        Score score = test.score();
        return new RunResult(
                bestEpoch,
                score.images(),
                score.correct(),
                score.top1(),
                Interval.wilson(score.correct(), score.images()),
                orNull(test.top5()),
                score.loss(),
                testSeconds,
                wallSeconds);
    }

    @Override
    public Map<String, Double> figures() {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("loss", loss);
        figures.put("top1", top1);
        if (top5 != null) {
            figures.put("top5", top5);
        }
        return figures;
    }

    @Override
    public String describe() {
        return String.format(Locale.ROOT, "top-1 %.2f %%  loss %.4f", 100 * top1, loss);
    }

    @Override
    public void write(Path run) throws IOException {
        if (!Double.isFinite(loss)) { // JSON has no such numbers
            throw new IOException(
                    "The test gave a loss of %s, which is no result for %s; train with a lower learning rate."
                            .formatted(loss, run.resolve(FILE)));
        }
        TestResult.super.write(run);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @param run the run's directory
     * @return the result, or nothing if the run has none yet
     * @throws IOException if the file cannot be read
     */
    public static Optional<RunResult> read(Path run) throws IOException {
        Path file = run.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        RunResult result = null;
        RuntimeException reason = null;
        try {
            result = JsonUtils.GSON.fromJson(Files.readString(file), RunResult.class);
        } catch (RuntimeException e) { // Gson's
            reason = e;
        }
        if (result == null || result.interval() == null) {
            throw new IOException(
                    file + " cannot be read: it is damaged or not ours; delete it.", reason);
        }
        return Optional.of(result);
    }

    /** JSON has no NaN. */
    private static Double orNull(double value) {
        return Double.isNaN(value) ? null : Double.valueOf(value);
    }
}
