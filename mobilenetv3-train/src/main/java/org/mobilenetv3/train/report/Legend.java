package org.mobilenetv3.train.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.awt.font.GlyphVector;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.util.List;

/**
 * A chart's head: its title and, in as many rows as they need, the names of its lines. XChart's own
 * legend covers the axis's labels in a chart as small as ours.
 *
 * @param title of the chart
 * @param entries one per line
 * @param width in pixels
 */
public record Legend(String title, List<Entry> entries, int width) {

    private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 13);
    private static final Font NAME = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    static final FontRenderContext CONTEXT =
            new FontRenderContext(new AffineTransform(), true, true);
    private static final int LEFT = 8;
    private static final int TITLE_ROW = 24;
    private static final int ROW = 18;
    private static final int SAMPLE = 18;
    private static final int GAP = 16;
    private static final int MAX_LENGTH = 44;

    /** A line's name as it is drawn. */
    public record Entry(String name, Color color, BasicStroke stroke) {

        String shown() {
            return name.length() <= MAX_LENGTH
                    ? name
                    : "…" + name.substring(name.length() - MAX_LENGTH);
        }

        double width() {
            return SAMPLE + 6 + NAME.getStringBounds(shown(), CONTEXT).getWidth() + GAP;
        }
    }

    int height() {
        return entries.isEmpty() ? TITLE_ROW : layOut(null) + ROW + 4;
    }

    /** Paints the head, and paper under a chart as high as {@code below}. */
    void paint(Graphics2D g, int below) {
        g.setColor(Palette.PAPER);
        g.fillRect(0, 0, width, height() + below);
        g.setColor(Palette.INK);
        text(g, TITLE, title, LEFT, 16);
        layOut(g);
    }

    /** Draws the entries, if there is something to draw on, and gives the top of the last row. */
    private int layOut(Graphics2D g) {
        double x = LEFT;
        int top = TITLE_ROW;
        for (Entry entry : entries) {
            if (x > LEFT && x + entry.width() - GAP > width) {
                x = LEFT;
                top += ROW;
            }
            if (g != null) {
                g.setColor(entry.color());
                g.setStroke(entry.stroke());
                g.draw(new Line2D.Double(x + 1, top + 7, x + SAMPLE - 1, top + 7));
                g.setColor(Palette.INK);
                text(g, NAME, entry.shown(), x + SAMPLE + 6, top + 11);
            }
            x += entry.width();
        }
        return top;
    }

    /**
     * Draws text as outlines, which look the same wherever the figure is opened.
     *
     * @param g where
     * @param font in which
     * @param text what
     * @param x left end
     * @param y baseline
     */
    public static void text(Graphics2D g, Font font, String text, double x, double y) {
        GlyphVector glyphs = font.createGlyphVector(CONTEXT, text);
        g.fill(glyphs.getOutline((float) x, (float) y));
    }
}
