package org.mobilenetv3.format.safetensors;

import ai.djl.util.JsonUtils;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.format.FileBytes;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.TensorFile;
import org.mobilenetv3.io.WholeFile;

/**
 * Hugging Face's file of tensors: a length, a header in JSON, the elements one after the other.
 * Source: <a href="https://github.com/huggingface/safetensors">safetensors</a>.
 *
 * <p>The format has no checksum, so a bit that flipped in a tensor goes unseen. Files written here
 * hold one in their metadata, over the whole file, and it is checked when they are opened.
 *
 * <p>DJL has a codec of its own ({@code NDList.Encoding.SAFETENSORS}). It reads a file whole into
 * one Java array (so at most 2 GB), believes the header's lengths, offsets and shapes, and leaves
 * out the metadata.
 */
public final class SafeTensors {

    static final String METADATA = "__metadata__";

    private SafeTensors() {}

    /**
     * Opens a file.
     *
     * @param file a regular file
     * @return its tensors and its metadata, without the checksum
     * @throws IOException if it is damaged or of another format; the message says so of "it"
     */
    public static TensorFile read(Path file) throws IOException {
        FileBytes bytes = new FileBytes(file);
        try {
            SafeTensorsHeader header = SafeTensorsHeader.read(bytes);
            FileChecksum.verify(bytes, header);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (SafeTensorsHeader.Entry e : header.entries()) {
                long from = header.data() + e.begin();
                long length = e.end() - e.begin();
                tensors.put(
                        e.name(), Tensor.of(e.shape(), e.type(), () -> bytes.open(from, length)));
            }
            Map<String, String> metadata = new LinkedHashMap<>(header.metadata());
            metadata.remove(FileChecksum.KEY);
            return new TensorFile(tensors, metadata, bytes);
        } catch (IOException e) {
            bytes.close();
            throw e;
        }
    }

    /**
     * Reads what a file says about itself, and nothing else.
     *
     * @param file a regular file
     * @return its metadata; none if it is damaged, which {@link #read} says
     * @throws IOException if it cannot be read
     */
    public static Map<String, String> metadata(Path file) throws IOException {
        try (FileBytes bytes = new FileBytes(file)) {
            return headerMetadata(bytes);
        }
    }

    private static Map<String, String> headerMetadata(FileBytes bytes) {
        try {
            return SafeTensorsHeader.read(bytes).metadata();
        } catch (IOException e) {
            return Map.of();
        }
    }

    /**
     * Writes a file atomically: readers see the old file or the new one.
     *
     * @param file to make or to replace
     * @param tensors by name; read twice if they are not in memory
     * @param metadata what the file says about itself
     * @throws IOException if a tensor cannot be read or the file cannot be written; what stood
     *     there stays
     * @throws IllegalArgumentException if a tensor is called {@code __metadata__}
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        if (tensors.containsKey(METADATA)) {
            throw new IllegalArgumentException(
                    "A tensor cannot be called %s in a safetensors file; rename it."
                            .formatted(METADATA));
        }
        WholeFile.write(file, (Path beside) -> writeTo(beside, tensors, metadata));
    }

    private static void writeTo(
            Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        // Large elements first: PyTorch wants each tensor at a multiple of its element's size.
        List<Map.Entry<String, Tensor>> order = new ArrayList<>(tensors.entrySet());
        order.sort(Comparator.comparing(e -> -e.getValue().type().bytes()));
        byte[] header = header(tensors, order, metadata);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            MessageDigest sum = FileChecksum.begin();
            OutputStream out =
                    new BufferedOutputStream(
                            new DigestOutputStream(Channels.newOutputStream(channel), sum),
                            1 << 16);
            out.write(header);
            for (Map.Entry<String, Tensor> entry : order) {
                copy(entry.getKey(), entry.getValue(), out);
            }
            out.flush();
            channel.position(0);
            Channels.newOutputStream(channel).write(FileChecksum.into(header, sum));
        }
    }

    private static void copy(String name, Tensor tensor, OutputStream out) throws IOException {
        try (InputStream in = tensor.open()) {
            long written = in.transferTo(out);
            if (written != tensor.bytes()) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "Tensor %s has %d bytes where its shape %s takes %d.",
                                name,
                                written,
                                tensor.shape(),
                                tensor.bytes()));
            }
        }
    }

    /** The length and the JSON, with zeros for the checksum; tensors in the map's order. */
    private static byte[] header(
            Map<String, Tensor> tensors,
            List<Map.Entry<String, Tensor>> order,
            Map<String, String> metadata) {
        Map<String, Long> begins = new LinkedHashMap<>();
        long end = 0;
        for (Map.Entry<String, Tensor> entry : order) {
            begins.put(entry.getKey(), end);
            end = Math.addExact(end, entry.getValue().bytes());
        }
        JsonObject json = new JsonObject();
        JsonObject about = new JsonObject();
        metadata.forEach(about::addProperty);
        about.addProperty(FileChecksum.KEY, FileChecksum.NONE);
        json.add(METADATA, about);
        tensors.forEach((name, tensor) -> json.add(name, describe(tensor, begins.get(name))));
        byte[] text = JsonUtils.GSON.toJson(json).getBytes(StandardCharsets.UTF_8);
        int length = Math.addExact(text.length, Math.floorMod(-text.length, Long.BYTES));
        byte[] header = new byte[Long.BYTES + length];
        Arrays.fill(header, (byte) ' ');
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(text);
        return header;
    }

    private static JsonObject describe(Tensor tensor, long begin) {
        JsonArray shape = new JsonArray();
        for (long dimension : tensor.shape().getShape()) {
            shape.add(dimension);
        }
        JsonArray offsets = new JsonArray();
        offsets.add(begin);
        offsets.add(begin + tensor.bytes());
        JsonObject json = new JsonObject();
        json.addProperty("dtype", tensor.type().name());
        json.add("shape", shape);
        json.add("data_offsets", offsets);
        return json;
    }
}
