package org.mobilenetv3.train.report;

import java.util.List;
import java.util.Locale;
import org.mobilenetv3.train.report.ConfusionMatrix.Confusion;
import org.mobilenetv3.train.report.ConfusionMatrix.Unit;

/**
 * A confusion matrix on a page: numbers for few classes, a heat map for many.
 *
 * @param matrix what it shows
 */
public record ConfusionView(ConfusionMatrix matrix) {

    /** With more classes the numbers do not fit. */
    static final int MAX_WITH_NUMBERS = 20;

    /** On stronger blue white is easier to read than black. */
    static final double STRONG = 0.8;

    private static final int PAIRS = 10;
    private static final int SHADES = 12;

    /** Adds a section. */
    public void addTo(Html html) {
        html.raw("<section><h2>Confusion matrix</h2>\n<div class=\"two\"><div>\n");
        if (matrix.classes().size() <= MAX_WITH_NUMBERS) {
            html.add(
                    "<p>Rows are the true class, columns the predicted one; cells %s.</p>",
                    matrix.unit() == Unit.IMAGES
                            ? "count images"
                            : "are percentages of the true class's pixels");
            numbers(html);
        } else {
            html.add(
                    "<p>Rows are the true class, from top to bottom, columns the predicted one, both in the order of the table below. The stronger the color, the larger the share of the true class's %s.</p>",
                    matrix.unit().many());
            heatMap(html);
        }
        html.raw("</div><div>\n");
        pairs(html);
        html.raw("</div></div></section>\n");
    }

    /** How strongly a cell is colored, 0 to 1; mistakes are rare, so they are stretched. */
    static double strength(boolean right, double share) {
        return right ? share : Math.sqrt(share);
    }

    /** For the style sheet, which reads a point whatever the user's language. */
    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private void numbers(Html html) {
        List<String> classes = matrix.classes();
        html.raw("<div class=\"scroll\"><table class=\"confusion\"><thead><tr><td></td>");
        classes.forEach(name -> html.add("<th scope=\"col\"><span>%s</span></th>", name));
        html.raw("</tr></thead><tbody>\n");
        for (int label = 0; label < classes.size(); label++) {
            html.add("<tr><th scope=\"row\">%s</th>", classes.get(label));
            for (int predicted = 0; predicted < classes.size(); predicted++) {
                double strength = strength(label == predicted, matrix.share(label, predicted));
                html.add(
                        "<td class=\"%s%s\" style=\"--a:%s\">%s</td>",
                        label == predicted ? "right" : "wrong",
                        strength > STRONG ? " strong" : "",
                        decimal(strength),
                        matrix.text(label, predicted));
            }
            html.raw("</tr>\n");
        }
        html.raw("</tbody></table></div>\n");
    }

    /** One path of unit squares for each shade: small enough for a thousand classes. */
    private void heatMap(Html html) {
        int n = matrix.classes().size();
        StringBuilder[][] paths = new StringBuilder[2][SHADES + 1];
        for (int label = 0; label < n; label++) {
            for (int predicted = 0; predicted < n; predicted++) {
                boolean right = label == predicted;
                double strength = strength(right, matrix.share(label, predicted));
                int shade = (int) Math.ceil(strength * SHADES);
                if (shade > 0) {
                    StringBuilder[] kind = paths[right ? 0 : 1];
                    kind[shade] = kind[shade] == null ? new StringBuilder() : kind[shade];
                    kind[shade].append(
                            String.format(Locale.ROOT, "M%d %dh1v1h-1z", predicted, label));
                }
            }
        }
        html.add(
                "<svg class=\"heat\" viewBox=\"0 0 %s %s\" role=\"img\" aria-label=\"Confusion matrix\">",
                n, n);
        for (int kind = 0; kind < 2; kind++) {
            for (int shade = 1; shade <= SHADES; shade++) {
                if (paths[kind][shade] != null) {
                    html.add(
                            "<path class=\"%s\" fill-opacity=\"%s\" d=\"%s\"/>",
                            kind == 0 ? "right" : "wrong",
                            decimal((double) shade / SHADES),
                            paths[kind][shade]);
                }
            }
        }
        html.raw("</svg>\n");
    }

    private void pairs(Html html) {
        List<Confusion> pairs = matrix.mostConfused(PAIRS);
        if (pairs.isEmpty()) {
            html.add("<p>No %s was misclassified.</p>", matrix.unit().one());
            return;
        }
        html.raw("<h3>Most confused</h3>\n");
        html.table(
                2,
                List.of("true class", "predicted", matrix.unit().many(), "share of class"),
                pairs.stream()
                        .map(
                                p ->
                                        List.of(
                                                matrix.classes().get(p.label()),
                                                matrix.classes().get(p.predicted()),
                                                String.format(Locale.ROOT, "%,d", p.count()),
                                                String.format(
                                                        Locale.ROOT, "%.1f %%", 100 * p.share())))
                        .toList());
    }
}
