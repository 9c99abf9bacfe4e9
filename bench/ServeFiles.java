import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.ElasticPackage;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

/**
 * Makes what bench/serve.py serves and sends: two packages of the paper's Small net, 1000 classes
 * at 224 pixels, whose weights are random and differ, an elastic package of Large, and drawn JPEG
 * images of a photograph's size.
 */
class ServeFiles {

    private static final int CLASSES = 1000;
    private static final int IMAGES = 8;

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        Files.createDirectories(directory);
        TorchRuntime.start();
        for (int seed = 1; seed <= 2; seed++) {
            save(directory.resolve("small-" + seed), MobileNetV3.small(), seed);
        }
        elastic(directory.resolve("large"), directory.resolve("elastic"));
        for (int i = 0; i < IMAGES; i++) {
            ImageIO.write(draw(i), "jpg", directory.resolve("image-" + i + ".jpg").toFile());
        }
    }

    /** Large, and three nets within it, with fewer channels and blocks. */
    private static void elastic(Path large, Path target) throws Exception {
        save(large, MobileNetV3.large(), 3);
        try (PackageNet net = PackageNet.open(large, Device.cpu())) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            net.block()
                    .getParameters()
                    .forEach(
                            p ->
                                    weights.put(
                                            p.getKey(),
                                            Tensor.of(
                                                    p.getValue().getShape(),
                                                    p.getValue().getArray().toFloatArray())));
            List<ElasticPackage.Part> parts = new ArrayList<>();
            parts.add(part(net, weights, "wide", 0.75, 0));
            parts.add(part(net, weights, "half", 0.5, 1));
            parts.add(part(net, weights, "narrow", 0.25, 2));
            ElasticPackage.save(target, net, parts);
        }
    }

    /** The first blocks that keep their shape are left out. */
    private static ElasticPackage.Part part(
            PackageNet net, Map<String, Tensor> weights, String name, double share, int leftOut)
            throws Exception {
        Architecture whole = net.description().architecture();
        List<BlockSpec> rows = new ArrayList<>();
        List<Integer> which = new ArrayList<>();
        int out = 0;
        for (int i = 0; i < whole.blocks().size(); i++) {
            InvertedResidual.Spec row = (InvertedResidual.Spec) whole.blocks().get(i);
            if (row.residual() && i > 0 && out < leftOut) {
                out++;
                continue;
            }
            which.add(i);
            int expanded = (int) Math.max(8, Math.round(share * row.expanded() / 8) * 8);
            int squeeze = (int) Math.max(8, Math.round(share * row.squeeze() / 8) * 8);
            rows.add(
                    new InvertedResidual.Spec(
                            row.kernel(),
                            row.expand() ? expanded : row.expanded(),
                            row.out(),
                            row.squeeze() == 0 ? 0 : squeeze,
                            row.spatial(),
                            row.activation(),
                            row.rowStride(),
                            row.columnStride(),
                            row.dilation(),
                            row.expand(),
                            row.residual()));
        }
        Subnet subnet = new Subnet(whole, whole.withBlocks(rows).withName(name), which);
        NetDescription own = net.description().withArchitecture(subnet.part());
        return ElasticPackage.Part.of(name, subnet, subnet.extract(weights, Map.of()), own);
    }

    private static void save(Path target, MobileNetV3.Builder of, int seed) throws Exception {
        Normalization normalization = Normalization.IMAGENET;
        Engine.getEngine("PyTorch").setRandomSeed(seed);
        MobileNetV3 net =
                MobileNetV3.of(of.optClasses(CLASSES).architecture(), normalization);
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
