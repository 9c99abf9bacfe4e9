package org.mobilenetv3.weights;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.files.PickleWriter;
import org.mobilenetv3.files.StoredZip;
import org.mobilenetv3.files.WholeFile;

/** What {@code torch.save} writes. */
public final class TorchCheckpoint {

    private TorchCheckpoint() {}

    /** Opens a file. */
    static StateDict read(Path file) throws IOException {
        if (Files.exists(file)) {
            throw new IOException(file + " is a PyTorch file, which is not read yet.");
        }
        Closeable nothing = () -> {};
        return new StateDict(file, "PyTorch", Map.of(), Map.of(), nothing);
    }

    /**
     * Writes a state dict as {@code torch.save(model.state_dict(), file)} does, on which a reader
     * never sees half. {@code torch.load(file, weights_only=True)} reads it.
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
        pickle.op('(');
        int number = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Tensor tensor = entry.getValue();
            pickle.text(entry.getKey());
            pickle.tensor(tensor.shape(), tensor.type().storage(), number++, false);
        }
        return pickle.op('u').finish(); // set items
    }
}
