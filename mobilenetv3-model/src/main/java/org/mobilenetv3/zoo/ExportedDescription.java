package org.mobilenetv3.zoo;

import ai.djl.util.JsonUtils;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.MobileNetV3Config;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.weights.NetWeights;

/**
 * What a net must be fed and what it answers; an exported file carries it in its metadata.
 *
 * @param architecture the net's configuration
 * @param preprocessing how an image becomes the net's input
 * @param normalizes whether the net normalises pixels in [0, 1] itself; otherwise it takes
 *     normalised ones
 * @param classes class names by index
 * @param provenance where the weights come from
 */
public record ExportedDescription(
        MobileNetV3Config architecture,
        Preprocessing preprocessing,
        boolean normalizes,
        List<String> classes,
        Map<String, Object> provenance) {

    /** Metadata key of the version of this form, {@value #FORMAT}. */
    public static final String VERSION = NetWeights.OWN;

    private static final String FORMAT = "1";
    private static final TypeToken<List<String>> STRINGS = new TypeToken<>() {};
    private static final TypeToken<Map<String, Object>> OBJECTS = new TypeToken<>() {};

    /**
     * Describes a package's net or an export of it.
     *
     * @param modelPackage the package
     * @param normalizes whether the net normalises its input itself, as in the package
     * @return the description
     */
    public static ExportedDescription of(ModelPackage modelPackage, boolean normalizes) {
        return new ExportedDescription(
                modelPackage.description().architecture(),
                modelPackage.description().input(),
                normalizes,
                List.copyOf(modelPackage.classes()),
                modelPackage.description().provenance());
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
     * Tells whether metadata are this project's.
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
    public static ExportedDescription fromMetadata(Path file, Map<String, String> metadata)
            throws IOException {
        String version = metadata.get(VERSION);
        if (version == null) {
            throw new IOException(
                    "%s was not exported by this project: its metadata have no %s, so its classes and preprocessing are not known."
                            .formatted(file, VERSION));
        }
        if (!version.equals(FORMAT)) {
            throw new IOException(
                    "%s has format %s but this version reads %s; use the version that exported it."
                            .formatted(file, version, FORMAT));
        }
        return new ExportedDescription(
                read(file, metadata, "architecture", TypeToken.get(MobileNetV3Config.class)),
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
            value = JsonUtils.GSON.fromJson(metadata.get(key), type);
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
     * Gives how a caller must turn samples into the net's input.
     *
     * @return scaling to [0, 1] if the net normalises itself
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
     * Refuses images that the net does not take.
     *
     * @param images values
     * @param n images
     * @param c channels
     * @param h rows
     * @param w columns
     * @throws IllegalArgumentException in one sentence
     */
    public void requireImages(FloatBuffer images, long n, long c, long h, long w) {
        int channels = architecture.inputChannels();
        int minimum = architecture.minimumInputSize();
        if (n < 1 || c != channels || h < minimum || w < minimum) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "The net takes (N, %d, H, W) with N at least 1, H and W at least %d, but was given (%d, %d, %d, %d).",
                            channels,
                            minimum,
                            n,
                            c,
                            h,
                            w));
        }
        if (images.remaining() != n * c * h * w) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "Images of (%d, %d, %d, %d) have %d values but the buffer holds %d.",
                            n,
                            c,
                            h,
                            w,
                            n * c * h * w,
                            images.remaining()));
        }
    }
}
