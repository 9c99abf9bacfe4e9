package org.mobilenetv3.io;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Tables for a terminal. */
public final class TextTable {

    private TextTable() {}

    /**
     * Aligns cells in columns two spaces apart, under their headings.
     *
     * @param names how many columns are names, to the left; the others are figures, to the right
     * @param header the headings
     * @param rows as many cells each
     * @return a line for each row
     */
    public static List<String> lines(int names, List<String> header, List<List<String>> rows) {
        List<List<String>> all = new ArrayList<>(List.of(header));
        all.addAll(rows);
        return lines(IntStream.range(0, header.size()).mapToObj(i -> i < names).toList(), all);
    }

    /**
     * Aligns cells in columns two spaces apart.
     *
     * @param names which columns are names, to the left; the others are figures, to the right
     * @param rows equally many cells each, the headings first
     * @return a line for each row
     */
    public static List<String> lines(List<Boolean> names, List<List<String>> rows) {
        int[] widths = new int[names.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        return rows.stream().map(row -> line(names, row, widths)).toList();
    }

    private static String line(List<Boolean> names, List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = row.get(i);
            String space = " ".repeat(widths[i] - width(cell));
            line.append(i == 0 ? "" : "  ").append(names.get(i) ? cell + space : space + cell);
        }
        return line.toString();
    }

    /** Names of files may hold characters of two chars. */
    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
