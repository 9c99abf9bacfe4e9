import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;

/**
 * Makes many JPEG files of a few photographs: parts of them at several sizes, one in a hundred
 * damaged in one of ten ways. The same arguments make the same files.
 *
 * <pre>java bench/PhotoSet.java PHOTOS OUT COUNT [WHOLE]</pre>
 *
 * With WHOLE, none is damaged.
 */
public final class PhotoSet {

    private static final int[] SIDES = {160, 224, 320, 500, 640};

    private PhotoSet() {}

    public static void main(String[] args) throws IOException {
        List<BufferedImage> photos = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of(args[0]))) {
            for (Path file : files.sorted().toList()) {
                photos.add(ImageIO.read(file.toFile()));
            }
        }
        int count = Integer.parseInt(args[2]);
        boolean whole = args.length > 3;
        for (int i = 0; i < count; i++) {
            Random random = new Random(i);
            Path folder = Path.of(args[1], String.format(Locale.ROOT, "%03d", i / 1000));
            Files.createDirectories(folder);
            Path file = folder.resolve(String.format(Locale.ROOT, "photo %06d.jpg", i));
            byte[] jpeg = jpeg(part(photos.get(random.nextInt(photos.size())), random), random);
            if (!whole && i % 100 == 99) {
                damage(file, jpeg, i / 100 % 10, random);
            } else {
                Files.write(file, jpeg);
            }
        }
    }

    private static BufferedImage part(BufferedImage photo, Random random) {
        int width = photo.getWidth() * (50 + random.nextInt(51)) / 100;
        int height = photo.getHeight() * (50 + random.nextInt(51)) / 100;
        int left = random.nextInt(photo.getWidth() - width + 1);
        int top = random.nextInt(photo.getHeight() - height + 1);
        int longer = SIDES[random.nextInt(SIDES.length)];
        int newWidth = Math.max(1, longer * width / Math.max(width, height));
        int newHeight = Math.max(1, longer * height / Math.max(width, height));
        BufferedImage part = new BufferedImage(newWidth, newHeight, BufferedImage.TYPE_INT_RGB);
        Graphics2D drawing = part.createGraphics();
        drawing.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        drawing.drawImage(
                photo, 0, 0, newWidth, newHeight, left, top, left + width, top + height, null);
        drawing.dispose();
        return part;
    }

    private static byte[] jpeg(BufferedImage image, Random random) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam how = writer.getDefaultWriteParam();
        how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        how.setCompressionQuality(0.75f + 0.2f * random.nextFloat());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (var out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), how);
        }
        writer.dispose();
        return bytes.toByteArray();
    }

    private static void damage(Path file, byte[] jpeg, int way, Random random) throws IOException {
        int half = jpeg.length / 2;
        switch (way) {
            case 0 -> Files.write(file, new byte[0]);
            case 1 -> Files.write(file, Arrays.copyOf(jpeg, 1));
            case 2 -> Files.write(file, Arrays.copyOf(jpeg, 100)); // within the header
            case 3 -> Files.write(file, Arrays.copyOf(jpeg, half));
            case 4 -> Files.write(file, Arrays.copyOf(jpeg, jpeg.length - 2)); // no end
            case 5 -> Files.writeString(file, "<html>404 Not Found</html>");
            case 6 -> Files.write(file, Arrays.copyOfRange(jpeg, half, jpeg.length));
            case 7 -> { // a header that claims 65,500 by 65,500 pixels
                int frame = 0;
                while (!((jpeg[frame] & 0xFF) == 0xFF && (jpeg[frame + 1] & 0xFF) == 0xC0)) {
                    frame++;
                }
                for (int i = 5; i < 9; i += 2) {
                    jpeg[frame + i] = (byte) 0xFF;
                    jpeg[frame + i + 1] = (byte) 0xDC;
                }
                Files.write(file, jpeg);
            }
            case 8 -> { // noise
                byte[] noise = new byte[jpeg.length];
                random.nextBytes(noise);
                Files.write(file, noise);
            }
            default -> Files.write(file, "RIFF\0\0\0\0WEBPVP8 ".getBytes(StandardCharsets.UTF_8));
        }
    }
}
