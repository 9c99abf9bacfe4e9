package org.mobilenetv3.train.report.comparison;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.mobilenetv3.io.TextTable;
import org.mobilenetv3.train.report.ReportPage;
import org.mobilenetv3.train.report.comparison.Comparison.Group;
import org.mobilenetv3.train.report.comparison.Comparison.Run;

/**
 * Runs as a table, the same on a terminal and on a page.
 *
 * @param header of the columns
 * @param names which columns are names; the others are figures
 * @param rows one per run
 */
public record ComparisonTable(List<String> header, List<Boolean> names, List<List<String>> rows) {

    /** One column; a name stands to the left, a figure to the right. */
    private record Column(String header, boolean name, Function<Run, String> value) {}

    private static final Column RUN = new Column("run", true, Run::name);
    private static final Column DATASET = new Column("data set", true, r -> r.settings().dataset());
    private static final List<Column> SETTING =
            List.of(
                    new Column("net", true, r -> r.settings().architecture().name()),
                    new Column("recipe", true, r -> r.settings().recipe().name()),
                    new Column("seed", false, r -> String.valueOf(r.settings().seed())));
    private static final List<Column> OUTCOME =
            List.of(
                    new Column("epochs", false, ComparisonTable::epochs),
                    new Column("val top-1", false, r -> percent(r.best().validationScore())),
                    new Column("at epoch", false, r -> String.valueOf(r.best().epoch())),
                    new Column(
                            "test top-1",
                            false,
                            r -> r.result().map(x -> percent(x.top1())).orElse("–")),
                    new Column(
                            "images/s",
                            false,
                            r -> String.format(Locale.ROOT, "%,.0f", r.imagesPerSecond())),
                    new Column("time", false, r -> ReportPage.time(r.seconds())));

    /**
     * Tabulates runs; shares in percent, training time. The data set is a column only if the runs
     * are of several.
     *
     * @param comparison the runs
     * @return the table, settings before figures
     */
    public static ComparisonTable of(Comparison comparison) {
        return of(comparison.runs(), SETTING, OUTCOME);
    }

    /** The same with the figures first, for they must be seen on a phone without scrolling. */
    static ComparisonTable figuresFirst(Comparison comparison) {
        return of(comparison.runs(), OUTCOME, SETTING);
    }

    private static ComparisonTable of(List<Run> runs, List<Column> first, List<Column> then) {
        List<Column> columns = new ArrayList<>(List.of(RUN));
        if (runs.stream().map(DATASET.value()).distinct().count() > 1) {
            columns.add(DATASET);
        }
        columns.addAll(first);
        columns.addAll(then);
        return new ComparisonTable(
                columns.stream().map(Column::header).toList(),
                columns.stream().map(Column::name).toList(),
                runs.stream()
                        .map(run -> columns.stream().map(c -> c.value().apply(run)).toList())
                        .toList());
    }

    private static String epochs(Run run) {
        int done = run.history().size();
        int epochs = run.settings().recipe().epochs();
        return done == epochs ? String.valueOf(done) : done + "/" + epochs;
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f", 100 * share);
    }

    /**
     * Describes a group in a line.
     *
     * @param group runs that differ in the seed
     * @return for instance {@code paper small, quick, seeds 1, 2: test top-1 91.20 ± 0.14 % (mean
     *     and standard deviation of 2 runs)}
     */
    public static String describe(Group group) {
        Run first = group.runs().get(0);
        String seeds = String.join(", ", group.seeds().stream().map(String::valueOf).toList());
        return String.format(
                Locale.ROOT,
                "%s, %s, %s, seeds %s: test top-1 %.2f ± %.2f %% (mean and standard deviation of %d runs)",
                first.settings().architecture().name(),
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
        return TextTable.lines(names, all);
    }
}
