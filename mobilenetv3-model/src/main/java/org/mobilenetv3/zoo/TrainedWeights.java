package org.mobilenetv3.zoo;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.weights.NetWeights;
import org.mobilenetv3.weights.onnx.OnnxImport;
import org.mobilenetv3.weights.onnx.OnnxReader;

/**
 * Trained weights, whatever they lie in: a package, a zip of one, or a file of another program
 * (PyTorch, safetensors, ONNX), which is treated as if it were a package.
 */
public final class TrainedWeights {

    private TrainedWeights() {}

    /**
     * A net with its weights.
     *
     * @param model holds the net, a {@link MobileNetV3}
     * @param described what is known of it
     */
    public record Opened(Model model, ModelPackage described) {}

    /**
     * Tells files of weights from packages, by their content.
     *
     * @param path any path
     * @return whether it is a file of PyTorch's, of safetensors or of ONNX
     * @throws IOException if the file cannot be read
     */
    public static boolean isFile(Path path) throws IOException {
        return isOnnx(path) || NetWeights.isAt(path);
    }

    private static boolean isOnnx(Path path) throws IOException {
        return Files.isRegularFile(path) && OnnxReader.isAt(path);
    }

    private static NetWeights weights(Path path) throws IOException {
        if (!isOnnx(path)) {
            return NetWeights.open(path);
        }
        OnnxImport read = OnnxReader.read(path);
        return new NetWeights(
                path,
                "ONNX",
                read.config(),
                read.state(),
                read.metadata(),
                read.normalization(),
                read.facts(),
                () -> {});
    }

    /**
     * Reads what net the weights are of, but not the weights.
     *
     * @param path a package, a zip of one, or a file of weights
     * @return the description; its directory is the path
     * @throws IOException in one sentence, if it is missing, damaged or of no MobileNetV3
     */
    public static ModelPackage read(Path path) throws IOException {
        if (!isFile(path)) {
            return ModelPackage.find(path);
        }
        try (NetWeights weights = weights(path)) {
            return Foreign.describe(weights);
        }
    }

    /** What a file of weights may leave open. */
    public enum Unsaid {
        /** Class names, and what images are brought to. */
        CLASSES_AND_SIZE,
        /** Mean and deviation of the input. */
        NORMALIZATION,
        /** Stride of the first convolution. */
        STEM_STRIDE
    }

    /**
     * Gives what a file of weights does not say.
     *
     * @param file a file of weights
     * @return nothing for files that this project wrote
     * @throws IOException in one sentence, if it cannot be read
     */
    public static Set<Unsaid> unsaid(Path file) throws IOException {
        try (NetWeights weights = weights(file)) {
            Set<Unsaid> unsaid = EnumSet.noneOf(Unsaid.class);
            if (!ExportedDescription.isIn(weights.metadata())) {
                unsaid.add(Unsaid.CLASSES_AND_SIZE);
                if (weights.normalization().isEmpty()) {
                    unsaid.add(Unsaid.NORMALIZATION);
                }
                if (!isOnnx(file)) {
                    unsaid.add(Unsaid.STEM_STRIDE);
                }
            }
            return unsaid;
        }
    }

    /**
     * Gives what was changed or assumed when a file of weights was read. Whoever answers from such
     * a file tells them.
     *
     * @param described what {@link #read} gave, or a package made of it
     * @return a sentence each; none for files that say all about themselves
     */
    public static List<String> notes(ModelPackage described) {
        return notes(described.description().provenance());
    }

    /**
     * Gives what was changed or assumed when a file of weights was read.
     *
     * @param provenance of a net that came of it
     * @return a sentence each
     */
    public static List<String> notes(Map<String, ?> provenance) {
        Object notes = provenance.get(Foreign.NOTES);
        return notes instanceof List<?> list
                ? list.stream().map(Object::toString).toList()
                : List.of();
    }

    /**
     * Opens weights with their net.
     *
     * @param path a package, a zip of one, or a file of weights
     * @param device where to put the weights
     * @param edit changes what is assumed of a file of weights
     * @return the net; close its model after use
     * @throws IOException in one sentence, if they cannot be used
     */
    public static Opened open(Path path, Device device, UnaryOperator<ModelPackage> edit)
            throws IOException {
        if (!isFile(path)) {
            ZooModel<Image, Classifications> model = ModelPackage.open(path, device);
            try {
                return new Opened(model, ModelPackage.read(model.getModelPath()));
            } catch (IOException e) {
                model.close();
                throw e;
            }
        }
        TorchRuntime.start();
        try (NetWeights weights = weights(path)) {
            ModelPackage described = edit.apply(Foreign.describe(weights));
            ModelDescription description = described.description();
            Model model =
                    Model.newInstance(description.architecture().artifactId(), device, "PyTorch");
            try {
                model.setBlock(net(weights, description, model));
            } catch (IOException | RuntimeException e) {
                model.close();
                throw e;
            }
            return new Opened(model, described);
        }
    }

    private static MobileNetV3 net(NetWeights weights, ModelDescription description, Model model)
            throws IOException {
        Preprocessing input = description.input();
        MobileNetV3 net = MobileNetV3.of(description.architecture(), input.normalization());
        // Memory that is not touched until the weights come.
        net.setInitializer((m, shape, type) -> m.create(shape, type), parameter -> true);
        net.initialize(
                model.getNDManager(),
                DataType.FLOAT32,
                new Shape(1, input.channels(), input.height(), input.width()));
        weights.load(net, model.getNDManager());
        // Predictors need no gradients; a trainer switches them on again.
        for (Parameter parameter : net.getParameters().values()) {
            parameter.getArray().setRequiresGradient(false);
        }
        return net;
    }
}
