package org.mobilenetv3.train.pruning;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.train.pruning.Importance.Scores;
import org.mobilenetv3.train.report.Figure;
import org.mobilenetv3.train.report.Legend;
import org.mobilenetv3.train.report.Palette;

/**
 * A heat map: a row for each group, its channels sorted from the most important to the least, dark
 * where they matter.
 *
 * @param importance what is shown
 */
record ImportanceDrawing(Importance importance) {

    private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 13);
    private static final Font NAME = new Font(Font.SANS_SERIF, Font.PLAIN, 11);
    private static final FontRenderContext CONTEXT =
            new FontRenderContext(new AffineTransform(), true, true);
    private static final int WIDTH = 400;
    private static final int LEFT = 96;
    private static final int RIGHT = 40;
    private static final int TOP = 26;
    private static final int ROW = 17;
    private static final int SHADES = 12;

    /** More cells than this would be narrower than a pixel. */
    private static final int CELLS = 88;

    Figure draw() {
        String title = importance.criterion().toString();
        int height = TOP + ROW * importance.groups().size() + 24;
        return Figure.of(
                "importance-" + title,
                "Importance by " + title,
                WIDTH,
                height,
                g -> paint(g, height));
    }

    private void paint(Graphics2D g, int height) {
        g.setColor(Palette.PAPER);
        g.fillRect(0, 0, WIDTH, height);
        g.setColor(Palette.INK);
        Legend.text(g, TITLE, importance.criterion().toString(), 8, 16);
        double wide = WIDTH - LEFT - RIGHT;
        List<Scores> groups = importance.groups();
        for (int row = 0; row < groups.size(); row++) {
            double y = TOP + row * ROW;
            g.setColor(Palette.INK);
            Legend.text(g, NAME, groups.get(row).group().name(), 8, y + 12);
            g.setColor(Palette.QUIET);
            String width = String.format(Locale.ROOT, "%d", groups.get(row).group().width());
            Legend.text(g, NAME, width, WIDTH - RIGHT + 6, y + 12);
            int[] shades = shades(groups.get(row));
            // Equal neighbors in one piece: no seams, and a small file.
            for (int from = 0, to; from < shades.length; from = to) {
                to = from + 1;
                while (to < shades.length && shades[to] == shades[from]) {
                    to++;
                }
                g.setColor(shade(shades[from]));
                double left = LEFT + wide * from / shades.length;
                double right = LEFT + wide * to / shades.length;
                g.fill(new Rectangle2D.Double(left, y + 1, right - left, ROW - 2));
            }
        }
        g.setColor(Palette.QUIET);
        Legend.text(g, NAME, "most important", LEFT, height - 8);
        String channels = "channels";
        double end = NAME.getStringBounds(channels, CONTEXT).getWidth();
        Legend.text(g, NAME, channels, WIDTH - 8 - end, height - 8);
    }

    /**
     * From the most important on, each relative to the first, 0 to {@link #SHADES}; neighbors
     * merged if there are many. The root, so that small scores show, too.
     */
    private static int[] shades(Scores scores) {
        if (!scores.isJudged()) {
            return new int[0];
        }
        int[] ranking = scores.ranking();
        double most = scores.scores()[ranking[0]];
        int count = Math.min(CELLS, ranking.length);
        int[] shades = new int[count];
        for (int i = 0; i < count && most > 0; i++) {
            int from = i * ranking.length / count;
            int to = (i + 1) * ranking.length / count;
            double mean =
                    Arrays.stream(ranking, from, to)
                            .mapToDouble(c -> scores.scores()[c])
                            .average()
                            .orElse(0);
            shades[i] = (int) Math.ceil(Math.sqrt(Math.max(0, mean / most)) * SHADES);
        }
        return shades;
    }

    /** More or less of the page's own color, which is another in the dark. */
    private static Color shade(int shade) {
        Color full = Palette.SERIES.get(0);
        int alpha = 16 + (255 - 16) * shade / SHADES;
        return new Color(full.getRed(), full.getGreen(), full.getBlue(), alpha);
    }
}
