package org.mobilenetv3.train.pruning;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.pruning.ChannelGroup;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.cost.Latency;
import org.mobilenetv3.train.pruning.NetAdapt.Candidate;
import org.mobilenetv3.train.pruning.NetAdapt.Step;
import org.mobilenetv3.train.report.Chart;
import org.mobilenetv3.train.report.Curves;
import org.mobilenetv3.train.report.Drawing;
import org.mobilenetv3.train.report.Html;

/**
 * What was removed from a net, and how it came to that.
 *
 * @param whole the net before
 * @param pruned the net after
 * @param weights where the whole net's weights lie
 * @param how for people, for instance {@code by taylor, multiples of 8}
 * @param fit the nets' input size
 * @param cost what counted
 * @param steps of NetAdapt; none if all was removed at once
 */
public record PruningReport(
        Architecture whole,
        Architecture pruned,
        String weights,
        String how,
        Fit fit,
        Cost cost,
        List<Step> steps) {

    private static final List<String> HEADER = List.of("block", "channels", "kept", "share");

    /** Returns the headings of {@link #rows()}. */
    public List<String> header() {
        return HEADER;
    }

    /** Returns a row for each group: its channels before and after. */
    public List<List<String>> rows() {
        Map<String, Integer> after = widths(pruned);
        List<List<String>> rows = new ArrayList<>();
        widths(whole)
                .forEach(
                        (name, before) -> {
                            int kept = after.getOrDefault(name, 1); // one channel is no group
                            rows.add(
                                    List.of(
                                            name,
                                            String.valueOf(before),
                                            String.valueOf(kept),
                                            String.format(
                                                    Locale.ROOT,
                                                    "%.0f %%",
                                                    100.0 * kept / before)));
                        });
        return rows;
    }

    private static Map<String, Integer> widths(Architecture net) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        ChannelGroup.of(net).forEach(group -> widths.put(group.name(), group.width()));
        return widths;
    }

    /**
     * Describes what the net costs before and after.
     *
     * @return for instance {@code 5.20 M multiply-adds to 2.60 M multiply-adds (50 %), ...}
     * @throws IOException if the cost cannot be measured
     */
    public String summary() throws IOException {
        List<String> parts = new ArrayList<>();
        if (cost instanceof Latency) {
            parts.add(change(cost));
        }
        parts.add(change(Cost.multiplyAdds(fit.height(), fit.width())));
        long before = Cost.parameters(whole);
        long after = Cost.parameters(pruned);
        parts.add(
                String.format(
                        Locale.ROOT,
                        "%,d to %,d parameters (%.1f %%)",
                        before,
                        after,
                        100.0 * after / before));
        return String.join(", ", parts);
    }

    private String change(Cost of) throws IOException {
        double before = of.of(whole);
        double after = of.of(pruned);
        return String.format(
                Locale.ROOT,
                "%s to %s (%.1f %%)",
                of.text(before),
                of.text(after),
                100 * after / before);
    }

    /**
     * Writes the page.
     *
     * @param file where
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
        Html html = new Html();
        html.add("<header><h1>%s, pruned</h1>\n", whole.name());
        html.add("<p>%s, from %s</p></header>\n", how, weights);
        html.add("<p>%s</p>\n", summary());
        html.raw("<section><h2>Channels</h2>\n").table(1, HEADER, rows()).raw("</section>\n");
        if (!steps.isEmpty()) {
            path(html);
            double begin = cost.of(whole);
            html.figures(
                    "Path", Drawing.of(() -> charts(begin).stream().map(Chart::draw).toList()));
            candidates(html);
        }
        html.raw("<footer>Made by MobileNetV3 for the JVM.</footer>\n");
        WholeFile.write(file, html.page(whole.name() + ", pruned"));
    }

    private void path(Html html) {
        html.raw("<section><h2>Steps</h2>\n");
        html.raw(
                "<p>In each step every block proposes a cut that brings the net below the step's budget. Each proposal is trained for a while and validated; the best is made.</p>\n");
        List<List<String>> rows = new ArrayList<>();
        for (Step step : steps) {
            Candidate chosen = step.chosen();
            rows.add(
                    List.of(
                            String.valueOf(step.number()),
                            chosen.group(),
                            String.valueOf(chosen.from()),
                            String.valueOf(chosen.to()),
                            cost.text(chosen.cost()),
                            percent(chosen)));
        }
        html.table(
                List.of(false, true, false, false, false, false),
                List.of("step", "block", "channels", "kept", "the net's cost", "validation top-1"),
                rows);
        html.raw("</section>\n");
    }

    private static String percent(Candidate candidate) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * candidate.top1());
    }

    private void candidates(Html html) {
        html.raw(
                "<section><h2>Proposals</h2>\n<p>Validation top-1 of each, after its short training.</p>\n");
        List<String> header = new ArrayList<>(List.of("block"));
        steps.forEach(step -> header.add(String.valueOf(step.number())));
        List<List<String>> rows = new ArrayList<>();
        for (String group : widths(whole).keySet()) {
            List<String> row = new ArrayList<>(List.of(group));
            for (Step step : steps) {
                row.add(
                        step.candidates().stream()
                                .filter(c -> c.group().equals(group))
                                .map(
                                        c ->
                                                (step.chosen().group().equals(group) ? "» " : "")
                                                        + percent(c))
                                .findFirst()
                                .orElse(""));
            }
            rows.add(row);
        }
        html.table(1, header, rows).raw("</section>\n");
    }

    private List<Chart> charts(double begin) {
        double[] numbers = steps.stream().mapToDouble(Step::number).toArray();
        return List.of(
                new Chart(
                        "top1",
                        "Validation top-1 after each step, %",
                        "step",
                        List.of(
                                new Chart.Line(
                                        "top-1",
                                        numbers,
                                        steps.stream()
                                                .mapToDouble(s -> 100 * s.chosen().top1())
                                                .toArray())),
                        Curves::plain,
                        false),
                new Chart(
                        "cost",
                        "Cost after each step, % of the whole net's",
                        "step",
                        List.of(
                                new Chart.Line(
                                        "cost",
                                        numbers,
                                        steps.stream()
                                                .mapToDouble(s -> 100 * s.chosen().cost() / begin)
                                                .toArray())),
                        Curves::plain,
                        true));
    }
}
