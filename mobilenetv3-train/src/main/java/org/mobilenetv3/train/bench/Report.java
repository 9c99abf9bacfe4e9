package org.mobilenetv3.train.bench;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mobilenetv3.train.bench.CaseResult.Absence;
import org.mobilenetv3.train.bench.CaseResult.Row;

/**
 * Results as people read them, in a terminal or in docs/benchmarks.md.
 *
 * @param machine one line about where and when
 * @param threads for every implementation
 * @param repetitions figures behind each median
 * @param cases what was measured
 */
public record Report(String machine, int threads, int repetitions, List<CaseResult> cases) {

    private static final List<String> TITLES =
            List.of("contestant", "library", "median ms", "min–max", "images/s", "time ÷ ours");

    /** Takes the results. */
    public Report {
        cases = List.copyOf(cases);
    }

    /**
     * Writes straight columns.
     *
     * @return several lines
     */
    public String text() {
        StringBuilder out = new StringBuilder(machine).append('\n');
        for (CaseResult result : cases) {
            out.append('\n').append(heading(result)).append('\n');
            List<List<String>> lines = new ArrayList<>();
            lines.add(TITLES);
            result.rows().forEach(x -> lines.add(cells(result, x)));
            int[] widths = new int[TITLES.size()];
            for (List<String> line : lines) {
                for (int i = 0; i < widths.length; i++) {
                    widths[i] = Math.max(widths[i], line.get(i).length());
                }
            }
            for (List<String> line : lines) {
                StringBuilder row = new StringBuilder();
                for (int i = 0; i < widths.length; i++) {
                    String format = i < 2 ? "%-" + widths[i] + "s  " : "%" + widths[i] + "s  ";
                    row.append(format.formatted(line.get(i)));
                }
                out.append("  ").append(row.toString().stripTrailing()).append('\n');
            }
            result.absences().forEach(x -> out.append("  ").append(sentence(x)).append('\n'));
            result.goals().forEach(x -> out.append("  ").append(x).append('\n'));
        }
        return out.toString();
    }

    /**
     * Writes Markdown tables.
     *
     * @return several lines
     */
    public String markdown() {
        StringBuilder out = new StringBuilder(machine).append('\n');
        for (CaseResult result : cases) {
            out.append("\n**").append(heading(result)).append("**\n\n");
            out.append(markdownRow(TITLES)).append("|---|---|---:|---:|---:|---:|\n");
            result.rows().forEach(x -> out.append(markdownRow(cells(result, x))));
            List<String> sentences = new ArrayList<>(result.goals());
            result.absences().forEach(x -> sentences.add(sentence(x)));
            if (!sentences.isEmpty()) {
                out.append('\n');
                sentences.forEach(x -> out.append("- ").append(x).append('\n'));
            }
        }
        return out.toString();
    }

    /**
     * Writes every figure for machines.
     *
     * @return an object with the fields of this record, ratios and goals
     */
    public JsonObject json() {
        return ReportJson.of(this);
    }

    private static String markdownRow(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }

    private static String heading(CaseResult result) {
        return "%s (%s)".formatted(result.work().describe(), result.work().name());
    }

    private static List<String> cells(CaseResult result, Row row) {
        double median = row.timings().median();
        Optional<Double> ratio = row.full() ? result.ratio(row) : Optional.empty();
        return List.of(
                row.implementation(),
                row.engine(),
                String.format(Locale.ROOT, "%.2f", median),
                String.format(Locale.ROOT, "%.2f–%.2f", row.timings().min(), row.timings().max()),
                String.format(Locale.ROOT, "%,.0f", 1000 * result.work().batch() / median),
                // 16 bits are another computation: shown apart.
                ratio.map("%.2f"::formatted).orElse("–"));
    }

    private static String sentence(Absence absence) {
        return "%s (%s) %s: %s"
                .formatted(
                        absence.implementation(),
                        absence.engine(),
                        absence.failed() ? "failed" : "was skipped",
                        absence.reason());
    }
}
