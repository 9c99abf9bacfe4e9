package org.mobilenetv3.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.io.JsonFile;

/**
 * A MobileNetV3's weights in a file, and which net they are of. Close it after use: numbers are
 * read when a net is loaded.
 *
 * @param file where they lie
 * @param format the file's, for people
 * @param architecture the net's
 * @param tensors by our state-dict names, {@link MobileNetV3#getParameters()}
 * @param metadata what the file says about itself
 * @param normalization what the file does to its input first and the net does not, for pixels in
 *     [0, 1] whichever the file takes
 * @param notes what was changed or guessed on the way, a sentence each
 * @param assumed the preset whose strides, activations, padding and epsilon the net has because its
 *     channels are those of none; null where nothing had to be assumed
 * @param source closed with this
 */
public record NetWeights(
        Path file,
        String format,
        Architecture architecture,
        Map<String, Tensor> tensors,
        Map<String, String> metadata,
        Optional<Normalization> normalization,
        List<String> notes,
        String assumed,
        Closeable source)
        implements Closeable {

    /** Key of our own files' metadata: the version of their form. */
    public static final String OWN = "mobilenetv3.format";

    private static final String ARCHITECTURE = "architecture";
    private static final String VARIANCE = ".running_var";

    /**
     * Reads names and shapes and finds the net.
     *
     * @param file a state dict: safetensors, PyTorch's or Paddle's
     * @param family the preset or own architecture that its net is of, at whatever width; null if
     *     names and shapes are to tell
     * @return its weights
     * @throws IOException in one sentence, if the file is damaged or fits no MobileNetV3
     */
    public static NetWeights open(Path file, Architecture family) throws IOException {
        StateDict dict = StateDict.open(file);
        try {
            Map<String, Tensor> tensors = asPyTorchs(dict.tensors());
            NetFinder finder = new NetFinder(file, shapes(tensors));
            return of(dict, tensors, found(finder, dict.metadata(), family));
        } catch (IOException | RuntimeException e) {
            dict.close();
            throw e;
        }
    }

    /** The net that the file names if it is our own, otherwise the one that fits. */
    private static NetFinder.Found found(
            NetFinder finder, Map<String, String> metadata, Architecture family)
            throws IOException {
        if (!metadata.containsKey(OWN)) {
            return finder.find(family);
        }
        Architecture net = null;
        RuntimeException reason = null;
        try {
            net = JsonFile.GSON.fromJson(metadata.get(ARCHITECTURE), Architecture.class);
        } catch (RuntimeException e) { // Gson's, and those of the record that it fills
            reason = e;
        }
        if (net == null) {
            throw new IOException(
                    "%s has damaged metadata: its %s cannot be read; write it again."
                            .formatted(finder.file(), ARCHITECTURE),
                    reason);
        }
        return finder.require(net);
    }

    /** With linear layers as PyTorch has them. */
    private static Map<String, Tensor> asPyTorchs(Map<String, Tensor> tensors) {
        return NameScheme.of(tensors.keySet())
                .flatMap(NameScheme::paddle)
                .map(paddle -> paddle.turned(tensors))
                .orElse(tensors);
    }

    private static NetWeights of(
            StateDict dict, Map<String, Tensor> theirs, NetFinder.Found found) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        found.names().forEach((our, their) -> tensors.put(our, theirs.get(their)));
        return new NetWeights(
                dict.file(),
                dict.format(),
                found.net(),
                tensors,
                dict.metadata(),
                Optional.empty(),
                dict.notes(),
                found.assumed(),
                dict::close);
    }

    private static Map<String, Shape> shapes(Map<String, Tensor> tensors) {
        return tensors.entrySet().stream()
                .collect(
                        Collectors.toMap(
                                Map.Entry::getKey,
                                e -> e.getValue().shape(),
                                (a, b) -> a,
                                LinkedHashMap::new));
    }

    /**
     * Loads a net.
     *
     * @param net built for {@link #architecture()} and initialized; its numbers are replaced
     * @param manager where its parameters live
     * @throws IOException in one sentence, if the file cannot be read or holds numbers that are not
     *     finite
     */
    public void load(MobileNetV3 net, NDManager manager) throws IOException {
        long largest = 0;
        for (Pair<String, Parameter> p : net.getParameters()) {
            largest = Math.max(largest, p.getValue().getShape().size());
        }
        ByteBuffer bytes =
                manager.allocateDirect(Math.toIntExact(Math.multiplyExact(largest, Float.BYTES)));
        for (Pair<String, Parameter> p : net.getParameters()) {
            NDArray array = p.getValue().getArray();
            ByteBuffer part = bytes.slice(0, (int) array.size() * Float.BYTES).order(bytes.order());
            FloatBuffer values = part.asFloatBuffer();
            tensors.get(p.getKey()).read(values);
            try (NDArray wrapped = manager.create(part, array.getShape(), DataType.FLOAT32);
                    NDArray sum = wrapped.sum()) {
                if (!Float.isFinite(sum.getFloat())) {
                    requireFinite(file, values.flip(), p.getKey());
                }
                if (p.getKey().endsWith(VARIANCE)) {
                    try (NDArray least = wrapped.min()) {
                        requirePositive(file, least.getFloat(), p.getKey());
                    }
                }
                // The copy is libtorch's own memory, aligned as its kernels like it.
                array.intern(wrapped.duplicate());
            }
        }
    }

    /**
     * Reads a parameter's numbers without an engine, and checks them.
     *
     * @param file what error messages name
     * @param name the parameter's
     * @param tensor its numbers
     * @return in C order
     * @throws IOException in one sentence, if the file cannot be read or holds numbers that are not
     *     finite, or a variance below 0
     */
    public static float[] values(Path file, String name, Tensor tensor) throws IOException {
        return checked(file, name, tensor.floats());
    }

    /**
     * Checks a parameter's numbers as {@link #values} does.
     *
     * @param file what error messages name
     * @param name the parameter's
     * @param values its numbers
     * @return the same
     * @throws IOException as {@link #values}
     */
    public static float[] checked(Path file, String name, float[] values) throws IOException {
        float zero = 0;
        for (float value : values) {
            zero += value * 0; // NaN of what is not finite
        }
        if (zero != 0) {
            requireFinite(file, FloatBuffer.wrap(values), name);
        }
        if (name.endsWith(VARIANCE)) {
            for (float value : values) {
                requirePositive(file, value, name);
            }
        }
        return values;
    }

    private static void requirePositive(Path file, float least, String name) throws IOException {
        if (least < 0) {
            throw new IOException(
                    "%s must not be negative, but %s has %s there.".formatted(name, file, least));
        }
    }

    /** A sum may overflow; the numbers decide. */
    private static void requireFinite(Path file, FloatBuffer values, String name)
            throws IOException {
        while (values.hasRemaining()) {
            float value = values.get();
            if (!Float.isFinite(value)) {
                throw new IOException(
                        "%s contains %s in %s, so every prediction would be NaN."
                                .formatted(file, value, name));
            }
        }
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
