package org.mobilenetv3.train.report;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.report.ConfusionMatrix.ClassScore;
import org.mobilenetv3.train.run.Predictions;
import org.mobilenetv3.train.run.RunResult;

/**
 * The test of a classifier.
 *
 * @param result its figures
 * @param predictions its prediction on each image
 * @param images the test set
 */
public record ClassSection(RunResult result, Predictions predictions, ImageSet images)
        implements TestSection {

    @Override
    public void addTiles(Html html) {
        html.tile(
                "first",
                "Test top-1",
                ReportPage.percent(result.top1()),
                String.format(
                        Locale.ROOT,
                        "95 %% interval %.2f–%.2f %%, %,d images",
                        100 * result.interval().low(),
                        100 * result.interval().high(),
                        result.images()));
        if (result.top5() != null) {
            html.tile(
                    "",
                    "Test top-5",
                    ReportPage.percent(result.top5()),
                    "true class among the five most likely");
        }
        html.tile(
                "",
                "Test loss",
                String.format(Locale.ROOT, "%.4f", result.loss()),
                "cross entropy");
    }

    @Override
    public void addTo(Html html) throws IOException {
        ConfusionMatrix matrix = matrix();
        new ConfusionView(matrix).addTo(html);
        classes(html, matrix);
        new Mistakes(predictions, images).addTo(html);
    }

    @Override
    public List<Figure> figures() {
        return Drawing.of(() -> new ConfusionDrawing(matrix()).draw()).stream().toList();
    }

    private ConfusionMatrix matrix() {
        return ConfusionMatrix.of(predictions, images.classes());
    }

    private static void classes(Html html, ConfusionMatrix matrix) {
        html.raw("<section><h2>Classes</h2>\n");
        html.raw(
                "<p>Precision: the share of the images predicted as the class that belong to it. Recall: the share of the class's images that were predicted as it. F1: the harmonic mean of both.</p>\n");
        new ClassTable<>(
                        matrix.scores(),
                        "Lowest F1",
                        ClassScore::f1,
                        List.of("class", "precision", "recall", "F1", "images"),
                        ClassSection::row)
                .addTo(html);
        html.raw("</section>\n");
    }

    private static List<String> row(ClassScore c) {
        return List.of(
                c.name(),
                share(c.precision()),
                share(c.recall()),
                share(c.f1()),
                String.format(Locale.ROOT, "%,d", c.images()));
    }

    private static String share(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.3f", value);
    }
}
