package org.mobilenetv3.spark;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.Task;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.safetensors.SafeTensors;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.Prediction;
import org.mobilenetv3.trained.TrainedNet;

/** Files of small nets, made without an engine, whose answers are all over the place. */
public final class TestNet {

    public static final List<String> CLASSES = List.of("cat", "dog", "bird", "fish");

    private TestNet() {}

    /** Saves a net that classifies. */
    public static Path save(Path file) throws IOException {
        Architecture net =
                MobileNetV3.small().optClasses(CLASSES.size()).optWidth(0.35).architecture();
        return save(file, net, new Fit.CenterCrop(64, 72));
    }

    /** Saves a net that segments. */
    static Path saveSegmenting(Path file) throws IOException {
        return save(
                file,
                Presets.of("lraspp_small", 0.35).withClasses(CLASSES.size()),
                new Fit.WholeImage(64));
    }

    private static Path save(Path file, Architecture architecture, Fit fit) throws IOException {
        Normalization normalization = Normalization.IMAGENET;
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Random random = new Random(5);
        MobileNetV3.of(architecture, normalization)
                .getParameters()
                .forEach(
                        p -> {
                            Shape shape = p.getValue().getShape();
                            float[] values = values(p.getKey(), shape, random);
                            tensors.put(p.getKey(), Tensor.of(shape, () -> values));
                        });
        NetDescription description =
                new NetDescription(
                        architecture,
                        new Preprocessing(fit, normalization),
                        architecture.task() == Task.DETECT,
                        CLASSES,
                        Map.of());
        SafeTensors.write(file, tensors, description.toMetadata());
        return file;
    }

    private static float[] values(String name, Shape shape, Random random) {
        boolean vector = shape.dimension() == 1;
        boolean one = vector && (name.endsWith("running_var") || name.endsWith("weight"));
        double size = vector ? 0.3 : Math.sqrt(4.5 / shape.slice(1).size());
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((one ? 1 : 0) + size * (2 * random.nextFloat() - 1));
        }
        return values;
    }

    /** Answers for one image, as the command {@code predict} does. */
    public static List<Prediction> predict(TrainedNet net, Pixels image, int topK)
            throws IOException {
        NetDescription about = net.description();
        Preprocessing input = about.preprocessing();
        Shape shape = new Shape(1, input.channels(), input.height(), input.width());
        float[] logits = net.logits(java.nio.FloatBuffer.wrap(about.input(image)), shape);
        return Prediction.top(logits, about.classes(), topK);
    }
}
