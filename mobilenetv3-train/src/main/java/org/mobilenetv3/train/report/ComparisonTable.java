package org.mobilenetv3.train.report;

import java.util.ArrayList;
import java.util.List;
import org.mobilenetv3.train.report.Comparison.Group;
import org.mobilenetv3.train.report.Comparison.Run;

/**
 * Runs as a table, the same on a terminal and on a page.
 *
 * @param header of the columns
 * @param names how many columns at the left are names
 * @param rows one per run
 */
public record ComparisonTable(List<String> header, int names, List<List<String>> rows) {

    /**
     * Tabulates runs; shares in per cent, time of training. The data set is a column only if the
     * runs are of several.
     *
     * @param comparison the runs
     * @return the table
     */
    public static ComparisonTable of(Comparison comparison) {
        boolean several =
                comparison.runs().stream().map(r -> r.settings().dataset()).distinct().count() > 1;
        List<String> header = new ArrayList<>(List.of("run", "net", "recipe"));
        if (several) {
            header.add(1, "data set");
        }
        int names = header.size();
        header.addAll(
                List.of(
                        "seed",
                        "epochs",
                        "val top-1",
                        "at epoch",
                        "test top-1",
                        "images/s",
                        "time"));
        List<List<String>> rows = comparison.runs().stream().map(run -> row(run, several)).toList();
        return new ComparisonTable(header, names, rows);
    }

    private static List<String> row(Run run, boolean several) {
        List<String> row = new ArrayList<>();
        row.add(run.name());
        if (several) {
            row.add(run.settings().dataset());
        }
        row.add(RunFacts.net(run.settings().architecture()));
        row.add(run.settings().recipe().name());
        row.add(String.valueOf(run.settings().seed()));
        int done = run.history().size();
        int epochs = run.settings().recipe().epochs();
        row.add(done == epochs ? String.valueOf(done) : done + "/" + epochs);
        row.add(percent(run.best().validationTop1()));
        row.add(String.valueOf(run.best().epoch()));
        row.add(run.result().map(r -> percent(r.top1())).orElse("–"));
        row.add("%,.0f".formatted(run.imagesPerSecond()));
        row.add(ReportPage.time(run.seconds()));
        return row;
    }

    private static String percent(double share) {
        return "%.2f".formatted(100 * share);
    }

    /**
     * Describes a group in a line.
     *
     * @param group runs that differ in the seed
     * @return for instance {@code paper small, quick, seeds 1, 2: test top-1 91.20 ± 0.14 % (2
     *     runs)}
     */
    public static String describe(Group group) {
        Run first = group.runs().get(0);
        String seeds = String.join(", ", group.seeds().stream().map(String::valueOf).toList());
        return "%s, %s, %s, seeds %s: test top-1 %.2f ± %.2f %% (mean and standard deviation of %d runs)"
                .formatted(
                        RunFacts.net(first.settings().architecture()),
                        first.settings().dataset(),
                        first.settings().recipe().name(),
                        seeds,
                        100 * group.meanTop1(),
                        100 * group.deviation(),
                        group.runs().size());
    }

    /**
     * Aligns the table for a terminal.
     *
     * @return one line per run under a line of headings, names to the left, figures to the right
     */
    public List<String> lines() {
        List<List<String>> all = new ArrayList<>();
        all.add(header);
        all.addAll(rows);
        int[] widths = new int[header.size()];
        for (List<String> row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        return all.stream().map(row -> line(row, widths)).toList();
    }

    private String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = row.get(i);
            String space = " ".repeat(widths[i] - width(cell));
            line.append(i == 0 ? "" : "  ").append(i < names ? cell + space : space + cell);
        }
        return line.toString();
    }

    /** Directory names may hold characters of two chars. */
    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
