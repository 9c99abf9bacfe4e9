package org.mobilenetv3.train.data.annotation.format;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.train.data.annotation.outline.Polygons;

/**
 * A file of YOLO's labels: a line for each object, its class's number and then, relative to the
 * image's size, the center, width and height of its box, or the corners of a polygon.
 */
final class YoloFile {
    private static final long LARGEST = 1 << 24;
    private static final int BOX_WORDS = 5;
    private static final int SMALLEST_POLYGON_WORDS = 7;

    private YoloFile() {}

    /** The lines of a text of any encoding, without a byte order mark. */
    static List<String> lines(Path file) throws IOException {
        if (Files.size(file) > LARGEST) {
            throw new IOException("'%s' is too large for a list.".formatted(file));
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        return text.lines().map(line -> line.replace("\uFEFF", "")).toList();
    }

    /**
     * Reads a file.
     *
     * @param name of the image
     * @param height of the image, upright
     * @param width of the image, upright
     * @param classes by number
     * @param outlines whether polygons are wanted; otherwise the boxes around them
     * @param flaws counts lines that make no sense
     * @throws IOException if the file cannot be read
     */
    static List<AnnotatedObject> read(
            Path file,
            String name,
            int height,
            int width,
            List<String> classes,
            boolean outlines,
            Flaws flaws)
            throws IOException {
        List<AnnotatedObject> objects = new ArrayList<>();
        for (String line : lines(file)) {
            if (line.isBlank()) {
                continue;
            }
            double[] numbers = numbers(line.strip().split("\\s+"));
            boolean box = numbers != null && numbers.length == BOX_WORDS;
            boolean polygon =
                    numbers != null
                            && numbers.length >= SMALLEST_POLYGON_WORDS
                            && numbers.length % 2 == 1;
            if (!box && !polygon) {
                flaws.add(Flaw.ANNOTATION_BROKEN, name);
                continue;
            }
            String label = label(numbers[0], classes);
            objects.add(
                    box
                            ? new AnnotatedObject(label, box(numbers, height, width), null, false)
                            : polygon(label, numbers, height, width, outlines));
        }
        return objects;
    }

    private static double[] numbers(String[] words) {
        double[] numbers = new double[words.length];
        try {
            for (int i = 0; i < words.length; i++) {
                numbers[i] = Double.parseDouble(words[i]);
                if (!Double.isFinite(numbers[i])) {
                    return null;
                }
            }
        } catch (NumberFormatException e) {
            return null;
        }
        return numbers;
    }

    private static String label(double number, List<String> classes) {
        return number >= 0 && number < classes.size() && number == Math.rint(number)
                ? classes.get((int) number)
                : null;
    }

    private static Box box(double[] numbers, int height, int width) {
        double x = numbers[1] * width;
        double y = numbers[2] * height;
        double halfWidth = numbers[3] * width / 2;
        double halfHeight = numbers[4] * height / 2;
        return new Box(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight);
    }

    private static AnnotatedObject polygon(
            String label, double[] numbers, int height, int width, boolean outlines) {
        Polygons.Builder polygon = new Polygons.Builder();
        Box box =
                new Box(
                        Double.POSITIVE_INFINITY,
                        Double.POSITIVE_INFINITY,
                        Double.NEGATIVE_INFINITY,
                        Double.NEGATIVE_INFINITY);
        for (int i = 1; i < numbers.length; i += 2) {
            double x = numbers[i] * width;
            double y = numbers[i + 1] * height;
            box =
                    new Box(
                            Math.min(box.left(), x),
                            Math.min(box.top(), y),
                            Math.max(box.right(), x),
                            Math.max(box.bottom(), y));
            if (outlines) {
                polygon.add(x);
                polygon.add(y);
            }
        }
        if (outlines) {
            polygon.close();
        }
        return new AnnotatedObject(label, box, outlines ? polygon.build() : null, false);
    }
}
