package org.mobilenetv3.train.report.comparison;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.mobilenetv3.train.report.Chart;
import org.mobilenetv3.train.report.Curves;
import org.mobilenetv3.train.report.Drawing;
import org.mobilenetv3.train.report.Html;
import org.mobilenetv3.train.report.comparison.Comparison.Group;
import org.mobilenetv3.train.report.comparison.Comparison.Run;
import org.mobilenetv3.train.run.EpochMetrics;

/**
 * Runs side by side on a self-contained page.
 *
 * @param comparison the runs
 */
record ComparisonPage(Comparison comparison) {

    String html() {
        List<Run> runs = comparison.runs();
        Html html = new Html();
        html.add("<header><h1>%s</h1>\n", runs.size() == 1 ? "1 run" : runs.size() + " runs");
        html.add(
                "<p>MobileNetV3 on %s</p></header>\n",
                String.join(
                        ", ", runs.stream().map(r -> r.settings().dataset()).distinct().toList()));
        html.raw("<section><h2>Runs</h2>\n");
        html.raw(
                "<p>Top-1 in percent: the best on validation with its epoch, and the result of the one test at the end. Time is training time.</p>\n");
        ComparisonTable table = ComparisonTable.figuresFirst(comparison);
        html.table(table.names(), table.header(), table.rows());
        groups(html);
        html.raw("</section>\n");
        html.figures("Curves", Drawing.of(() -> charts().stream().map(Chart::draw).toList()));
        html.raw("<footer>Made by MobileNetV3 for the JVM.</footer>\n");
        return html.page("Comparison of runs");
    }

    private void groups(Html html) {
        List<Group> groups = comparison.groups();
        if (!groups.isEmpty()) {
            html.raw("<h3>Same settings, different seeds</h3>\n<ul>\n");
            groups.forEach(
                    g ->
                            html.add(
                                    "<li>%s</li>\n",
                                    ComparisonTable.describe(g).replace(" %", "\u00a0%")));
            html.raw("</ul>\n");
        }
    }

    private List<Chart> charts() {
        return List.of(
                chart("validation-top1", "Validation top-1, %", m -> 100 * m.validationScore()),
                chart("validation-loss", "Validation loss", EpochMetrics::validationLoss),
                chart("train-top1", "Training top-1, %", m -> 100 * m.trainScore()),
                chart("train-loss", "Training loss", EpochMetrics::trainLoss));
    }

    private Chart chart(String file, String title, ToDoubleFunction<EpochMetrics> value) {
        List<Chart.Line> lines = new ArrayList<>();
        for (Run run : comparison.runs()) {
            lines.add(Curves.line(run.name(), run.history(), value));
        }
        return new Chart(file, title, "epoch", lines, Curves::plain, false);
    }
}
