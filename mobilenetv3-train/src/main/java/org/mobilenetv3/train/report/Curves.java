package org.mobilenetv3.train.report;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.mobilenetv3.train.report.Chart.Line;
import org.mobilenetv3.train.run.EpochMetrics;

/** The charts of one run. */
public final class Curves {

    private Curves() {}

    static List<Chart> of(List<EpochMetrics> history) {
        return List.of(
                new Chart(
                        "loss",
                        "Loss",
                        "epoch",
                        List.of(
                                line("training", history, EpochMetrics::trainLoss),
                                line("validation", history, EpochMetrics::validationLoss)),
                        Curves::plain,
                        false),
                new Chart(
                        "top1",
                        "Top-1, %",
                        "epoch",
                        List.of(
                                line("training", history, m -> 100 * m.trainTop1()),
                                line("validation", history, m -> 100 * m.validationTop1())),
                        Curves::plain,
                        false),
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

    static Line line(
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
