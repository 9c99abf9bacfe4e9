package org.mobilenetv3.serve;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.Task;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;

/** A package of a small net that takes every image for a dog. */
public final class TestPackage {

    private TestPackage() {}

    /** Saves a package. */
    public static Path save(Path directory, int channels) throws IOException {
        return save(directory, channels, new Fit.CenterCrop(32, 32));
    }

    public static Path save(Path directory, int channels, Fit fit) throws IOException {
        return save(
                directory, channels, fit, List.of("cat", "dog", "bird"), new float[] {0f, 10f, 1f});
    }

    /** Saves a package whose classes are the likelier the larger their biases. */
    public static Path save(
            Path directory, int channels, Fit fit, List<String> classes, float[] biases)
            throws IOException {
        return save(
                directory,
                MobileNetV3.small()
                        .optClasses(classes.size())
                        .optWidth(0.35)
                        .optInputChannels(channels)
                        .architecture(),
                fit,
                classes,
                biases);
    }

    /** Saves a package that takes every pixel for a dog's, of images of any size. */
    public static Path saveSegmenting(Path directory) throws IOException {
        return save(
                directory,
                Presets.of("lraspp_small", 0.35).withClasses(3),
                new Fit.WholeImage(32),
                List.of("ground", "dog", "bird"),
                new float[] {0f, 1000f, 1f});
    }

    /** Saves a package of any net. */
    public static Path save(
            Path directory,
            Architecture architecture,
            Fit fit,
            List<String> classes,
            float[] biases)
            throws IOException {
        TorchRuntime.start();
        int channels = architecture.inputChannels();
        Normalization normalization = Normalization.unit(channels);
        MobileNetV3 net = MobileNetV3.of(architecture, normalization);
        try (Model model = Model.newInstance("net", "PyTorch")) {
            model.setBlock(net);
            net.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, channels, 32, 32));
            boolean segments = architecture.task() == Task.SEGMENT;
            String last = segments ? "classifier.low_classifier.bias" : "classifier.3.bias";
            net.getParameters().get(last).getArray().set(biases);
            ModelPackage.save(
                    directory,
                    model,
                    new NetDescription(
                            net.architecture(),
                            new Preprocessing(fit, normalization),
                            true,
                            classes,
                            Map.of()),
                    ModelPackage.Extra.NONE);
        }
        return directory;
    }

    /** Saves a package of a net that detects in images of 64 pixels, three classes. */
    public static Path detector(Path directory) throws IOException {
        return scattered(
                directory,
                Presets.of("ssdlite320_small", 0.35).withClasses(3),
                new Fit.Stretch(64, 64),
                List.of("cat", "<b>dog</b>", "bird"));
    }

    /** Saves a package of a net that segments images of any size, four classes. */
    public static Path segmenter(Path directory) throws IOException {
        return scattered(
                directory,
                Presets.of("lraspp_small", 0.35).withClasses(4),
                new Fit.WholeImage(64),
                List.of("background", "cat", "dog", "bird"));
    }

    /** With weights whose answers are all over the place. */
    public static Path scattered(
            Path directory, Architecture architecture, Fit fit, List<String> classes)
            throws IOException {
        TorchRuntime.start();
        Normalization normalization = Normalization.uniform(3, 0.5f, 0.5f);
        MobileNetV3 net = MobileNetV3.of(architecture, normalization);
        try (Model model = Model.newInstance("net", "PyTorch")) {
            model.setBlock(net);
            net.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, 64, 64));
            Random random = new Random(5);
            for (Pair<String, Parameter> p : net.getParameters()) {
                Shape shape = p.getValue().getShape();
                boolean vector = shape.dimension() == 1;
                boolean one =
                        vector
                                && (p.getKey().endsWith("running_var")
                                        || p.getKey().endsWith("weight"));
                double size = vector ? 0.3 : Math.sqrt(4.5 / shape.slice(1).size());
                float[] values = new float[(int) shape.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) ((one ? 1 : 0) + size * (2 * random.nextFloat() - 1));
                }
                p.getValue().getArray().set(values);
            }
            ModelPackage.save(
                    directory,
                    model,
                    new NetDescription(
                            architecture,
                            new Preprocessing(fit, normalization),
                            true,
                            classes,
                            Map.of()),
                    ModelPackage.Extra.NONE);
        }
        return directory;
    }
}
