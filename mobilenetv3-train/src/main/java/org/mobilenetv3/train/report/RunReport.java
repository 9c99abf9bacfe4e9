package org.mobilenetv3.train.report;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.train.EpochMetrics;
import org.mobilenetv3.train.Predictions;
import org.mobilenetv3.train.data.ImageSet;

/**
 * A run told on one page, {@code report.html}, which needs nothing beside it, and its figures as
 * files in {@code figures/}.
 *
 * @param facts what the run was asked to do
 * @param history each whole epoch's metrics, at least one
 * @param test what it came to; empty while there is no test
 * @param machine where it was computed
 * @param wallSeconds wall time so far, over all the run's processes
 */
public record RunReport(
        RunFacts facts,
        List<EpochMetrics> history,
        Optional<Test> test,
        Machine machine,
        double wallSeconds) {

    /**
     * What the best package said of the test set.
     *
     * @param result its figures
     * @param predictions what it said of each image
     * @param images the test set
     */
    public record Test(RunResult result, Predictions predictions, ImageSet images) {

        /**
         * Draws the confusion matrix, as for {@link EventFile#image}.
         *
         * @return dark on white; empty if this Java cannot draw text, for want of a font
         */
        public Optional<BufferedImage> confusion() {
            return Drawing.of(() -> new ConfusionDrawing(matrix()).draw()).map(Figure::picture);
        }

        ConfusionMatrix matrix() {
            return ConfusionMatrix.of(predictions, images.classes());
        }
    }

    /**
     * Copies the history.
     *
     * @throws IllegalArgumentException if there is no epoch
     */
    public RunReport {
        history = List.copyOf(history);
        if (history.isEmpty()) {
            throw new IllegalArgumentException(
                    "The run '%s' has no whole epoch to report; write the report after the first."
                            .formatted(facts.name()));
        }
    }

    /**
     * Writes page and figures, each file in one piece, in the place of older ones.
     *
     * @param run the run's directory
     * @return the page
     * @throws IOException if they cannot be written
     */
    public Path write(Path run) throws IOException {
        Optional<List<Figure>> curves =
                Drawing.of(() -> Curves.of(history).stream().map(Chart::draw).toList());
        List<Figure> files = new ArrayList<>(curves.orElse(List.of()));
        test.flatMap(t -> Drawing.of(() -> new ConfusionDrawing(t.matrix()).draw()))
                .ifPresent(files::add);
        if (!files.isEmpty()) {
            Path folder = Files.createDirectories(run.resolve("figures"));
            for (Figure figure : files) {
                figure.write(folder);
            }
        }
        Path page = run.resolve("report.html");
        WholeFile.write(page, new ReportPage(this, curves).html());
        return page;
    }

    EpochMetrics best() {
        return EpochMetrics.best(history);
    }

    double imagesPerSecond() {
        return imagesPerSecond(history);
    }

    /** Over all epochs. */
    static double imagesPerSecond(List<EpochMetrics> history) {
        double seconds = history.stream().mapToDouble(EpochMetrics::seconds).sum();
        double images = history.stream().mapToDouble(m -> m.imagesPerSecond() * m.seconds()).sum();
        return images / seconds;
    }
}
