package org.mobilenetv3.train.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import org.mobilenetv3.train.report.ConfusionMatrix.Unit;

/**
 * A confusion matrix as a figure of its own, for files and TensorBoard.
 *
 * @param matrix what it shows
 */
public record ConfusionDrawing(ConfusionMatrix matrix) {

    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 11);
    private static final int MARGIN = 12;
    private static final int SIDE = 420;

    /**
     * Draws it; Java needs fonts for that.
     *
     * @return the figure {@code confusion}
     */
    public Figure draw() {
        boolean numbers = matrix.classes().size() <= ConfusionView.MAX_WITH_NUMBERS;
        double widest = 0;
        for (String name : matrix.classes()) {
            widest = Math.max(widest, FONT.getStringBounds(name, Legend.CONTEXT).getWidth());
        }
        int labels = numbers ? (int) Math.ceil(widest) + 6 : 16;
        int cell = Math.max(numbers ? 30 : 1, SIDE / matrix.classes().size());
        int side = cell * matrix.classes().size();
        int whole = side + labels + 2 * MARGIN;
        return Figure.of(
                "confusion",
                matrix.unit() == Unit.IMAGES
                        ? "Confusion matrix"
                        : "Confusion matrix, % of the true class's pixels",
                whole,
                whole,
                g -> paint(g, labels + MARGIN, cell, numbers));
    }

    private void paint(Graphics2D g, int origin, int cell, boolean numbers) {
        int n = matrix.classes().size();
        for (int label = 0; label < n; label++) {
            for (int predicted = 0; predicted < n; predicted++) {
                boolean right = label == predicted;
                double strength = ConfusionView.strength(right, matrix.share(label, predicted));
                int x = origin + predicted * cell;
                int y = origin + label * cell;
                if (strength > 0) {
                    g.setColor(mixed(Palette.SERIES.get(right ? 0 : 1), strength));
                    g.fill(new Rectangle2D.Double(x, y, cell, cell));
                }
                String text = matrix.text(label, predicted);
                if (numbers && !text.isEmpty()) {
                    g.setColor(
                            right && strength > ConfusionView.STRONG ? Palette.PAPER : Palette.INK);
                    centered(g, text, x + cell / 2.0, y + cell / 2.0);
                }
            }
        }
        g.setColor(Palette.GRID);
        g.draw(new Rectangle2D.Double(origin, origin, n * cell, n * cell));
        names(g, origin, cell, numbers);
    }

    private void names(Graphics2D g, int origin, int cell, boolean numbers) {
        g.setColor(Palette.INK);
        int n = matrix.classes().size();
        AffineTransform upright = g.getTransform();
        if (!numbers) {
            Legend.text(g, FONT, "predicted →", origin, origin - 5);
            g.translate(origin - 5, origin + n * cell);
            g.rotate(-Math.PI / 2);
            Legend.text(g, FONT, "← true class", 0, 0);
            g.setTransform(upright);
            return;
        }
        for (int i = 0; i < n; i++) {
            String name = matrix.classes().get(i);
            double middle = origin + (i + 0.5) * cell + 4;
            double width = FONT.getStringBounds(name, Legend.CONTEXT).getWidth();
            Legend.text(g, FONT, name, origin - 4 - width, middle);
            g.translate(middle, origin - 4);
            g.rotate(-Math.PI / 2);
            Legend.text(g, FONT, name, 0, 0);
            g.setTransform(upright);
        }
    }

    private static void centered(Graphics2D g, String text, double x, double y) {
        double width = FONT.getStringBounds(text, Legend.CONTEXT).getWidth();
        Legend.text(g, FONT, text, x - width / 2, y + 4);
    }

    private static Color mixed(Color color, double strength) {
        return new Color(
                mixed(color.getRed(), strength),
                mixed(color.getGreen(), strength),
                mixed(color.getBlue(), strength));
    }

    private static int mixed(int part, double strength) {
        return (int) Math.round(255 + (part - 255) * strength);
    }
}
