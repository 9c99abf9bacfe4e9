package org.mobilenetv3.train.report;

import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Figures by class: of all classes if they are few, otherwise of the worst, with the table of all
 * folded away.
 *
 * @param classes in the order of their labels
 * @param worst heading of the worst, for instance {@code Lowest F1}
 * @param figure by which the worst are found, low or NaN
 * @param header of the columns, the first the class's name
 * @param row the cells of a class
 * @param <T> what is known of a class
 */
public record ClassTable<T>(
        List<T> classes,
        String worst,
        ToDoubleFunction<T> figure,
        List<String> header,
        Function<T, List<String>> row) {

    /** Longer tables are folded away. */
    private static final int LONG = 20;

    /** Adds the table or both. */
    public void addTo(Html html) {
        if (classes.size() <= LONG) {
            html.table(1, header, classes.stream().map(row).toList());
            return;
        }
        html.add("<h3>%s</h3>\n", worst);
        html.table(
                1,
                header,
                classes.stream()
                        .sorted(Comparator.comparingDouble(figure))
                        .limit(LONG)
                        .map(row)
                        .toList());
        html.add("<details><summary>All %s classes</summary>\n", classes.size());
        html.table(1, header, classes.stream().map(row).toList());
        html.raw("</details>\n");
    }
}
