package org.mobilenetv3.train.preview;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import org.mobilenetv3.drawing.Fonts;
import org.mobilenetv3.image.Pixels;

/**
 * Draws a table of small images with captions. Small ones are enlarged by a whole factor so that
 * their pixels show, large ones made smaller.
 *
 * @param title a line above all
 * @param columns headings
 * @param rows of equally many cells, the images of one size
 */
public record ContactSheet(String title, List<String> columns, List<List<Cell>> rows) {
    private static final int MIN_SIDE = 96;
    private static final int MAX_SIDE = 256;
    private static final int GAP = 6;
    private static final int LINE = 14;

    /**
     * One of the table.
     *
     * @param image of the size that all have
     * @param caption up to a few lines of text under it
     */
    public record Cell(Pixels image, String caption) {}

    /**
     * Draws it, without text where Java has no fonts.
     *
     * @return RGB
     */
    public BufferedImage draw() {
        Pixels first = displayed(rows.get(0).get(0).image());
        int lines =
                rows.stream()
                        .flatMap(List::stream)
                        .mapToInt(cell -> cell.caption().split("\n", -1).length)
                        .max()
                        .orElse(1);
        int cellWidth = first.width() + GAP;
        int cellHeight = first.height() + lines * LINE + GAP;
        int top = GAP + 2 * LINE + GAP;
        BufferedImage sheet =
                new BufferedImage(
                        GAP + columns.size() * cellWidth,
                        top + rows.size() * cellHeight,
                        BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        for (int y = 0; y < rows.size(); y++) {
            for (int x = 0; x < columns.size(); x++) {
                graphics.drawImage(
                        displayed(rows.get(y).get(x).image()).toImage(),
                        GAP + x * cellWidth,
                        top + y * cellHeight,
                        null);
            }
        }
        if (Fonts.available()) {
            write(graphics, sheet.getWidth(), cellWidth, cellHeight, first.height());
        }
        graphics.dispose();
        return sheet;
    }

    private void write(
            Graphics2D graphics, int sheetWidth, int cellWidth, int cellHeight, int imageHeight) {
        graphics.setRenderingHint(
                RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setColor(Color.BLACK);
        Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 11);
        graphics.setFont(plain.deriveFont(Font.BOLD));
        line(graphics, title, GAP, GAP + LINE - 3, sheetWidth - 2 * GAP);
        graphics.setFont(plain);
        int width = cellWidth - GAP;
        for (int x = 0; x < columns.size(); x++) {
            int left = GAP + x * cellWidth;
            line(graphics, columns.get(x), left, GAP + 2 * LINE, width);
            for (int y = 0; y < rows.size(); y++) {
                int below = 2 * GAP + 2 * LINE + y * cellHeight + imageHeight;
                for (String text : rows.get(y).get(x).caption().split("\n", -1)) {
                    below += LINE;
                    line(graphics, text, left, below - 3, width);
                }
            }
        }
    }

    /** Writes one line, cut short where it does not fit. */
    private static void line(Graphics2D graphics, String text, int x, int y, int width) {
        FontMetrics metrics = graphics.getFontMetrics();
        String shown = text;
        int length = text.length();
        while (metrics.stringWidth(shown) > width && length > 1) {
            length = text.offsetByCodePoints(length, -1);
            shown = text.substring(0, length) + "…";
        }
        graphics.drawString(shown, x, y);
    }

    private static Pixels displayed(Pixels image) {
        int shorter = Math.min(image.height(), image.width());
        if (shorter > MAX_SIDE) {
            return image.resizeShorterSide(MAX_SIDE);
        }
        return enlarged(image, (MIN_SIDE + shorter - 1) / shorter);
    }

    private static Pixels enlarged(Pixels image, int factor) {
        int height = image.height() * factor;
        int width = image.width() * factor;
        byte[] out = new byte[image.channels() * height * width];
        for (int i = 0; i < out.length; i++) {
            int row = i / width / factor; // through all channels
            out[i] = image.data()[row * image.width() + i % width / factor];
        }
        return new Pixels(out, image.channels(), height, width);
    }
}
