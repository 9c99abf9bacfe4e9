package org.mobilenetv3.train.report;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobilenetv3.drawing.Png;
import org.mobilenetv3.io.WholeFile;

/**
 * A drawing, once as lines and once as pixels, dark on white.
 *
 * @param file name of its files, without extension
 * @param title what it shows
 * @param svg a whole SVG file
 * @param picture three times as fine as the SVG's unit, for slides and print
 */
public record Figure(String file, String title, String svg, BufferedImage picture) {

    private static final int FINENESS = 3;
    private static final Pattern LONG_NUMBER = Pattern.compile("-?\\d+\\.\\d{3,}(E-?\\d+)?");

    /**
     * Draws.
     *
     * @param file name of its files, without extension
     * @param title what it shows
     * @param width of the SVG in pixels
     * @param height of the SVG in pixels
     * @param painter draws, in the SVG's pixels
     * @return the drawing
     */
    public static Figure of(
            String file, String title, int width, int height, Consumer<Graphics2D> painter) {
        return new Figure(
                file, title, lines(width, height, painter), pixels(width, height, painter));
    }

    private static String lines(int width, int height, Consumer<Graphics2D> painter) {
        VectorGraphics2D graphics = new VectorGraphics2D();
        painter.accept(graphics);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            new SVGProcessor()
                    .getDocument(graphics.getCommands(), new PageSize(0, 0, width, height))
                    .writeTo(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        // Text is outlines of up to 15 digits a coordinate; two after the point are plenty.
        return LONG_NUMBER
                .matcher(bytes.toString(StandardCharsets.UTF_8))
                .replaceAll(Figure::rounded);
    }

    private static String rounded(MatchResult number) {
        double value = Math.rint(Double.parseDouble(number.group()) * 100) / 100;
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }

    private static BufferedImage pixels(int width, int height, Consumer<Graphics2D> painter) {
        BufferedImage picture =
                new BufferedImage(width * FINENESS, height * FINENESS, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
        graphics.setRenderingHint(
                RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(
                RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.scale(FINENESS, FINENESS);
        painter.accept(graphics);
        graphics.dispose();
        return picture;
    }

    /** Returns the drawing as an element of a page, in the colors of the page's style sheet. */
    String inline() {
        String element = svg.substring(svg.indexOf("<svg"));
        String head =
                element.substring(0, element.indexOf('>') + 1)
                        .replaceAll(" (xmlns(:xlink)?|height|width|x|y|version)=\"[^\"]*\"", "")
                        .replace(
                                "<svg",
                                "<svg role=\"img\" aria-label=\"%s\""
                                        .formatted(Html.escape(title)));
        String body = element.substring(element.indexOf('>') + 1);
        // Pages hold several drawings, whose names must not meet.
        String own = body.replaceAll("\\bclip(\\d+)", Matcher.quoteReplacement(file) + "-clip$1");
        return Palette.toVariables(head + own.replaceAll("\\n\\s*", ""));
    }

    /** Writes {@code FILE.svg} and {@code FILE.png}. */
    void write(Path folder) throws IOException {
        WholeFile.write(folder.resolve(file + ".svg"), svg);
        WholeFile.write(folder.resolve(file + ".png"), Png.of(picture));
    }
}
