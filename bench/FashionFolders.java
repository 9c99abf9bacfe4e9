import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;

/**
 * Writes Fashion-MNIST as PNG files in folders by class, {@code train|test/CLASS/NUMBER.png}: for
 * {@code export --quantize int8 --calibration OUT}. "T-shirt/top" is a folder in a folder.
 *
 * <pre>java bench/FashionFolders.java DIRECTORY-OF-FASHION-MNIST OUT [TRAIN TEST]</pre>
 *
 * TRAIN and TEST are numbers of images, from the first on; otherwise all.
 */
class FashionFolders {

    private static final List<String> CLASSES =
            List.of(
                    "T-shirt/top",
                    "Trouser",
                    "Pullover",
                    "Dress",
                    "Coat",
                    "Sandal",
                    "Shirt",
                    "Sneaker",
                    "Bag",
                    "Ankle boot");

    private static final int SIDE = 28;

    public static void main(String[] args) throws IOException {
        Path from = Path.of(args[0]);
        Path to = Path.of(args[1]);
        ImageIO.setUseCache(false);
        write(from, "train", to.resolve("train"), args.length > 2 ? args[2] : null);
        write(from, "t10k", to.resolve("test"), args.length > 3 ? args[3] : null);
    }

    private static void write(Path from, String part, Path to, String most) throws IOException {
        byte[] pixels = unpack(from.resolve(part + "-images-idx3-ubyte.gz"), 16);
        byte[] labels = unpack(from.resolve(part + "-labels-idx1-ubyte.gz"), 8);
        int count = most == null ? labels.length : Math.min(labels.length, Integer.parseInt(most));
        for (int i = 0; i < count; i++) {
            BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
            image.getRaster().setDataElements(0, 0, SIDE, SIDE, slice(pixels, i));
            Path folder = to.resolve(CLASSES.get(labels[i]));
            Files.createDirectories(folder);
            ImageIO.write(image, "png", folder.resolve("%05d.png".formatted(i)).toFile());
        }
    }

    private static byte[] slice(byte[] pixels, int image) {
        int each = SIDE * SIDE;
        return Arrays.copyOfRange(pixels, image * each, (image + 1) * each);
    }

    private static byte[] unpack(Path file, int header) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            in.skipNBytes(header);
            return in.readAllBytes();
        }
    }
}
