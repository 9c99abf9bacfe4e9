package org.mobilenetv3.train.report;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mobilenetv3.train.report.ConfusionMatrix.ClassScore;
import org.mobilenetv3.train.run.EpochMetrics;
import org.mobilenetv3.train.run.ProgressLine;
import org.mobilenetv3.train.run.RunResult;

/**
 * A run's report as a page.
 *
 * @param report what it shows
 * @param curves its drawings; empty if Java cannot draw
 */
record ReportPage(RunReport report, Optional<List<Figure>> curves) {

    /** Longer tables are folded away. */
    private static final int LONG = 20;

    String html() throws IOException {
        Html html = new Html();
        head(html);
        html.figures("Curves", curves);
        if (report.test().isPresent()) {
            RunReport.Test test = report.test().get();
            ConfusionMatrix matrix = test.matrix();
            new ConfusionView(matrix).addTo(html);
            classes(html, matrix);
            new Mistakes(test.predictions(), test.images()).addTo(html);
        }
        epochs(html);
        html.raw("<div class=\"beside\">");
        facts(html, "Recipe", report.facts().recipe(), report.facts().values());
        facts(html, "Settings", "", report.facts().settings());
        facts(html, "Machine", "", report.machine().facts());
        html.raw("</div>\n");
        html.raw("<footer>Made by MobileNetV3 for the JVM.</footer>\n");
        return html.page(report.facts().name());
    }

    private void head(Html html) {
        RunFacts facts = report.facts();
        html.add("<header><h1>%s</h1>\n", facts.name());
        html.add(
                "<p>MobileNetV3 %s on %s, recipe %s, seed %s</p></header>\n",
                facts.net(), facts.dataset(), facts.recipe(), facts.seed());
        int done = report.history().size();
        if (report.test().isEmpty()) {
            html.add(
                    "<p class=\"note\">%s No test results yet: the test set is evaluated once, after the last epoch.</p>\n",
                    done < facts.epochs()
                            ? String.format(
                                    Locale.ROOT, "%d of %d epochs are done.", done, facts.epochs())
                            : String.format(Locale.ROOT, "All %d epochs are done.", done));
        }
        html.raw("<dl class=\"tiles\">\n");
        report.test().ifPresentOrElse(t -> result(html, t.result()), () -> validation(html));
        tile(html, "", "Epochs", done + " of " + facts.epochs(), bestEpoch());
        tile(html, "", "Time", spoken(report.wallSeconds()), "wall clock, whole run");
        tile(
                html,
                "",
                "Throughput",
                String.format(Locale.ROOT, "%,.0f", report.imagesPerSecond()),
                "training images/s");
        html.raw("</dl>\n");
    }

    private static void result(Html html, RunResult result) {
        tile(
                html,
                "first",
                "Test top-1",
                percent(result.top1()),
                String.format(
                        Locale.ROOT,
                        "95 %% interval %.2f–%.2f %%, %,d images",
                        100 * result.interval().low(),
                        100 * result.interval().high(),
                        result.images()));
        if (result.top5() != null) {
            tile(
                    html,
                    "",
                    "Test top-5",
                    percent(result.top5()),
                    "true class among the five most likely");
        }
        tile(
                html,
                "",
                "Test loss",
                String.format(Locale.ROOT, "%.4f", result.loss()),
                "cross entropy");
    }

    private void validation(Html html) {
        EpochMetrics best = report.best();
        tile(html, "first", "Validation top-1", percent(best.validationTop1()), "best so far");
        tile(
                html,
                "",
                "Validation loss",
                String.format(Locale.ROOT, "%.4f", best.validationLoss()),
                "same epoch");
    }

    private String bestEpoch() {
        return String.format(Locale.ROOT, "best on validation: epoch %d", report.best().epoch());
    }

    private static void tile(Html html, String kind, String what, String value, String more) {
        html.add(
                "<div class=\"%s\"><dt>%s</dt><dd>%s</dd><dd class=\"more\">%s</dd></div>\n",
                kind, what, value, more);
    }

    private static void classes(Html html, ConfusionMatrix matrix) {
        html.raw("<section><h2>Classes</h2>\n");
        html.raw(
                "<p>Precision: the share of the images predicted as the class that belong to it. Recall: the share of the class's images that were predicted as it. F1: the harmonic mean of both.</p>\n");
        List<ClassScore> scores = matrix.scores();
        if (scores.size() <= LONG) {
            classTable(html, scores);
        } else {
            html.raw("<h3>Lowest F1</h3>\n");
            classTable(
                    html,
                    scores.stream()
                            .sorted(Comparator.comparingDouble(ClassScore::f1))
                            .limit(LONG)
                            .toList());
            html.add("<details><summary>All %s classes</summary>\n", scores.size());
            classTable(html, scores);
            html.raw("</details>\n");
        }
        html.raw("</section>\n");
    }

    private static void classTable(Html html, List<ClassScore> scores) {
        html.table(
                1,
                List.of("class", "precision", "recall", "F1", "images"),
                scores.stream()
                        .map(
                                c ->
                                        List.of(
                                                c.name(),
                                                share(c.precision()),
                                                share(c.recall()),
                                                share(c.f1()),
                                                String.format(Locale.ROOT, "%,d", c.images())))
                        .toList());
    }

    private void epochs(Html html) {
        html.raw("<section><h2>Epochs</h2>\n");
        List<List<String>> rows = new ArrayList<>();
        for (EpochMetrics m : report.history()) {
            rows.add(
                    List.of(
                            String.valueOf(m.epoch()),
                            String.format(Locale.ROOT, "%.4f", m.trainLoss()),
                            String.format(Locale.ROOT, "%.2f", 100 * m.trainTop1()),
                            String.format(Locale.ROOT, "%.4f", m.validationLoss()),
                            String.format(Locale.ROOT, "%.2f", 100 * m.validationTop1()),
                            time(m.seconds()),
                            String.format(Locale.ROOT, "%,.0f", m.imagesPerSecond())));
        }
        boolean many = rows.size() > LONG;
        html.raw(many ? "<details><summary>All epochs</summary>\n" : "");
        html.table(
                1,
                List.of(
                        "epoch",
                        "training loss",
                        "training top-1, %",
                        "validation loss",
                        "validation top-1, %",
                        "time",
                        "images/s"),
                rows);
        html.raw(many ? "</details>\n" : "").raw("</section>\n");
    }

    private static void facts(Html html, String title, String name, Map<String, String> facts) {
        html.add("<section class=\"facts\"><h2>%s", title);
        if (!name.isEmpty()) {
            html.add(" <small>%s</small>", name);
        }
        html.raw("</h2>\n<dl>\n");
        facts.forEach((what, value) -> html.add("<dt>%s</dt><dd>%s</dd>\n", what, value));
        html.raw("</dl></section>\n");
    }

    private static String share(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.3f", value);
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    /** For instance {@code 7 min 54 s} or {@code 2 h 05 min}. */
    private static String spoken(double seconds) {
        Duration time = Duration.ofSeconds(Math.round(seconds));
        return time.toHours() > 0
                ? String.format(Locale.ROOT, "%d h %02d min", time.toHours(), time.toMinutesPart())
                : time.toMinutes() > 0
                        ? String.format(
                                Locale.ROOT, "%d min %d s", time.toMinutes(), time.toSecondsPart())
                        : String.format(Locale.ROOT, "%d s", time.toSeconds());
    }

    static String time(double seconds) {
        return ProgressLine.format(Duration.ofMillis(Math.round(1000 * seconds)));
    }
}
