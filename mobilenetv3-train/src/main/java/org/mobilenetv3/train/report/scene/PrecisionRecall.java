package org.mobilenetv3.train.report.scene;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.mobilenetv3.train.metric.DetectionResult.ClassResult;
import org.mobilenetv3.train.report.Chart;
import org.mobilenetv3.train.report.Chart.Line;
import org.mobilenetv3.train.report.Palette;

/**
 * Curves of precision over recall as charts.
 *
 * @param curves {@code curves[iou][class][recall]}, for IoUs of 0.5 to 0.95 and recalls of 0 to 1
 * @param classes the classes and their figures
 */
record PrecisionRecall(double[][][] curves, List<ClassResult> classes) {

    private static final int IOU_75 = 5;

    /** As many as there are colors. */
    private static final int LINES = Palette.SERIES.size();

    List<Chart> charts() {
        return List.of(
                chart("precision-recall", "Precision, %: mean of classes", means()),
                chart("precision-recall-classes", title(), byClass()));
    }

    private static Chart chart(String file, String title, List<Line> lines) {
        return new Chart(
                file,
                title,
                "recall, %",
                lines,
                y -> String.format(Locale.ROOT, "%.0f", y),
                true,
                100);
    }

    private List<Line> means() {
        return List.of(
                line("IoU 0.5", mean(curves[0])),
                line("IoU 0.75", mean(curves[IOU_75])),
                line(
                        "mean of 0.5 to 0.95",
                        mean(
                                Arrays.stream(curves)
                                        .map(PrecisionRecall::mean)
                                        .toArray(double[][]::new))));
    }

    private String title() {
        return shown().size() < withObjects().count()
                ? "Precision at IoU 0.5, %: lowest AP50"
                : "Precision at IoU 0.5, %: each class";
    }

    private List<Line> byClass() {
        return shown().stream().map(c -> line(classes.get(c).name(), curves[0][c])).toList();
    }

    /** The worst if they are many, in the order of their labels. */
    private List<Integer> shown() {
        return withObjects()
                .boxed()
                .sorted(Comparator.comparingDouble(c -> classes.get(c).ap50()))
                .limit(LINES)
                .sorted()
                .toList();
    }

    private IntStream withObjects() {
        return IntStream.range(0, classes.size()).filter(c -> classes.get(c).objects() > 0);
    }

    /** XChart finds round ticks only where some number is not whole. */
    private static Line line(String name, double[] precision) {
        double[] recalls = IntStream.range(0, precision.length).asDoubleStream().toArray();
        recalls[0] = 1e-3;
        double[] percent = Arrays.stream(precision).map(p -> 100 * p + 1e-3).toArray();
        return new Line(name, recalls, percent);
    }

    /** Of those that have objects. */
    private static double[] mean(double[][] curves) {
        double[] mean = new double[curves[0].length];
        for (int r = 0; r < mean.length; r++) {
            int recall = r;
            mean[r] =
                    Arrays.stream(curves)
                            .mapToDouble(c -> c[recall])
                            .filter(p -> p >= 0)
                            .average()
                            .orElse(Double.NaN);
        }
        return mean;
    }
}
