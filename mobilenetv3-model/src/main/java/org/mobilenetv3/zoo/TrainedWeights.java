package org.mobilenetv3.zoo;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.repository.zoo.ZooModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.mobilenetv3.Dialect;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3Config;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.weights.NetWeights;
import org.mobilenetv3.weights.onnx.OnnxImport;
import org.mobilenetv3.weights.onnx.OnnxReader;

/**
 * Trained weights, whatever they lie in: a package, a zip of one, or a file of another program
 * (PyTorch, safetensors, ONNX), which is treated as if it were a package.
 */
public final class TrainedWeights {

    private static final String NOTES = "weightsNotes";

    private static final int IMAGENET = 1000;
    private static final int SIDE = 224;

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
            return describe(weights);
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
     * Gives what was changed when a file of weights was read.
     *
     * @param described what {@link #read} gave, or a package made of it
     * @return a sentence each; mostly none
     */
    public static List<String> notes(ModelPackage described) {
        Object notes = described.description().provenance().get(NOTES);
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
            ModelPackage described = edit.apply(describe(weights));
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

    /** What the file says, or else what is customary for such a net. */
    private static ModelPackage describe(NetWeights weights) throws IOException {
        MobileNetV3Config config = weights.config();
        Path file = weights.file();
        if (config.inputChannels() != 1 && config.inputChannels() != 3) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s is of a net with %d input channels, but images have 1 or 3.",
                            file,
                            config.inputChannels()));
        }
        Map<String, Object> provenance = new LinkedHashMap<>();
        List<String> notes = new ArrayList<>(weights.notes());
        List<String> classes = classes(weights);
        Preprocessing input = input(weights);
        if (ExportedDescription.isIn(weights.metadata())) {
            ExportedDescription own = ExportedDescription.fromMetadata(file, weights.metadata());
            provenance.putAll(own.provenance());
            classes = own.classes();
            input = own.preprocessing();
            if (classes.size() != config.classes() || input.channels() != config.inputChannels()) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "%s has damaged metadata: %d classes and %d channels for a net of %d and %d.",
                                file,
                                classes.size(),
                                input.channels(),
                                config.classes(),
                                config.inputChannels()));
            }
        } else if (config.dialect() == Dialect.TIMM && !isOnnx(file)) {
            input = ofTimm(file, input, notes);
        }
        provenance.put("weights", file.getFileName().toString());
        provenance.put("weightsFormat", weights.format());
        if (!notes.isEmpty()) {
            provenance.put(NOTES, notes);
        }
        return new ModelPackage(file, ModelDescription.of(config, input, provenance), classes);
    }

    /** timm's nets are more than their names and shapes; its config tells the rest. */
    private static Preprocessing ofTimm(Path file, Preprocessing customary, List<String> notes)
            throws IOException {
        TimmConfig config = TimmConfig.beside(file).orElse(null);
        String name = config == null ? file.getFileName().toString() : config.architecture();
        if (name.startsWith("tf_")) {
            throw new IOException(
                    "%s is of timm's %s, which pads as TensorFlow does; this net does not, so the weights would give other answers."
                            .formatted(file, name));
        }
        if (config == null) {
            notes.add(
                    "The names are timm's, which tell neither input size nor normalisation nor padding: ImageNet's customary ones and PyTorch's padding are assumed; put timm's config.json beside the file to be sure.");
            return customary;
        }
        if (config.input().channels() != customary.channels()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s is of a net with %d input channels, but the config.json beside it normalises %d; it belongs to other weights.",
                            file,
                            customary.channels(),
                            config.input().channels()));
        }
        return config.input();
    }

    private static Preprocessing input(NetWeights weights) {
        int channels = weights.config().inputChannels();
        boolean text = weights.config().dialect() == Dialect.PADDLE_OCR;
        Normalization customary =
                text
                        ? Normalization.uniform(channels, 0.5f, 0.5f)
                        : channels == 3
                                ? Normalization.IMAGENET
                                : Normalization.uniform(channels, 0.449f, 0.226f);
        return new Preprocessing(
                text ? new Fit.PadRight(48, 192) : Fit.CenterCrop.photograph(SIDE),
                weights.normalization().orElse(customary));
    }

    /** What an upright and a turned line of text are called in PP-OCR. */
    private static List<String> classes(NetWeights weights) throws IOException {
        return weights.config().dialect() == Dialect.PADDLE_OCR && weights.config().classes() == 2
                ? List.of("0", "180")
                : classes(weights.config().classes());
    }

    /** ImageNet's names if there are as many classes, otherwise numbers. */
    private static List<String> classes(int count) throws IOException {
        if (count != IMAGENET) {
            return IntStream.range(0, count).mapToObj(i -> "class_" + i).toList();
        }
        try (BufferedReader names =
                new BufferedReader(
                        new InputStreamReader(
                                TrainedWeights.class.getResourceAsStream("imagenet-classes.txt"),
                                StandardCharsets.UTF_8))) {
            return names.lines().toList();
        }
    }
}
