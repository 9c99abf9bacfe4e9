package org.mobilenetv3.drawing;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.segmentation.Mask;

/**
 * Draws on an image what is in it. Lines and letters grow with the picture; a small image is
 * enlarged by a whole factor first, so that labels can be read and do not hide the objects.
 */
public final class SceneDrawing {
    private static final int LEAST_SIDE = 480;
    private static final int MOST_ROWS = 12; // that a label is moved up or down to be seen
    private static final Color SHADE = new Color(0, 0, 0, 150);

    private final int factor;
    private final BufferedImage picture;
    private final boolean hasFonts = Fonts.available();

    /**
     * Begins with an image whose longer side becomes 480 pixels or more.
     *
     * @param image gray or RGB
     */
    public SceneDrawing(Pixels image) {
        this(image, LEAST_SIDE);
    }

    /**
     * Begins with an image.
     *
     * @param image gray or RGB
     * @param leastSide pixels that the picture's longer side has at least; 1: it is not enlarged
     */
    public SceneDrawing(Pixels image, int leastSide) {
        int longer = Math.max(image.height(), image.width());
        factor = Math.max(1, (leastSide + longer - 1) / longer);
        picture =
                image.toChannels(3)
                        .resize(
                                image.height() * factor,
                                image.width() * factor,
                                Interpolation.BICUBIC)
                        .toImage();
    }

    /**
     * Returns the picture with what has been drawn so far.
     *
     * @return RGB
     */
    public BufferedImage picture() {
        return picture;
    }

    /**
     * Tints each class of a mask but the background (0) in its color, with a line around it.
     *
     * @param mask of the image's size
     * @return this
     * @throws IllegalArgumentException if the mask is of another size
     */
    public SceneDrawing tint(Mask mask) {
        if (mask.height() * factor != picture.getHeight()
                || mask.width() * factor != picture.getWidth()) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "A mask of %d by %d pixels does not fit an image of %d by %d; give one of the image's size.",
                            mask.width(),
                            mask.height(),
                            picture.getWidth() / factor,
                            picture.getHeight() / factor));
        }
        int line = lineWidth();
        int width = picture.getWidth();
        int[] row = new int[width];
        for (int y = 0; y < picture.getHeight(); y++) {
            picture.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                int value = at(mask, y, x);
                if (value != 0) {
                    boolean edge =
                            at(mask, y - line, x) != value
                                    || at(mask, y + line, x) != value
                                    || at(mask, y, x - line) != value
                                    || at(mask, y, x + line) != value;
                    int color = ClassColors.ofMask(value).getRGB();
                    row[x] = edge ? color : tinted(row[x], color);
                }
            }
            picture.setRGB(0, y, width, 1, row, 0, width);
        }
        return this;
    }

    /** Half a pixel's brightness and half the color: the pixel's own color would change it. */
    private static int tinted(int rgb, int color) {
        int red = (rgb >> 16) & 0xFF;
        int green = (rgb >> 8) & 0xFF;
        int gray = (299 * red + 587 * green + 114 * (rgb & 0xFF)) / 1000;
        return (0xFF << 24) | ((gray / 2) * 0x010101 + ((color >> 1) & 0x7F7F7F));
    }

    /** The class at a place of the picture; beyond the border that of the border. */
    private int at(Mask mask, int y, int x) {
        return mask.at(
                Math.max(0, Math.min(mask.height() - 1, Math.floorDiv(y, factor))),
                Math.max(0, Math.min(mask.width() - 1, Math.floorDiv(x, factor))));
    }

    /**
     * Draws boxes and then their labels, so that no line goes through a label. Boxes that come
     * first keep the best place for theirs: give the surest first.
     *
     * @param marks boxes of this image
     * @return this
     */
    public SceneDrawing mark(List<Mark> marks) {
        Graphics2D graphics = graphics();
        int line = lineWidth();
        for (int i = marks.size() - 1; i >= 0; i--) {
            Mark mark = marks.get(i);
            Rectangle place = placeOf(mark.box());
            float[] dashes = mark.dashed() ? new float[] {4 * line, 3 * line} : null;
            outline(graphics, place, line + 2, SHADE, dashes);
            outline(graphics, place, line, ClassColors.ofObject(mark.label()), dashes);
        }
        if (hasFonts) {
            write(graphics, marks.stream().filter(mark -> !mark.text().isEmpty()).toList());
        }
        graphics.dispose();
        return this;
    }

    /** Writes labels; where one must hide another, that of the earlier mark is seen. */
    private void write(Graphics2D graphics, List<Mark> marks) {
        FontMetrics metrics = graphics.getFontMetrics();
        int margin = Math.max(2, metrics.getHeight() / 6);
        int height = metrics.getAscent() + metrics.getDescent();
        List<Rectangle> places = new ArrayList<>();
        for (Mark mark : marks) {
            int width = metrics.stringWidth(mark.text()) + 2 * margin;
            places.add(free(candidates(placeOf(mark.box()), width, height), places));
        }
        for (int i = marks.size() - 1; i >= 0; i--) {
            Mark mark = marks.get(i);
            Rectangle place = places.get(i);
            Color color = ClassColors.ofObject(mark.label());
            graphics.setColor(color);
            graphics.fill(place);
            graphics.setColor(ClassColors.ofTextOn(color));
            graphics.drawString(mark.text(), place.x + margin, place.y + metrics.getAscent());
        }
    }

    private static void outline(
            Graphics2D graphics, Rectangle place, int width, Color color, float... dashes) {
        graphics.setColor(color);
        graphics.setStroke(
                new BasicStroke(
                        width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, dashes, 0));
        graphics.draw(place);
    }

    private Rectangle placeOf(Box box) {
        int left = (int) Math.round(box.left() * factor);
        int top = (int) Math.round(box.top() * factor);
        return new Rectangle(
                left,
                top,
                (int) Math.round(box.right() * factor) - left,
                (int) Math.round(box.bottom() * factor) - top);
    }

    /** Places from the best to the worst, all within the picture as far as they fit at all. */
    private List<Rectangle> candidates(Rectangle box, int width, int height) {
        int half = (lineWidth() + 1) / 2;
        int left = box.x - half;
        int right = box.x + box.width + half - width;
        int above = box.y - half - height;
        int below = box.y + box.height + half;
        int[][] corners = {
            {left, above},
            {right, above},
            {left, below},
            {right, below},
            {left, box.y - half},
            {right, box.y - half},
            {left, below - 2 * half - height},
            {right, below - 2 * half - height}
        };
        List<Rectangle> places = new ArrayList<>();
        for (int[] corner : corners) {
            addWithin(places, new Rectangle(corner[0], corner[1], width, height));
        }
        for (int row = 1; row <= MOST_ROWS; row++) {
            addWithin(places, new Rectangle(left, above - row * (height + 1), width, height));
            addWithin(places, new Rectangle(left, above + row * (height + 1), width, height));
        }
        if (places.isEmpty()) {
            places.add(new Rectangle(Math.max(0, left), 0, width, height));
        }
        return places;
    }

    /** Adds a place that is within the picture, perhaps after being moved to the side. */
    private void addWithin(List<Rectangle> places, Rectangle place) {
        if (place.y >= 0 && place.y + place.height <= picture.getHeight()) {
            place.x = Math.max(0, Math.min(picture.getWidth() - place.width, place.x));
            places.add(place);
        }
    }

    private static Rectangle free(List<Rectangle> places, List<Rectangle> taken) {
        return places.stream()
                .filter(place -> taken.stream().noneMatch(place::intersects))
                .findFirst()
                .orElse(places.get(0));
    }

    /**
     * Returns the picture with a legend below: the colors and names of a mask's classes.
     *
     * @param mask what was tinted
     * @param classes the names by index
     * @return a new picture; this one where there are no fonts, or no class but the background
     */
    public BufferedImage withLegend(Mask mask, List<String> classes) {
        boolean[] seen = new boolean[256];
        for (byte value : mask.classes()) {
            seen[value & 0xFF] = true;
        }
        List<Integer> shown = new ArrayList<>();
        for (int value = 1; value < seen.length; value++) {
            if (seen[value]) {
                shown.add(value);
            }
        }
        if (!hasFonts || shown.isEmpty()) {
            return picture;
        }
        List<String> names =
                shown.stream().map(v -> v < classes.size() ? classes.get(v) : nameOf(v)).toList();
        return withLegend(shown, names);
    }

    private static String nameOf(int value) {
        return value == Mask.IGNORED ? "(ignored)" : "class " + value;
    }

    private BufferedImage withLegend(List<Integer> values, List<String> names) {
        FontMetrics metrics = graphics().getFontMetrics();
        int line = metrics.getHeight() + metrics.getHeight() / 3;
        int square = metrics.getAscent();
        int gap = square / 2;
        int[][] places = new int[names.size()][];
        int x = gap;
        int row = 0;
        for (int i = 0; i < places.length; i++) {
            int width = square + gap + metrics.stringWidth(names.get(i)) + 2 * gap;
            if (x > gap && x + width > picture.getWidth()) {
                x = gap;
                row++;
            }
            places[i] = new int[] {x, picture.getHeight() + row * line + gap};
            x += width;
        }
        BufferedImage out =
                new BufferedImage(
                        picture.getWidth(),
                        picture.getHeight() + (row + 1) * line + gap,
                        BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = prepared(out.createGraphics());
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, out.getWidth(), out.getHeight());
        graphics.drawImage(picture, 0, 0, null);
        for (int i = 0; i < places.length; i++) {
            int left = places[i][0];
            int top = places[i][1];
            graphics.setColor(ClassColors.ofMask(values.get(i)));
            graphics.fillRect(left, top, square, square);
            graphics.setColor(Color.BLACK);
            graphics.drawRect(left, top, square, square);
            graphics.drawString(names.get(i), left + square + gap, top + square);
        }
        graphics.dispose();
        return out;
    }

    private int lineWidth() {
        return Math.max(2, Math.round(longerSide() / 300f));
    }

    private int longerSide() {
        return Math.max(picture.getHeight(), picture.getWidth());
    }

    private Graphics2D graphics() {
        return prepared(picture.createGraphics());
    }

    private Graphics2D prepared(Graphics2D graphics) {
        graphics.setComposite(AlphaComposite.SrcOver);
        graphics.setRenderingHint(
                RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        if (hasFonts) {
            int size = Math.max(12, Math.round(longerSide() / 55f));
            graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, size));
        }
        return graphics;
    }
}
