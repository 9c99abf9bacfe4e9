package org.mobilenetv3.train.report;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mobilenetv3.train.run.EpochMetrics;
import org.mobilenetv3.train.run.ProgressLine;

/**
 * A run's report as a page.
 *
 * @param report what it shows
 * @param curves its drawings; empty if Java cannot draw
 */
public record ReportPage(RunReport report, Optional<List<Figure>> curves) {

    /** Longer tables are folded away. */
    private static final int LONG = 20;

    String html() throws IOException {
        Html html = new Html();
        head(html);
        html.figures("Curves", curves);
        if (report.test().isPresent()) {
            report.test().get().addTo(html);
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
        report.test().ifPresentOrElse(t -> t.addTiles(html), () -> validation(html));
        html.tile("", "Epochs", done + " of " + facts.epochs(), bestEpoch());
        html.tile("", "Time", spoken(report.wallSeconds()), "wall clock, whole run");
        html.tile(
                "",
                "Throughput",
                String.format(Locale.ROOT, "%,.0f", report.imagesPerSecond()),
                "training images/s");
        html.raw("</dl>\n");
    }

    private void validation(Html html) {
        EpochMetrics best = report.best();
        html.tile(
                "first",
                "Validation " + best.metric().label(),
                percent(best.validationScore()),
                "best so far");
        if (Double.isNaN(best.validationLoss())) {
            return;
        }
        html.tile(
                "",
                "Validation loss",
                String.format(Locale.ROOT, "%.4f", best.validationLoss()),
                "same epoch");
    }

    private String bestEpoch() {
        return String.format(Locale.ROOT, "best on validation: epoch %d", report.best().epoch());
    }

    private void epochs(Html html) {
        html.raw("<section><h2>Epochs</h2>\n");
        List<List<String>> rows = new ArrayList<>();
        for (EpochMetrics m : report.history()) {
            rows.add(
                    List.of(
                            String.valueOf(m.epoch()),
                            String.format(Locale.ROOT, "%.4f", m.trainLoss()),
                            number("%.2f", 100 * m.trainScore()),
                            number("%.4f", m.validationLoss()),
                            number("%.2f", 100 * m.validationScore()),
                            time(m.seconds()),
                            String.format(Locale.ROOT, "%,.0f", m.imagesPerSecond())));
        }
        String metric = report.best().metric().label();
        boolean many = rows.size() > LONG;
        html.raw(many ? "<details><summary>All epochs</summary>\n" : "");
        html.table(
                1,
                List.of(
                        "epoch",
                        "training loss",
                        "training " + metric + ", %",
                        "validation loss",
                        "validation " + metric + ", %",
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

    private static String number(String format, double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, format, value);
    }

    /**
     * Writes a share.
     *
     * @param share 0 to 1
     * @return for instance {@code 91.20 %}
     */
    public static String percent(double share) {
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

    /**
     * Writes a time.
     *
     * @param seconds not negative
     * @return for instance {@code 7:54}
     */
    public static String time(double seconds) {
        return ProgressLine.format(Duration.ofMillis(Math.round(1000 * seconds)));
    }
}
