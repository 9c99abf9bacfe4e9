package org.mobilenetv3.spark;

import ai.djl.Device;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.mobilenetv3.Task;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Weight;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.InferenceGraph;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.NetEngine;
import org.mobilenetv3.trained.TrainedNet;

/**
 * A net on its way from the driver to the executors, which need neither its files nor what lies
 * beside them: its description and the numbers of its folded graph, or an exported file.
 *
 * @param bytes what is sent
 * @param sha256 of the bytes, in hexadecimal
 * @param description of the net
 * @param notes what was assumed when its file was read
 */
@SuppressWarnings("ArrayRecordComponent") // only carried
record PackedNet(byte[] bytes, String sha256, NetDescription description, List<String> notes) {

    // What the bytes begin with.
    private static final byte GRAPH = 0;
    private static final byte GRAPH_WITH_EMBEDDING = 1;
    private static final byte FILE = 2;

    /**
     * Reads a net.
     *
     * @param path a package directory, a ZIP of one, a file of weights or an exported file
     * @param engine what is to compute it
     * @param embedding whether what the last layer reads is wanted, too
     * @return the net, packed
     * @throws IOException in one sentence, if it cannot be used
     * @throws IllegalArgumentException in one sentence, if it does not classify, or the engine does
     *     not compute it
     */
    static PackedNet pack(Path path, NetEngine engine, boolean embedding) throws IOException {
        FileKind kind = FileKind.of(path);
        FileKind wanted =
                switch (engine) {
                    case ONNXRUNTIME -> FileKind.ONNX_EXPORT;
                    case TORCH -> FileKind.TORCHSCRIPT;
                    default -> null;
                };
        if (wanted != null && kind != wanted) {
            throw new IllegalArgumentException(
                    "%s is not %s, which alone the engine %s runs on Spark; export one with 'mobilenetv3 export', or leave the engine out."
                            .formatted(
                                    path,
                                    wanted == FileKind.TORCHSCRIPT
                                            ? "TorchScript"
                                            : "an ONNX file that was exported here",
                                    engine));
        }
        if (wanted != null) {
            return ofFile(path, embedding);
        }
        InferenceGraph graph;
        try {
            graph = InferenceGraph.open(path, null);
        } catch (IllegalArgumentException e) { // TorchScript, or of 8 bits
            if (engine == NetEngine.AUTO && kind.isExport()) {
                return ofFile(path, embedding);
            }
            throw e;
        }
        return ofGraph(graph, embedding);
    }

    private static PackedNet ofGraph(InferenceGraph net, boolean embedding) throws IOException {
        net.description().architecture().requireTask(Task.CLASSIFY, "Spark's stage");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(embedding ? GRAPH_WITH_EMBEDDING : GRAPH);
            Map<String, String> metadata = nameless(net.description()).toMetadata();
            out.writeInt(metadata.size());
            for (Map.Entry<String, String> entry : metadata.entrySet()) {
                write(out, entry.getKey().getBytes(StandardCharsets.UTF_8));
                write(out, entry.getValue().getBytes(StandardCharsets.UTF_8));
            }
            List<Weight> weights = net.graph().weights();
            out.writeInt(weights.size());
            for (Weight weight : weights) {
                float[] values = weight.values().get();
                ByteBuffer buffer = ByteBuffer.allocate(Float.BYTES * values.length);
                buffer.asFloatBuffer().put(values);
                write(out, weight.name().getBytes(StandardCharsets.UTF_8));
                write(out, buffer.array());
            }
        }
        return of(bytes.toByteArray(), net.description(), net.notes());
    }

    /** Without provenance, so that a net is the same whatever its file is called. */
    private static NetDescription nameless(NetDescription net) {
        return new NetDescription(
                net.architecture(), net.preprocessing(), net.normalizes(), net.classes(), Map.of());
    }

    private static void write(DataOutputStream out, byte[] content) throws IOException {
        out.writeInt(content.length);
        out.write(content);
    }

    private static PackedNet ofFile(Path path, boolean embedding) throws IOException {
        if (embedding) {
            throw new IllegalArgumentException(
                    "%s gives no embedding but logits only; give the package or file of weights that it was made of."
                            .formatted(path));
        }
        byte[] file = Files.readAllBytes(path);
        try (TrainedNet net = TrainedNet.open(path, Device.cpu(), 1)) {
            net.description().architecture().requireTask(Task.CLASSIFY, "Spark's stage");
            byte[] bytes = new byte[file.length + 1];
            bytes[0] = FILE;
            System.arraycopy(file, 0, bytes, 1, file.length);
            return of(bytes, net.description(), net.notes());
        }
    }

    private static PackedNet of(byte[] bytes, NetDescription description, List<String> notes) {
        String sum = HexFormat.of().formatHex(Checksums.digest("SHA-256").digest(bytes));
        return new PackedNet(bytes, sum, description, notes);
    }

    /** Returns what there is to know of it once it was sent. */
    PackedNet withoutBytes() {
        return new PackedNet(new byte[0], sha256, description, notes);
    }

    /**
     * Makes the net.
     *
     * @param bytes of a packed net
     * @param threads for one batch
     * @param device where libtorch computes; all else computes on the CPU
     * @return the net; close it after use
     * @throws IOException in one sentence, if it cannot be opened here
     */
    static ExecutorNet open(byte[] bytes, int threads, Device device) throws IOException {
        if (bytes[0] == FILE) {
            Path file = Files.createTempFile("mobilenetv3-", ".net");
            try {
                Files.write(file, Arrays.copyOfRange(bytes, 1, bytes.length));
                boolean torch = FileKind.of(file) == FileKind.TORCHSCRIPT;
                return ExecutorNet.of(
                        TrainedNet.open(file, torch ? device : Device.cpu(), threads));
            } finally {
                Files.deleteIfExists(file);
            }
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            byte form = in.readByte();
            Map<String, String> metadata = new LinkedHashMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                metadata.put(text(in), text(in));
            }
            Map<String, Supplier<float[]>> values = new HashMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                String name = text(in);
                float[] numbers = floats(in.readNBytes(in.readInt()));
                values.put(name, () -> numbers);
            }
            NetDescription description =
                    NetDescription.fromMetadata(Path.of("the net sent by Spark"), metadata);
            Graph graph =
                    InferenceGraph.withZeros(description)
                            .withWeights(w -> w.withValues(values.get(w.name())));
            return form == GRAPH
                    ? ExecutorNet.of(description, graph, threads)
                    : ExecutorNet.withEmbedding(description, graph, threads);
        }
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    private static float[] floats(byte[] bytes) {
        float[] values = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
        return values;
    }
}
