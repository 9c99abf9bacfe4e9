package org.mobilenetv3.train.report;

import java.awt.Color;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The colors of figures on white. Okabe and Ito's series can be told apart with any kind of color
 * vision ("Color Universal Design", 2008). On a page they become the style sheet's variables, which
 * have other values in the dark.
 */
public final class Palette {

    /** The background. */
    public static final Color PAPER = new Color(255, 255, 255);

    /** Text. */
    public static final Color INK = new Color(27, 31, 36);

    /** Text of less weight. */
    public static final Color QUIET = new Color(87, 96, 106);

    /** Lines behind the data. */
    public static final Color GRID = new Color(224, 228, 233);

    /** Data, in this order. */
    public static final List<Color> SERIES =
            List.of(
                    new Color(0, 114, 178),
                    new Color(213, 94, 0),
                    new Color(0, 158, 115),
                    new Color(204, 121, 167),
                    new Color(230, 159, 0),
                    new Color(86, 180, 233));

    private Palette() {}

    /** Puts the style sheet's variables in the place of colors as VectorGraphics2D writes them. */
    static String toVariables(String svg) {
        Map<Color, String> names = new LinkedHashMap<>();
        names.put(PAPER, "paper");
        names.put(INK, "ink");
        names.put(QUIET, "quiet");
        names.put(GRID, "grid");
        for (int i = 0; i < SERIES.size(); i++) {
            names.put(SERIES.get(i), "series-" + i);
        }
        String themed = svg;
        for (Map.Entry<Color, String> entry : names.entrySet()) {
            Color c = entry.getKey();
            String written =
                    String.format(
                            Locale.ROOT, "rgb(%d,%d,%d)", c.getRed(), c.getGreen(), c.getBlue());
            themed = themed.replace(written, "var(--" + entry.getValue() + ")");
        }
        return themed;
    }
}
