package org.mobilenetv3.format.pickle;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.mobilenetv3.format.Sizes;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.TensorFile;
import org.mobilenetv3.format.pickle.Pickled.Call;
import org.mobilenetv3.format.pickle.Pickled.Dict;
import org.mobilenetv3.format.pickle.Pickled.Tuple;

/**
 * What {@code paddle.save(model.state_dict(), "weights.pdparams")} writes: a pickle, protocols 2 to
 * 5, of a dict of NumPy's arrays, since Paddle 2.1 perhaps each with its internal name. Source:
 * {@code paddle/framework/io.py}. Any other pickle of named arrays is read alike. It is read
 * without running what it asks for, and kept in memory until it is closed.
 */
public final class PaddleCheckpoint {

    /** Nine times the largest MobileNetV3 here. */
    private static final long MOST_BYTES = 512L << 20;

    /** How Paddle tells that it split arrays of a gigabyte or more. */
    private static final String SPLIT = "UnpackBigParamInfor@@";

    private PaddleCheckpoint() {}

    /**
     * Recognizes a pickle.
     *
     * @param first a file's first bytes
     * @return whether they begin a pickle of protocol 2 to 5
     */
    public static boolean isPickle(byte... first) {
        return first.length > 2 && first[0] == (byte) 0x80 && first[1] >= 2 && first[1] <= 5;
    }

    /**
     * Opens a file.
     *
     * @param file a regular file
     * @return its tensors
     * @throws IOException if it is damaged, of another format, or asks for anything but arrays; the
     *     message says so of "it"
     */
    public static TensorFile read(Path file) throws IOException {
        long size = Files.size(file);
        if (size > MOST_BYTES) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "it has %d bytes, where %d are allowed; save only model.state_dict().",
                            size,
                            MOST_BYTES));
        }
        Pickled pickled = Unpickler.read(Files.readAllBytes(file), new NumpyCalls());
        if (!(pickled instanceof Dict dict)) {
            throw new IOException("it holds no dict of arrays; save model.state_dict() in Python.");
        }
        if (dict.entries().containsKey(SPLIT)) {
            throw new IOException(
                    "it holds arrays of a gigabyte or more, which Paddle split; no net here has such.");
        }
        AtomicBoolean closed = new AtomicBoolean();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        long sum = 0;
        for (Map.Entry<String, Pickled> entry : dict.entries().entrySet()) {
            NumpyArray array = NumpyArray.of(entry.getKey(), named(entry.getValue()));
            if (array != null) {
                sum += Sizes.elements(entry.getKey(), array.shape());
                tensors.put(entry.getKey(), tensor(file, array, closed));
            }
        }
        if (tensors.isEmpty()) {
            throw new IOException("it has no arrays by name; save model.state_dict() in Python.");
        }
        if (sum > 2 * size) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "it describes %d numbers, too many for %d bytes; save copies of shared arrays.",
                            sum,
                            size));
        }
        return new TensorFile(tensors, Map.of(), () -> closed.set(true));
    }

    /** Without the internal name that Paddle gives an array. */
    private static Pickled named(Pickled value) {
        Pickled tuple = value;
        if (value instanceof Call call
                && NumpyCalls.TUPLE.contains(call.function())
                && call.arguments().size() == 1) {
            tuple = call.arguments().get(0);
        }
        List<Pickled> items = tuple instanceof Tuple pair ? pair.items() : List.of();
        return items.size() == 2 ? items.get(1) : value;
    }

    private static Tensor tensor(Path file, NumpyArray array, AtomicBoolean closed) {
        return Tensor.of(
                new Shape(array.shape()),
                array.type(),
                () -> {
                    if (closed.get()) {
                        throw new IOException(file + " was closed before its tensors were read.");
                    }
                    return array.open();
                });
    }
}
