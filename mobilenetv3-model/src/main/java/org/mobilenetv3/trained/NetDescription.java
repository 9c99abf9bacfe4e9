package org.mobilenetv3.trained;

import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.detection.Answers;
import org.mobilenetv3.detection.Detection;
import org.mobilenetv3.detection.PostProcessing;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.io.JsonFile;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.weights.NetWeights;

/**
 * What a trained net is, must be fed, and answers: the content of a package's {@code model.json}
 * and of an exported file's metadata.
 *
 * @param architecture the net's table
 * @param preprocessing how an image becomes the net's input
 * @param normalizes whether the net normalizes pixels in [0, 1] itself, as in packages; otherwise
 *     it takes normalized ones
 * @param classes class names by index
 * @param provenance where the weights come from: data set, recipe, seed, metrics, versions
 */
public record NetDescription(
        Architecture architecture,
        Preprocessing preprocessing,
        boolean normalizes,
        List<String> classes,
        Map<String, Object> provenance) {

    /** Metadata key of the version of this form, {@value #FORMAT}. */
    public static final String VERSION = NetWeights.OWN;

    private static final String FORMAT = "2";
    private static final Set<String> READABLE = Set.of("1", FORMAT);

    /** The provenance's key of the name under which the weights were published. */
    public static final String PRETRAINED = "pretrained";

    /** The provenance's key of {@link #notes()}. */
    static final String NOTES = "weightsNotes";

    private static final TypeToken<List<String>> STRINGS = new TypeToken<>() {};
    private static final TypeToken<Map<String, Object>> OBJECTS = new TypeToken<>() {};

    /** Copies the class names. */
    public NetDescription {
        classes = List.copyOf(classes);
    }

    /**
     * Finds out what trained weights are of, without reading the numbers.
     *
     * @param path a package directory, a ZIP of one, or a file of weights
     * @param family the architecture that a state dict is of, or null if the file is to tell
     * @return what they say, and what is customary where they say nothing
     * @throws IOException in one sentence, if they are missing, damaged or of another kind
     * @throws IllegalArgumentException if a family is given for a file that tells it
     */
    public static NetDescription read(Path path, Architecture family) throws IOException {
        if (FileKind.of(path).isPackage()) {
            WeightsFile.requireNoFamily(path, family);
            return ModelPackage.find(path).description();
        }
        try (WeightsFile weights = WeightsFile.open(path, family)) {
            return weights.description();
        }
    }

    /**
     * Describes the same net in a form that normalizes its input or does not.
     *
     * @param other whether it normalizes
     * @return this description but for that
     */
    public NetDescription withNormalizes(boolean other) {
        return new NetDescription(architecture, preprocessing, other, classes, provenance);
    }

    /**
     * Describes the same net by another table.
     *
     * @param other the table
     * @return this description but for the architecture
     */
    public NetDescription withArchitecture(Architecture other) {
        return new NetDescription(other, preprocessing, normalizes, classes, provenance);
    }

    /**
     * Returns what was changed or assumed when a file of weights was read. Whoever answers from
     * such a net tells them.
     *
     * @return a sentence each; none for files that say all about themselves
     */
    public List<String> notes() {
        return provenance.get(NOTES) instanceof List<?> notes
                ? notes.stream().map(Object::toString).toList()
                : List.of();
    }

    /**
     * Returns names for classes that have none.
     *
     * @param count how many
     * @return {@code class_0} and so on
     */
    public static List<String> numberedClasses(int count) {
        return IntStream.range(0, count).mapToObj(i -> "class_" + i).toList();
    }

    /**
     * Returns what the classes of ImageNet-1k are called here.
     *
     * @return 1000 names by index
     * @throws IOException if they cannot be read
     */
    public static List<String> imageNetClasses() throws IOException {
        return Foreign.imageNet();
    }

    /**
     * Writes the description as a file's metadata, each value as JSON.
     *
     * @return key and value, in a fixed order
     */
    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(VERSION, FORMAT);
        metadata.put("classes", json(classes));
        metadata.put("preprocessing", json(preprocessing));
        metadata.put("normalizes", json(normalizes));
        metadata.put("architecture", json(architecture));
        metadata.put("provenance", json(provenance));
        return metadata;
    }

    /** With escapes for characters of four bytes, which ONNX Runtime's Java side spoils. */
    private static String json(Object value) {
        StringBuilder text = new StringBuilder();
        for (char c : JsonUtils.GSON.toJson(value).toCharArray()) {
            if (Character.isSurrogate(c)) {
                text.append("\\u").append(Integer.toHexString(c)); // always four digits
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    /**
     * Returns whether metadata is this project's.
     *
     * @param metadata key and value
     * @return whether {@link #fromMetadata} is worth trying
     */
    public static boolean isIn(Map<String, String> metadata) {
        return metadata.containsKey(VERSION);
    }

    /**
     * Reads a file's metadata.
     *
     * @param file what error messages name
     * @param metadata key and value
     * @return the description
     * @throws IOException in one sentence, if the metadata are not this project's or are damaged
     */
    public static NetDescription fromMetadata(Path file, Map<String, String> metadata)
            throws IOException {
        String version = metadata.get(VERSION);
        if (version == null) {
            throw new IOException(
                    "%s was not exported by this project: its metadata has no %s, so its classes and preprocessing are not known."
                            .formatted(file, VERSION));
        }
        if (!READABLE.contains(version)) {
            throw new IOException(
                    "%s has format %s but this version reads %s; use the version that exported it."
                            .formatted(file, version, FORMAT));
        }
        return new NetDescription(
                read(file, metadata, "architecture", TypeToken.get(Architecture.class)),
                read(file, metadata, "preprocessing", TypeToken.get(Preprocessing.class)),
                read(file, metadata, "normalizes", TypeToken.get(Boolean.class)),
                read(file, metadata, "classes", STRINGS),
                read(file, metadata, "provenance", OBJECTS));
    }

    private static <T> T read(
            Path file, Map<String, String> metadata, String key, TypeToken<T> type)
            throws IOException {
        T value = null;
        RuntimeException reason = null;
        try {
            value = JsonFile.GSON.fromJson(metadata.get(key), type);
        } catch (RuntimeException e) { // Gson's, and those of the records that it fills
            reason = e;
        }
        if (value == null) {
            throw new IOException(
                    "%s has damaged metadata: its %s is missing or cannot be read; export it again."
                            .formatted(file, key),
                    reason);
        }
        return value;
    }

    /**
     * Returns how a caller must turn samples into the net's input.
     *
     * @return scaling to [0, 1] if the net normalizes itself
     */
    public Normalization inputNormalization() {
        return normalizes
                ? Normalization.unit(preprocessing.channels())
                : preprocessing.normalization();
    }

    /**
     * Makes the net's input of an image.
     *
     * @param image any size, 1 or 3 channels
     * @return {@code channels * height * width} floats, planar
     */
    public float[] input(Pixels image) {
        return preprocessing.apply(image, inputNormalization());
    }

    /**
     * Turns a detector's output into what its exported files answer.
     *
     * @param output {@code (N, anchors, 4 + 1 + classes)}, codes and logits
     * @param height of the net's input
     * @param width of the net's input
     * @return {@link Answers}, the same shape: boxes and probabilities
     * @throws IllegalArgumentException if the net does not detect
     */
    public float[] answers(float[] output, int height, int width) {
        return Answers.of(output, architecture.anchors(height, width), architecture.classes() + 1);
    }

    /**
     * Finds the objects in one image from {@link Answers}.
     *
     * @param answers of one image or of several, for images of the preprocessing's size
     * @param image which, from 0
     * @param height of the image itself, in pixels, to which boxes are stretched
     * @param width of the image itself, in pixels
     * @return the likeliest first, as torchvision's detectors answer
     * @throws IllegalArgumentException if the net does not detect
     */
    public List<Detection> objects(float[] answers, int image, int height, int width) {
        return PostProcessing.SSDLITE.ofAnswer(
                answers,
                image,
                architecture.anchors(preprocessing.height(), preprocessing.width()),
                architecture.classes() + 1,
                height,
                width);
    }

    /**
     * Refuses images of another size than the preprocessing's, for which a graph's anchors are not.
     *
     * @param shape {@code (N, C, H, W)}
     * @throws IllegalArgumentException in one sentence
     */
    void requireSize(Shape shape) {
        if (shape.get(2) != preprocessing.height() || shape.get(3) != preprocessing.width()) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "The net's anchors are for images of %dx%d pixels but it was given %dx%d; 'convert --input-size' makes a package for these.",
                            preprocessing.width(),
                            preprocessing.height(),
                            shape.get(3),
                            shape.get(2)));
        }
    }

    /**
     * Returns whether the net answers in such a shape.
     *
     * @param output sizes of an exported file's output, those that are free too: of a net that
     *     detects, of its scores
     * @return whether it has a place for each class
     */
    boolean answersIn(long... output) {
        return switch (architecture.task()) {
            case CLASSIFY -> output.length == 2 && output[1] == classes.size();
            case SEGMENT -> output.length == 4 && output[1] == classes.size();
            case DETECT -> output.length == 3 && output[2] == classes.size() + 1; // background
        };
    }

    /**
     * Refuses images that the net does not take.
     *
     * @param images values
     * @param shape {@code (N, C, H, W)}
     * @throws IllegalArgumentException in one sentence
     */
    void requireImages(FloatBuffer images, Shape shape) {
        int channels = architecture.inputChannels();
        int minimum = architecture.minimumInputSize();
        if (shape.dimension() != 4
                || shape.get(0) < 1
                || shape.get(1) != channels
                || shape.get(2) < minimum
                || shape.get(3) < minimum) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "The net takes (N, %d, H, W) with N at least 1, H and W at least %d, but was given %s.",
                            channels,
                            minimum,
                            shape));
        }
        if (images.remaining() != shape.size()) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "Images of %s have %d values but the buffer holds %d.",
                            shape,
                            shape.size(),
                            images.remaining()));
        }
    }
}
