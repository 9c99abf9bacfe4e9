import org.mobilenetv3.trained.NetDescription;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.preprocessing.Preprocessing;

/**
 * Makes what bench/serve.py serves and sends: two packages of the paper's Small net, 1000 classes
 * at 224 pixels, whose weights are random and differ, and drawn JPEG images of a photograph's size.
 */
class ServeFiles {

    private static final int CLASSES = 1000;
    private static final int IMAGES = 8;

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        Files.createDirectories(directory);
        TorchRuntime.start();
        for (int seed = 1; seed <= 2; seed++) {
            save(directory.resolve("small-" + seed), seed);
        }
        for (int i = 0; i < IMAGES; i++) {
            ImageIO.write(draw(i), "jpg", directory.resolve("image-" + i + ".jpg").toFile());
        }
    }

    private static void save(Path target, int seed) throws Exception {
        Normalization normalization = Normalization.IMAGENET;
        Engine.getEngine("PyTorch").setRandomSeed(seed);
        MobileNetV3 net =
                MobileNetV3.of(MobileNetV3.small().optClasses(CLASSES).architecture(), normalization);
        try (Model model = Model.newInstance("net", "PyTorch")) {
            model.setBlock(net);
            net.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, 224, 224));
            // Through random layers the signal fades to 1e-9: grown again, answers can be told
            // apart.
            net.getParameters().get("classifier.3.weight").getArray().muli(1e9f);
            List<String> classes = IntStream.range(0, CLASSES).mapToObj(i -> "class " + i).toList();
            ModelPackage.save(
                    target,
                    model,
                    new NetDescription(net.architecture(), new Preprocessing(224, 256, normalization), true, classes, Map.of("seed", seed)),
                    ModelPackage.Extra.NONE);
        }
    }

    /** As large as ImageNet's images on average, and with noise, so that it compresses alike. */
    private static BufferedImage draw(int seed) {
        Random random = new Random(seed);
        BufferedImage image = new BufferedImage(500, 375, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        for (int i = 0; i < 200; i++) {
            graphics.setColor(new Color(random.nextInt(1 << 24)));
            graphics.fillOval(
                    random.nextInt(500) - 60,
                    random.nextInt(375) - 60,
                    random.nextInt(120),
                    random.nextInt(120));
        }
        graphics.dispose();
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, image.getRGB(x, y) ^ random.nextInt(1 << 24) & 0x1F1F1F);
            }
        }
        return image;
    }
}
