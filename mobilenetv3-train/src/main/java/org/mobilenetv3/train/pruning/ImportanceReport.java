package org.mobilenetv3.train.pruning;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.train.pruning.Importance.Scores;
import org.mobilenetv3.train.report.Drawing;
import org.mobilenetv3.train.report.Html;

/**
 * How important a net's channels are, as a table, a page and a file for spreadsheets.
 *
 * @param net its name
 * @param weights where they lie
 * @param all the scores by each criterion
 * @param dead channels that contribute nothing, by group
 */
public record ImportanceReport(
        String net, String weights, List<Importance> all, Map<String, int[]> dead) {

    /** Returns the headings of the table, two names first. */
    public List<String> header() {
        List<String> header = new ArrayList<>(List.of("block", "channels", "dead"));
        shown().forEach(importance -> header.add(importance.criterion().toString()));
        return header;
    }

    /** The control says nothing about the net: it is in the file of scores only. */
    private List<Importance> shown() {
        return all.stream().filter(i -> i.criterion() != Criterion.RANDOM).toList();
    }

    /** Returns a row for each group. */
    public List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (int g = 0; g < all.get(0).groups().size(); g++) {
            Scores first = all.get(0).groups().get(g);
            List<String> row = new ArrayList<>();
            row.add(first.group().name());
            row.add(String.valueOf(first.group().width()));
            row.add(String.valueOf(dead.getOrDefault(first.group().name(), new int[0]).length));
            for (Importance importance : shown()) {
                row.add(percent(importance.groups().get(g)));
            }
            rows.add(row);
        }
        return rows;
    }

    /** What the better half of the channels holds of all. */
    private static String percent(Scores scores) {
        if (!scores.isJudged()) {
            return "-";
        }
        double[] sorted = scores.scores().clone();
        Arrays.sort(sorted);
        double all = Arrays.stream(sorted).sum();
        double half = Arrays.stream(sorted).skip(sorted.length / 2).sum();
        return all > 0 ? String.format(Locale.ROOT, "%.0f %%", 100 * half / all) : "-";
    }

    /**
     * Returns where the scores go.
     *
     * @param page where the page goes
     * @return the same name with the ending {@code .csv}
     */
    public static Path csv(Path page) {
        String name = page.getFileName().toString().replaceFirst("\\.[^.]*$", "");
        return page.resolveSibling(name + ".csv");
    }

    /**
     * Writes the page and, beside it, the scores: a line for each channel.
     *
     * @param page where
     * @throws IOException if they cannot be written
     */
    public void write(Path page) throws IOException {
        Path file = page.toAbsolutePath();
        Files.createDirectories(file.getParent());
        WholeFile.write(csv(file), lines());
        WholeFile.write(file, html());
    }

    private String lines() {
        StringBuilder lines = new StringBuilder("block,channel");
        all.forEach(importance -> lines.append(',').append(importance.criterion()));
        lines.append('\n');
        for (int g = 0; g < all.get(0).groups().size(); g++) {
            var group = all.get(0).groups().get(g).group();
            for (int c = 0; c < group.width(); c++) {
                lines.append(group.name()).append(',').append(c);
                for (Importance importance : all) {
                    Scores scores = importance.groups().get(g);
                    lines.append(',').append(scores.isJudged() ? scores.scores()[c] : "");
                }
                lines.append('\n');
            }
        }
        return lines.toString();
    }

    private String html() {
        Html html = new Html();
        html.add(
                "<header><h1>Importance of channels</h1>\n<p>%s, weights %s</p></header>\n",
                net, weights);
        html.raw("<section><h2>Blocks</h2>\n");
        html.raw(
                "<p>What the better half of a block's channels holds of the block's importance, by each criterion. 50\u00a0% means that all channels matter alike; the more it is, the more can be removed.</p>\n");
        html.table(1, header(), rows());
        html.raw("<ul>\n");
        for (Importance importance : shown()) {
            html.add(
                    "<li><b>%s</b>: %s</li>\n",
                    importance.criterion(), importance.criterion().description());
        }
        html.raw("</ul>\n");
        dead.forEach(
                (group, channels) ->
                        html.add(
                                "<p>%s: dead already: %s</p>\n",
                                group, Arrays.toString(channels).replaceAll("[\\[\\]]", "")));
        html.raw("</section>\n");
        html.figures(
                "Channels of each block, the most important on the left",
                Drawing.of(() -> shown().stream().map(Importance::draw).toList()));
        html.raw("<footer>Made by MobileNetV3 for the JVM.</footer>\n");
        return html.page("Importance of channels");
    }
}
