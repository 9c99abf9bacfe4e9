package org.mobilenetv3.train.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.mobilenetv3.train.report.Chart.Line;
import org.mobilenetv3.train.run.EpochMetrics;
import org.mobilenetv3.train.run.Metric;

/** The charts of one run. */
public final class Curves {

    private Curves() {}

    static List<Chart> of(List<EpochMetrics> history) {
        Metric metric = history.get(0).metric();
        return List.of(
                chart(
                        "loss",
                        "Loss",
                        lines(history, EpochMetrics::trainLoss, EpochMetrics::validationLoss)),
                chart(
                        metric.key().toLowerCase(Locale.ROOT),
                        firstUpper(metric.label()) + ", %",
                        lines(history, m -> 100 * m.trainScore(), m -> 100 * m.validationScore())),
                new Chart(
                        "learning-rate",
                        "Learning rate at the end of the epoch",
                        "epoch",
                        List.of(line("learning rate", history, EpochMetrics::learningRate)),
                        Curves::scientific,
                        true),
                new Chart(
                        "throughput",
                        "Training images per second",
                        "epoch",
                        List.of(line("images/s", history, EpochMetrics::imagesPerSecond)),
                        y -> String.format(Locale.ROOT, "%,.0f", y),
                        true));
    }

    private static Chart chart(String file, String title, List<Line> lines) {
        return new Chart(file, title, "epoch", lines, Curves::plain, false);
    }

    /** Of what was computed. */
    private static List<Line> lines(
            List<EpochMetrics> history,
            ToDoubleFunction<EpochMetrics> training,
            ToDoubleFunction<EpochMetrics> validation) {
        return Stream.of(
                        line("training", history, training),
                        line("validation", history, validation))
                .filter(line -> Arrays.stream(line.values()).noneMatch(Double::isNaN))
                .toList();
    }

    /** mAP and mIoU keep their small letter. */
    private static String firstUpper(String label) {
        return label.startsWith("top") ? "T" + label.substring(1) : label;
    }

    /**
     * Makes a line of a chart.
     *
     * @param name of the line
     * @param history an epoch for each point
     * @param value of a point
     * @return the line
     */
    public static Line line(
            String name, List<EpochMetrics> history, ToDoubleFunction<EpochMetrics> value) {
        return new Line(
                name,
                history.stream().mapToDouble(EpochMetrics::epoch).toArray(),
                history.stream().mapToDouble(value).toArray());
    }

    /**
     * Writes a number for an axis.
     *
     * @param value any
     * @return up to three digits after the point, without zeros at the end
     */
    public static String plain(double value) {
        return number(Math.abs(value) >= 100 ? "%.0f" : "%.3f", value);
    }

    private static String scientific(double value) {
        if (value == 0) {
            return "0";
        }
        return Math.abs(value) >= 0.0001
                ? number("%.6f", value)
                : String.format(Locale.ROOT, "%.1e", value)
                        .replaceAll("\\.0e", "e")
                        .replace("e-0", "e-");
    }

    private static String number(String format, double value) {
        String text = String.format(Locale.ROOT, format, value);
        return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
    }
}
