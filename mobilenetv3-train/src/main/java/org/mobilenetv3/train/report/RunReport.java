package org.mobilenetv3.train.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.train.run.EpochMetrics;

/**
 * A run's report: one self-contained page, {@code report.html}, and its figures as files in {@code
 * figures/}.
 *
 * @param facts the run's settings
 * @param history each whole epoch's metrics, at least one
 * @param test the result of the test; empty while there is none
 * @param machine where it was computed
 * @param wallSeconds wall time so far, over all the run's processes
 */
public record RunReport(
        RunFacts facts,
        List<EpochMetrics> history,
        Optional<TestSection> test,
        Machine machine,
        double wallSeconds) {

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
        test.ifPresent(t -> files.addAll(t.figures()));
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

    /**
     * Returns the throughput over all epochs.
     *
     * @param history at least one epoch
     * @return training images per second
     */
    public static double imagesPerSecond(List<EpochMetrics> history) {
        double seconds = history.stream().mapToDouble(EpochMetrics::seconds).sum();
        double images = history.stream().mapToDouble(m -> m.imagesPerSecond() * m.seconds()).sum();
        return images / seconds;
    }
}
