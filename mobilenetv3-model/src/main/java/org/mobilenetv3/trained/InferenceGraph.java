package org.mobilenetv3.trained;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Task;
import org.mobilenetv3.detection.Answers;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.TensorFile;
import org.mobilenetv3.format.onnx.OnnxTensor;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.graph.Weight;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.FullDistribution;
import org.mobilenetv3.weights.NetWeights;
import org.mobilenetv3.weights.onnx.OnnxMetadata;
import org.mobilenetv3.weights.onnx.OnnxReader;

/**
 * The operations of a trained net, read without an engine.
 *
 * @param description of the net
 * @param notes what was changed or assumed, {@link TrainedNet#notes}
 * @param graph folded for inference; its numbers are in memory and were checked
 */
public record InferenceGraph(NetDescription description, List<String> notes, Graph graph) {

    /** Images on which no layer before the last pool sees a single pixel. */
    private static final int LARGE = 224;

    /** Reads and checks the numbers of a parameter. */
    @FunctionalInterface
    private interface Reader {
        float[] read(String name) throws IOException;
    }

    /**
     * Opens a trained net.
     *
     * @param path a package directory, a ZIP of one, a file of weights or an exported ONNX file
     * @param family the architecture that a state dict is of, or null if the file is to tell
     * @return its graph
     * @throws IOException in one sentence, if it cannot be used
     * @throws IllegalArgumentException if a family is given for a file that tells it, or the file
     *     is one that only its own runtime computes
     */
    public static InferenceGraph open(Path path, Architecture family) throws IOException {
        FileKind kind = FileKind.of(path);
        if (kind == FileKind.TORCHSCRIPT) {
            FullDistribution.requireTorch(path + ", which is TorchScript,");
            throw new IllegalArgumentException(
                    "%s is TorchScript, which only libtorch runs; give the package or file of weights that it was made of, or leave --engine out."
                            .formatted(path));
        }
        if (kind.isPackage() || kind.isExport()) {
            WeightsFile.requireNoFamily(path, family);
        }
        try {
            if (kind.isPackage()) {
                return ofPackage(ModelPackage.find(path));
            }
            Optional<InferenceGraph> export =
                    kind == FileKind.ONNX_EXPORT ? ofExport(path) : Optional.empty();
            return export.isPresent() ? export.get() : ofWeights(path, family);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static InferenceGraph ofPackage(ModelPackage found) throws IOException {
        MobileNetV3 net = net(found.description());
        try (TensorFile file = found.weights(net)) {
            return of(found.description(), List.of(), net, found.directory(), file.tensors());
        }
    }

    private static InferenceGraph ofWeights(Path path, Architecture family) throws IOException {
        try (WeightsFile file = WeightsFile.open(path, family)) {
            NetDescription description = file.description();
            Map<String, Tensor> tensors = file.weights().tensors();
            return of(description, description.notes(), net(description), path, tensors);
        }
    }

    private static InferenceGraph of(
            NetDescription description,
            List<String> notes,
            MobileNetV3 net,
            Path file,
            Map<String, Tensor> tensors) {
        Reader reader = name -> NetWeights.values(file, name, tensors.get(name));
        Graph graph = Passes.forInference(trace(description, net, values(reader)));
        return new InferenceGraph(description, notes, read(graph, Weight::values));
    }

    /** Reads what is still in the file. */
    private static Graph read(Graph graph, Function<Weight, Supplier<float[]>> source) {
        return graph.withWeights(
                weight -> {
                    float[] values = source.apply(weight).get();
                    return weight.withValues(() -> values);
                });
    }

    /**
     * An ONNX file of this project's holds the weights by the names of the graph that it was made
     * of; empty if another program has rewritten it.
     */
    private static Optional<InferenceGraph> ofExport(Path path) throws IOException {
        NetDescription description = NetDescription.fromMetadata(path, OnnxMetadata.read(path));
        Map<String, OnnxTensor> stored = OnnxReader.constants(path);
        Graph graph = withZeros(description);
        for (Weight weight : graph.weights()) {
            OnnxTensor numbers = stored.get(weight.name());
            if (numbers != null && !numbers.hasNumbers()) {
                FullDistribution.requireOnnxRuntime(path + ", which computes in 8 bits,");
                throw new IllegalArgumentException(
                        "%s computes in 8 bits, which only ONNX Runtime does; leave --engine out."
                                .formatted(path));
            }
            boolean computed = weight.name().equals(Answers.ANCHORS);
            if (!computed && (numbers == null || numbers.size() != weight.shape().size())) {
                return Optional.empty();
            }
        }
        Function<String, Supplier<float[]>> values =
                values(name -> NetWeights.checked(path, name, stored.get(name).floats()));
        return Optional.of(
                new InferenceGraph(
                        description, List.of(), read(graph, w -> values.apply(w.name()))));
    }

    static MobileNetV3 net(NetDescription description) {
        return MobileNetV3.of(
                description.architecture(), description.preprocessing().normalization());
    }

    /**
     * Returns the operations of a described net, as {@link #open} gives them but for the numbers.
     *
     * @param description of the net
     * @return a graph whose weights are zeros
     */
    public static Graph withZeros(NetDescription description) {
        MobileNetV3 net = net(description);
        Map<String, Shape> shapes = new HashMap<>();
        net.getParameters().forEach(p -> shapes.put(p.getKey(), p.getValue().getShape()));
        Reader zeros = name -> new float[Math.toIntExact(shapes.get(name).size())];
        return Passes.forInference(trace(description, net, values(zeros)));
    }

    private static Function<String, Supplier<float[]>> values(Reader reader) {
        return name ->
                () -> {
                    try {
                        return reader.read(name);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                };
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
        Architecture table = description.architecture();
        Shape shape = tracedShape(description);
        Graph whole = Graph.trace(net, shape, values);
        if (table.task() == Task.DETECT) {
            int height = Math.toIntExact(shape.get(2));
            whole = Answers.of(whole, table.anchors(height, Math.toIntExact(shape.get(3))));
        }
        return description.normalizes() ? whole : Passes.withoutNormalization(whole);
    }

    /** The images to trace with. */
    static Shape tracedShape(NetDescription description) {
        Preprocessing input = description.preprocessing();
        // A detector's anchors are those of one size.
        int least = description.architecture().task() == Task.DETECT ? 1 : LARGE;
        return new Shape(
                1,
                input.channels(),
                Math.max(input.height(), least),
                Math.max(input.width(), least));
    }
}
