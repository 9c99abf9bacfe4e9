package org.mobilenetv3.predict;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.Task;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.safetensors.SafeTensors;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.WeightsNet;

/** Nets with random weights and an image, made without an engine. */
final class Generated {

    private Generated() {}

    /** Makes a package and an image in a directory, whose first prediction is recorded. */
    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        Path weights = weights(directory.resolve("net.safetensors"), "mobilenet_v3_large", 224);
        try (WeightsNet net = WeightsNet.open(weights, null, 1)) {
            net.save(directory.resolve("package"));
        }
        image(directory.resolve("image.png"));
    }

    static Path weights(Path file, String architecture, int size) throws IOException {
        Architecture net = Presets.of(architecture);
        Fit fit =
                switch (net.task()) {
                    case CLASSIFY -> Fit.CenterCrop.photograph(size);
                    case DETECT -> new Fit.Stretch(size, size);
                    case SEGMENT -> new Fit.WholeImage(size);
                };
        int first = net.task() == Task.CLASSIFY ? 0 : 1;
        List<String> classes =
                IntStream.range(first, first + net.classes()).mapToObj(i -> "class " + i).toList();
        NetDescription description =
                new NetDescription(
                        net,
                        new Preprocessing(fit, Normalization.IMAGENET),
                        false,
                        classes,
                        Map.of());
        Random random = new Random(7);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : MobileNetV3.of(net).getParameters()) {
            tensors.put(entry.getKey(), tensor(entry, random));
        }
        SafeTensors.write(file, tensors, description.toMetadata());
        return file;
    }

    private static Tensor tensor(Pair<String, Parameter> entry, Random random) {
        Shape shape = entry.getValue().getShape();
        boolean vector = shape.dimension() == 1;
        boolean one = vector && !entry.getKey().matches(".*(bias|running_mean)");
        double size = vector ? 0.2 : Math.sqrt(4.5 / shape.slice(1).size());
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((one ? 1 : 0) + size * (2 * random.nextFloat() - 1));
        }
        return Tensor.of(shape, values);
    }

    static Path image(Path file) throws IOException {
        BufferedImage image = new BufferedImage(300, 250, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, x * y % 256 << 16 | (x + 2 * y) % 256 << 8 | x * x / 400);
            }
        }
        ImageIO.write(image, "png", file.toFile());
        return file;
    }
}
