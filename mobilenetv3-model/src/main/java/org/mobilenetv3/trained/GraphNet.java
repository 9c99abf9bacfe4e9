package org.mobilenetv3.trained;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Task;
import org.mobilenetv3.detection.Answers;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.TensorFile;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.GraphRunner;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.weights.NetWeights;
import org.mobilenetv3.weights.onnx.OnnxMetadata;

/**
 * The net of a package, of a file of weights or of an exported ONNX file, computed from its graph
 * by a {@link GraphRunner}: neither opening nor computing it needs an engine of DJL's, libtorch or
 * ONNX Runtime. Several threads may ask it at once.
 */
public final class GraphNet implements TrainedNet {

    /** Images on which no layer before the last pool sees a single pixel. */
    private static final int LARGE = 224;

    private final NetDescription description;
    private final List<String> notes;
    private final GraphRunner runner;

    private GraphNet(NetDescription description, List<String> notes, GraphRunner runner) {
        this.description = description;
        this.notes = notes;
        this.runner = runner;
    }

    /**
     * Opens a trained net with the vector engine, which must be on the class path.
     *
     * @param path a package directory, a ZIP of one, a file of weights or an exported ONNX file
     * @param threads for one call of {@link #logits}, at least 1
     * @return the net
     * @throws IOException in one sentence, if it cannot be used
     * @throws IllegalArgumentException in one sentence, if there is no vector engine, or it does
     *     not compute such a net
     */
    public static GraphNet open(Path path, int threads) throws IOException {
        return open(path, null, threads, NetEngine.requireVector());
    }

    /**
     * Opens a trained net.
     *
     * @param path a package directory, a ZIP of one, a file of weights or an exported ONNX file
     * @param family the architecture that a state dict is of, or null if the file is to tell
     * @param threads for one call of {@link #logits}, at least 1
     * @param engine what computes
     * @return the net
     * @throws IOException in one sentence, if it cannot be used
     * @throws IllegalArgumentException if a family is given for a file that tells it, or the engine
     *     does not compute such a net
     */
    public static GraphNet open(
            Path path, Architecture family, int threads, GraphRunner.Provider engine)
            throws IOException {
        FileKind kind = FileKind.of(path);
        if (kind == FileKind.TORCHSCRIPT) {
            throw new IllegalArgumentException(
                    "%s is TorchScript, which only libtorch runs; give the package or file of weights that it was made of, or leave --engine out."
                            .formatted(path));
        }
        if (kind.isPackage() || kind.isExport()) {
            WeightsFile.requireNoFamily(path, family);
        }
        return kind.isPackage()
                ? ofPackage(ModelPackage.find(path), threads, engine)
                : ofFile(path, kind, family, threads, engine);
    }

    private static GraphNet ofPackage(ModelPackage found, int threads, GraphRunner.Provider engine)
            throws IOException {
        NetDescription description = found.description();
        MobileNetV3 net = net(description);
        try (TensorFile weights = found.weights(net)) {
            return of(
                    description,
                    List.of(),
                    net,
                    reading(found.directory(), weights.tensors()),
                    threads,
                    engine);
        }
    }

    private static GraphNet ofFile(
            Path path, FileKind kind, Architecture family, int threads, GraphRunner.Provider engine)
            throws IOException {
        try (WeightsFile file = WeightsFile.open(path, family)) {
            NetDescription found = file.description();
            NetDescription description =
                    kind == FileKind.ONNX_EXPORT // which may want its images normalized
                            ? NetDescription.fromMetadata(path, OnnxMetadata.read(path))
                            : found;
            NetWeights weights = file.weights();
            return of(
                    description,
                    found.notes(),
                    net(found),
                    reading(weights.file(), weights.tensors()),
                    threads,
                    engine);
        }
    }

    private static MobileNetV3 net(NetDescription description) {
        return MobileNetV3.of(
                description.architecture(), description.preprocessing().normalization());
    }

    private static Function<String, Supplier<float[]>> reading(
            Path file, Map<String, Tensor> tensors) {
        return name ->
                () -> {
                    try {
                        return NetWeights.values(file, name, tensors.get(name));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                };
    }

    /**
     * Makes a net of a block.
     *
     * @param description of the net
     * @param net its block, which normalizes; it need not be initialized if values are given
     * @param values gives what reads the numbers of a parameter, by its name; null for those of the
     *     block's arrays
     * @param threads for one call of {@link #logits}, at least 1
     * @param engine what computes
     * @return the net
     * @throws IllegalArgumentException if the engine does not compute such a net
     */
    public static GraphNet of(
            NetDescription description,
            Block net,
            Function<String, Supplier<float[]>> values,
            int threads,
            GraphRunner.Provider engine) {
        Graph graph = Passes.forInference(trace(description, net, values));
        return new GraphNet(description, List.of(), engine.open(graph, threads));
    }

    private static GraphNet of(
            NetDescription description,
            List<String> notes,
            MobileNetV3 net,
            Function<String, Supplier<float[]>> values,
            int threads,
            GraphRunner.Provider engine)
            throws IOException {
        try {
            return new GraphNet(
                    description, notes, of(description, net, values, threads, engine).runner);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Traces a net as it is exported and run: with images of 224 pixels or more, so that no layer
     * is written for one pixel alone; a net that detects answers boxes and probabilities ({@link
     * Answers}) for images of the preprocessing's size.
     *
     * @param description of the net; if it says that the net does not normalize, its normalization
     *     is left out
     * @param net its block
     * @param values as {@link Graph#trace(Block, Shape, Function)} takes them
     * @return its operations, batch norm and dropout included
     */
    public static Graph trace(
            NetDescription description, Block net, Function<String, Supplier<float[]>> values) {
        Preprocessing input = description.preprocessing();
        Architecture table = description.architecture();
        // A detector's anchors are those of one size.
        int least = table.task() == Task.DETECT ? 1 : LARGE;
        int height = Math.max(input.height(), least);
        int width = Math.max(input.width(), least);
        Graph whole = Graph.trace(net, new Shape(1, input.channels(), height, width), values);
        if (table.task() == Task.DETECT) {
            whole = Answers.of(whole, table.anchors(height, width));
        }
        return description.normalizes() ? whole : Passes.withoutNormalization(whole);
    }

    @Override
    public NetDescription description() {
        return description;
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public float[] logits(FloatBuffer images, Shape shape) {
        description.requireImages(images, shape);
        if (description.architecture().task() == Task.DETECT) {
            description.requireSize(shape);
        }
        return runner.run(images.slice(), shape);
    }

    @Override
    public void close() {
        runner.close();
    }
}
