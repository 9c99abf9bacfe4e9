package org.mobilenetv3.train.data.annotation;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.mobilenetv3.Task;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.DataListener;

/** Writes small data sets. */
final class SceneFiles implements DataListener {
    private final Path root;
    private final List<String> told = new ArrayList<>();
    private long checked;

    SceneFiles(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    /** All that a listener was told. */
    List<String> told() {
        return told;
    }

    /** How many images were checked, as a listener was told. */
    long checked() {
        return checked;
    }

    @Override
    public void decoded(String what, long done, long total) {
        checked = what.equals("checking images") ? done : checked;
    }

    @Override
    public void message(String text) {
        told.add(text);
    }

    SceneFiles text(String name, String... lines) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, String.join("\n", lines) + "\n");
        return this;
    }

    /** A picture whose kind is the name's ending. */
    SceneFiles image(String name, int width, int height) throws IOException {
        return bytes(name, encoded(name, width, height));
    }

    SceneFiles bytes(String name, byte[] content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
        return this;
    }

    static byte[] encoded(String name, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, (x * 255 / width) << 16 | (y * 255 / height) << 8 | 99);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1), out);
        return out.toByteArray();
    }

    /** A JPEG, stored with this size, taken with the camera turned. */
    SceneFiles turned(String name, int width, int height, int orientation) throws IOException {
        byte[] jpeg = encoded("x.jpg", width, height);
        byte[] exif = {
            (byte) 0xFF,
            (byte) 0xE1,
            0,
            34,
            'E',
            'x',
            'i',
            'f',
            0,
            0,
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8,
            0,
            1,
            0x01,
            0x12,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            (byte) orientation,
            0,
            0,
            0,
            0,
            0,
            0
        };
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        out.writeBytes(exif);
        out.write(jpeg, 2, jpeg.length - 2);
        return bytes(name, out.toByteArray());
    }

    /** A mask with a palette; the rows are indices. */
    SceneFiles palette(String name, int[]... rows) throws IOException {
        byte[] colors = new byte[256];
        for (int i = 0; i < 256; i++) {
            colors[i] = (byte) (37 * i);
        }
        return indexed(
                name,
                new BufferedImage(
                        rows[0].length,
                        rows.length,
                        BufferedImage.TYPE_BYTE_INDEXED,
                        new IndexColorModel(8, 256, colors, colors, colors)),
                rows);
    }

    /** A mask of grays. */
    SceneFiles gray(String name, int[]... rows) throws IOException {
        return indexed(
                name,
                new BufferedImage(rows[0].length, rows.length, BufferedImage.TYPE_BYTE_GRAY),
                rows);
    }

    SceneFiles indexed(String name, BufferedImage image, int[]... rows) throws IOException {
        for (int y = 0; y < rows.length; y++) {
            for (int x = 0; x < rows[y].length; x++) {
                image.getRaster().setSample(x, y, 0, rows[y][x]);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return bytes(name, out.toByteArray());
    }

    /** A file of VOC's; each object is name, difficult, xmin, ymin, xmax, ymax. */
    SceneFiles voc(String name, String image, int width, int height, String... objects)
            throws IOException {
        StringBuilder xml = new StringBuilder("<annotation><folder>x</folder>");
        xml.append("<filename>" + image + "</filename><size><width>" + width + "</width>");
        xml.append("<height>" + height + "</height><depth>3</depth></size>");
        for (String object : objects) {
            String[] w = object.split(" ", -1);
            xml.append("<object><name>" + w[0] + "</name><pose>Left</pose>");
            xml.append("<difficult>" + w[1] + "</difficult><bndbox>");
            xml.append("<xmin>" + w[2] + "</xmin><ymin>" + w[3] + "</ymin>");
            xml.append("<xmax>" + w[4] + "</xmax><ymax>" + w[5] + "</ymax></bndbox>");
            xml.append("<part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin>");
            xml.append("<xmax>2</xmax><ymax>2</ymax></bndbox></part></object>");
        }
        return text(name, xml + "</annotation>");
    }

    private static Task task(boolean masks) {
        return masks ? Task.SEGMENT : Task.DETECT;
    }

    /** Opens it with the seed 1. */
    AnnotatedFolder open(boolean masks) throws IOException {
        return AnnotatedFolder.open(root, task(masks), 1, this);
    }

    /** Its parts as they are, with these classes. */
    AnnotatedFolder parts(boolean masks, String... classes) throws IOException {
        return AnnotatedFolder.openParts(root, task(masks), List.of(classes), this);
    }

    /** A mask as digits, a row a word, 255 as x. */
    static String digits(Mask mask) {
        StringBuilder text = new StringBuilder();
        for (int y = 0; y < mask.height(); y++) {
            text.append(y == 0 ? "" : " ");
            for (int x = 0; x < mask.width(); x++) {
                text.append(mask.at(y, x) == Mask.IGNORED ? "x" : "" + mask.at(y, x));
            }
        }
        return text.toString();
    }
}
