package org.mobilenetv3.train.evaluation;

import ai.djl.util.JsonUtils;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.train.metric.Interval;
import org.mobilenetv3.train.run.Predictions;
import org.mobilenetv3.train.run.RunResult;

/**
 * An evaluation's figures, for machines and for people. Shares are 0 to 1; what is null does not
 * apply.
 *
 * @param dataset its name
 * @param split the part of it
 * @param images how many were scored
 * @param correct how many of them were right
 * @param top1 their share
 * @param interval 95 % confidence interval of top-1
 * @param top5 share whose class is among the five most likely; null with five classes or fewer
 * @param loss mean cross entropy, in nats
 * @param imagesPerSecond speed; null if nothing was computed
 * @param flip figures with flip averaging
 * @param published what others found for the same weights
 * @param unreadable names of images that could not be read
 * @param notes what was assumed
 */
public record EvaluationResult(
        String dataset,
        String split,
        long images,
        long correct,
        double top1,
        Interval interval,
        Double top5,
        double loss,
        Double imagesPerSecond,
        Flip flip,
        Published published,
        List<String> unreadable,
        List<String> notes) {

    /**
     * The figures with flip averaging.
     *
     * @param correct images that were right
     * @param top1 their share
     * @param top5 share whose class is among the five most likely, or null
     * @param loss mean cross entropy, in nats
     */
    public record Flip(long correct, double top1, Double top5, double loss) {
        static Flip of(Predictions flipped) {
            RunResult test = RunResult.of(0, flipped, 0, 0);
            return new Flip(test.correct(), test.top1(), test.top5(), test.loss());
        }
    }

    /**
     * What others found for the same weights.
     *
     * @param top1 their top-1
     * @param top5 their top-5; null if not published
     * @param source who published it
     * @param difference of the top-1 found here to theirs
     * @param within whether theirs is within the interval found here
     */
    public record Published(
            double top1, Double top5, String source, double difference, boolean within) {

        private String describe() {
            return String.format(
                    Locale.ROOT,
                    "%n  published: top-1 %.2f %%%s (%s); the difference is %+.2f points, %s the interval",
                    100 * top1,
                    EvaluationResult.top5(top5),
                    source,
                    100 * difference,
                    within ? "within" : "outside");
        }
    }

    /**
     * Sums up an evaluation.
     *
     * @param dataset its name
     * @param split the part of it, in capitals
     * @param evaluation of at least one image
     * @param imagesPerSecond speed; null if nothing was computed
     * @param notes what was assumed, or null
     * @return the result
     */
    public static EvaluationResult of(
            String dataset,
            String split,
            Evaluation evaluation,
            Double imagesPerSecond,
            List<String> notes) {
        RunResult test = RunResult.of(0, evaluation.plain(), 0, 0);
        return new EvaluationResult(
                dataset,
                split,
                test.images(),
                test.correct(),
                test.top1(),
                test.interval(),
                test.top5(),
                test.loss(),
                imagesPerSecond,
                evaluation.flipped().map(Flip::of).orElse(null),
                null,
                null,
                notes);
    }

    /**
     * Adds what others found.
     *
     * @param theirTop1 share, 0 to 1
     * @param theirTop5 share, or null
     * @param source who published it
     * @return this result with that
     */
    public EvaluationResult withPublished(double theirTop1, Double theirTop5, String source) {
        return with(
                new Published(
                        theirTop1,
                        theirTop5,
                        source,
                        top1 - theirTop1,
                        interval.low() <= theirTop1 && theirTop1 <= interval.high()),
                unreadable);
    }

    /** Returns this result with the names of images that could not be read. */
    public EvaluationResult withUnreadable(List<String> names) {
        return with(published, names.isEmpty() ? null : names);
    }

    private EvaluationResult with(Published theirs, List<String> names) {
        return new EvaluationResult(
                dataset,
                split,
                images,
                correct,
                top1,
                interval,
                top5,
                loss,
                imagesPerSecond,
                flip,
                theirs,
                names,
                notes);
    }

    /**
     * Prints the result on standard output.
     *
     * @param json for machines
     */
    public void print(boolean json) {
        System.out.println(json ? JsonUtils.GSON_PRETTY.toJson(this) : describe());
    }

    private String describe() {
        StringBuilder text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%s %s: top-1 %.2f %% (%,d of %,d; 95 %% interval %.2f to %.2f %%)%s  loss %.4f",
                        dataset,
                        split.toLowerCase(Locale.ROOT),
                        100 * top1,
                        correct,
                        images,
                        100 * interval.low(),
                        100 * interval.high(),
                        top5(top5),
                        loss));
        if (imagesPerSecond != null) {
            text.append(String.format(Locale.ROOT, "  %,.0f images/s", imagesPerSecond));
        }
        if (flip != null) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%n  with flip averaging: top-1 %.2f %% (%,d of %,d)%s  loss %.4f",
                            100 * flip.top1(),
                            flip.correct(),
                            images,
                            top5(flip.top5()),
                            flip.loss()));
        }
        if (published != null) {
            text.append(published.describe());
        }
        if (unreadable != null) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%n  %,d of %,d images could not be read; the figures are of the others",
                            unreadable.size(),
                            images + unreadable.size()));
        }
        return text.toString();
    }

    private static String top5(Double share) {
        return share == null ? "" : String.format(Locale.ROOT, "  top-5 %.2f %%", 100 * share);
    }
}
