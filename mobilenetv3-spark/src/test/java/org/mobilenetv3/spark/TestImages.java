package org.mobilenetv3.spark;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import javax.imageio.ImageIO;

/** Drawn image files. */
public final class TestImages {

    private TestImages() {}

    /** Draws JPEG files of different sizes into a new directory. */
    public static Path draw(Path directory, int count) throws IOException {
        Files.createDirectories(directory);
        for (int i = 0; i < count; i++) {
            String name = String.format(Locale.ROOT, "photo %03d.jpg", i);
            ImageIO.write(draw(i), "jpg", directory.resolve(name).toFile());
        }
        return directory;
    }

    private static BufferedImage draw(int seed) {
        Random random = new Random(seed);
        BufferedImage image =
                new BufferedImage(
                        80 + random.nextInt(60),
                        80 + random.nextInt(60),
                        BufferedImage.TYPE_INT_RGB);
        Graphics2D drawing = image.createGraphics();
        for (int i = 0; i < 30; i++) {
            drawing.setColor(new Color(random.nextInt(1 << 24)));
            drawing.fillOval(random.nextInt(120), random.nextInt(120), random.nextInt(90), 1 + i);
        }
        drawing.dispose();
        return image;
    }

    /** Damages files: one is cut, one is empty, one is text. */
    public static void damage(Path directory) throws IOException {
        Path cut = directory.resolve("photo 001.jpg");
        byte[] bytes = Files.readAllBytes(cut);
        Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        Files.write(directory.resolve("photo 003.jpg"), new byte[0]);
        Files.writeString(directory.resolve("photo 005.jpg"), "this is no image");
    }
}
