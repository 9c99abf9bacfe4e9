import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.awt.image.BufferedImage;
import java.io.DataInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * Scores a package on the Fashion-MNIST test set with DJL's API alone, image by image: what {@code
 * evaluate} says must come out here too (docs/benchmarks.md).
 */
class EvaluateWithDjl {

    private static final String[] CLASSES = {
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
        "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"
    };

    public static void main(String[] args) throws Exception {
        Path data = Path.of(args.length > 1 ? args[1] : "/usr/share/datasets/fashion-mnist");
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optModelPath(Path.of(args[0]))
                        .build();
        int right = 0;
        int count;
        try (DataInputStream images = open(data.resolve("t10k-images-idx3-ubyte.gz"));
                DataInputStream labels = open(data.resolve("t10k-labels-idx1-ubyte.gz"));
                ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            images.skipNBytes(16);
            labels.skipNBytes(4);
            count = labels.readInt();
            for (int n = 0; n < count; n++) {
                BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
                for (int i = 0; i < 28 * 28; i++) {
                    image.getRaster().setSample(i % 28, i / 28, 0, images.readUnsignedByte());
                }
                String best =
                        predictor.predict(ImageFactory.getInstance().fromImage(image)).best()
                                .getClassName();
                right += best.equals(CLASSES[labels.readUnsignedByte()]) ? 1 : 0;
            }
        }
        System.out.printf("top-1 %.2f %% (%d of %d)%n", 100.0 * right / count, right, count);
    }

    private static DataInputStream open(Path file) throws Exception {
        InputStream in = Files.newInputStream(file);
        return new DataInputStream(new GZIPInputStream(in, 1 << 16));
    }
}
