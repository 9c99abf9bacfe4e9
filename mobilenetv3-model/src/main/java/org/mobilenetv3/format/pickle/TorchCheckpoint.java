package org.mobilenetv3.format.pickle;

import ai.djl.ndarray.types.Shape;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.mobilenetv3.format.ElementType;
import org.mobilenetv3.format.Quoted;
import org.mobilenetv3.format.Sizes;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.TensorFile;
import org.mobilenetv3.format.pickle.Pickled.View;
import org.mobilenetv3.io.WholeFile;

/**
 * What {@code torch.save} writes: a ZIP of a pickle and of the tensors' elements. It is read
 * without running what the pickle asks for.
 *
 * <p>Of a training checkpoint the net is taken, under {@code state_dict}, {@code model_state_dict},
 * {@code model}, {@code net} or {@code network}, or else the averaged net under {@code
 * state_dict_ema} or {@code model_ema}. What is no tensor is left out.
 */
public final class TorchCheckpoint {

    private static final int MOST_PICKLE = 64 << 20;

    private TorchCheckpoint() {}

    /**
     * Opens a file.
     *
     * @param file a regular file
     * @param first whether a name is of a net's first layer; asked where no name that programs
     *     customarily give their net is there
     * @return its tensors
     * @throws IOException if it is damaged, of another format, or asks for anything but tensors;
     *     the message says so of "it"
     */
    public static TensorFile read(Path file, Predicate<String> first) throws IOException {
        TorchArchive archive = TorchArchive.open(file);
        try {
            Pickled pickled = Unpickler.read(archive.pickle(MOST_PICKLE), new TorchCalls());
            Map<String, View> views = Nesting.find(pickled, first);
            checkSum(views, Files.size(file));
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (Map.Entry<String, View> entry : views.entrySet()) {
                tensors.put(entry.getKey(), tensor(entry.getKey(), entry.getValue(), archive));
            }
            return new TensorFile(tensors, Map.of(), archive);
        } catch (IOException e) {
            archive.close();
            throw e;
        }
    }

    /** Tensors may share elements, but not so that a small file takes any memory. */
    private static void checkSum(Map<String, View> views, long fileSize) throws IOException {
        long sum = 0;
        for (Map.Entry<String, View> entry : views.entrySet()) {
            String name = Quoted.name(entry.getKey());
            long elements = Sizes.elements(name, entry.getValue().shape());
            if (elements > 2 * fileSize - sum) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "up to tensor %s, it describes more than %d numbers, too many for %d bytes; save tensor.clone() of expanded tensors.",
                                name,
                                2 * fileSize,
                                fileSize));
            }
            sum += elements;
        }
    }

    private static Tensor tensor(String name, View view, TorchArchive archive) throws IOException {
        String entry = "data/" + view.storage().key();
        ElementType type = view.storage().type();
        long elements = view.storage().elements();
        if (elements != archive.size(entry) / type.bytes()
                || archive.size(entry) % type.bytes() != 0) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "tensor %s lies among %d elements of type %s, where %s has %d bytes.",
                            Quoted.name(name),
                            elements,
                            type,
                            Quoted.name(entry),
                            archive.size(entry)));
        }
        Shape shape = new Shape(view.shape());
        long from = view.offset() * type.bytes();
        if (shape.size() == 0) {
            return Tensor.of(shape, type, InputStream::nullInputStream);
        }
        if (Strided.isContiguous(view.shape(), view.strides())) {
            long length = shape.size() * type.bytes();
            return Tensor.of(shape, type, () -> archive.open(entry, from, length));
        }
        long length = (Strided.last(view.shape(), view.strides()) + 1) * type.bytes();
        return Tensor.of(
                shape,
                type,
                () -> {
                    if (length > Integer.MAX_VALUE - 8) {
                        throw new IOException(
                                String.format(
                                        Locale.ROOT,
                                        "Tensor %s is spread over %d bytes, too many for one array; save tensor.contiguous().",
                                        Quoted.name(name),
                                        length));
                    }
                    try (InputStream in = archive.open(entry, from, length)) {
                        byte[] all = in.readNBytes((int) length);
                        return Strided.collect(all, 0, type.bytes(), view.shape(), view.strides());
                    }
                });
    }

    /**
     * Writes a state dict as {@code torch.save(model.state_dict(), file)} does, atomically: readers
     * see the old file or the new one. {@code torch.load(file, weights_only=True)} reads it.
     *
     * @param file to make or to replace
     * @param tensors by name; read twice if they are not in memory
     * @throws IOException if a tensor cannot be read or the file cannot be written; what stood
     *     there stays
     */
    public static void write(Path file, Map<String, Tensor> tensors) throws IOException {
        WholeFile.write(
                file,
                (Path beside) -> {
                    try (OutputStream out =
                            new BufferedOutputStream(Files.newOutputStream(beside), 1 << 16)) {
                        writeTo(out, tensors);
                    }
                });
    }

    private static void writeTo(OutputStream out, Map<String, Tensor> tensors) throws IOException {
        StoredZip zip = new StoredZip(out, "archive");
        zip.add("data.pkl", pickle(tensors));
        zip.add("byteorder", "little");
        List<Tensor> storages = new ArrayList<>(tensors.values());
        for (int i = 0; i < storages.size(); i++) {
            zip.add("data/" + i, storages.get(i)::open);
        }
        zip.add("version", "3\n");
        zip.finish();
    }

    private static byte[] pickle(Map<String, Tensor> tensors) {
        PickleWriter pickle = new PickleWriter();
        pickle.orderedDict();
        pickle.op(PickleOp.MARK);
        int number = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Tensor tensor = entry.getValue();
            pickle.text(entry.getKey());
            pickle.tensor(tensor.shape(), tensor.type().storage(), number++, false);
        }
        return pickle.op(PickleOp.SETITEMS).finish();
    }
}
