package org.mobilenetv3.trained;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Task;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.TensorFile;
import org.mobilenetv3.format.djl.DjlParameters;
import org.mobilenetv3.format.djl.StoredArray;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.GraphRunner;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.weights.NetWeights;

/**
 * The net of a package or of a file of weights, read without an engine and computed by a {@link
 * GraphRunner}. Its numbers stay in the file, which stays open.
 */
public final class WeightsNet implements NetWithWeights {

    private final NetDescription description;
    private final List<String> notes;
    private final MobileNetV3 net;
    private final int threads;
    private final Closeable source;

    /** Made when they are first asked. */
    private final Map<String, GraphRunner> runners = new HashMap<>();

    private WeightsNet(
            NetDescription description,
            List<String> notes,
            MobileNetV3 net,
            int threads,
            Closeable source) {
        this.description = description;
        this.notes = notes;
        this.net = net;
        this.threads = threads;
        this.source = source;
    }

    /**
     * Opens trained weights.
     *
     * @param path a package directory, a ZIP of one, or a file of weights
     * @param family the architecture that a state dict is of, or null if the file is to tell
     * @param threads to compute with, at least 1
     * @return the net
     * @throws IOException in one sentence, if they cannot be used
     * @throws IllegalArgumentException if a family is given for a file that tells it
     */
    public static WeightsNet open(Path path, Architecture family, int threads) throws IOException {
        GraphNet.requireThreads(threads);
        if (!FileKind.of(path).isPackage()) {
            return open(WeightsFile.open(path, family), threads);
        }
        WeightsFile.requireNoFamily(path, family);
        ModelPackage found = ModelPackage.find(path);
        MobileNetV3 net = InferenceGraph.net(found.description());
        TensorFile file = found.weights(net);
        requireGood(path, file.tensors(), file);
        return new WeightsNet(found.description(), List.of(), net, threads, file);
    }

    /**
     * Makes the net of a file of weights, which is closed with it.
     *
     * @param weights the file
     * @param threads to compute with, at least 1
     * @return the net
     * @throws IOException in one sentence, if the numbers cannot be read or are not finite
     */
    public static WeightsNet open(WeightsFile weights, int threads) throws IOException {
        GraphNet.requireThreads(threads);
        Map<String, Tensor> tensors = weights.weights().tensors();
        requireGood(weights.weights().file(), tensors, weights);
        NetDescription description = weights.description();
        Preprocessing input = description.preprocessing();
        MobileNetV3 net = InferenceGraph.net(description);
        Shape image = new Shape(1, input.channels(), input.height(), input.width());
        DjlParameters.fill(net, image, tensors);
        return new WeightsNet(description, description.notes(), net, threads, weights);
    }

    private static void requireGood(Path path, Map<String, Tensor> tensors, Closeable source)
            throws IOException {
        try {
            for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
                NetWeights.values(path, tensor.getKey(), tensor.getValue());
            }
        } catch (IOException | RuntimeException e) {
            source.close();
            throw e;
        }
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
    public MobileNetV3 block() {
        return net;
    }

    @Override
    public ModelPackage save(Path directory, ModelPackage.Extra extra) throws IOException {
        return ModelPackage.save(directory, net, description, extra);
    }

    @Override
    public float[] logits(FloatBuffer images, Shape shape) {
        description.requireImages(images, shape);
        if (description.architecture().task() == Task.DETECT) {
            description.requireSize(shape);
        }
        return runner("logits", () -> InferenceGraph.trace(description, net, null))
                .run(images.slice(), shape);
    }

    @Override
    public NDList features(FloatBuffer images, Shape shape) {
        description.architecture().requireTask(Task.CLASSIFY, "--features");
        description.requireImages(images, shape);
        Block embedding = net.embedding();
        float[] seen =
                runner("embedding", () -> InferenceGraph.trace(description, embedding, null))
                        .run(images.slice(), shape);
        NDList features = new NDList();
        features.add(array("embedding", new Shape(shape.get(0), seen.length / shape.get(0)), seen));
        Shape traced = InferenceGraph.tracedShape(description);
        FloatBuffer map = images.slice();
        for (Map.Entry<String, Block> stage : net.features().stages().entrySet()) {
            Shape input = traced;
            float[] values =
                    runner(stage.getKey(), () -> Graph.trace(stage.getValue(), input))
                            .run(map, shape);
            traced = stage.getValue().getOutputShapes(new Shape[] {traced})[0];
            shape = stage.getValue().getOutputShapes(new Shape[] {shape})[0];
            map = FloatBuffer.wrap(values);
            features.add(array(stage.getKey(), shape, values));
        }
        return features;
    }

    private static NDArray array(String name, Shape shape, float[] values) {
        NDArray array = StoredArray.of(Tensor.of(shape, values));
        array.setName(name);
        return array;
    }

    /** Opens the graph the first time; reading its numbers from the file takes long. */
    private synchronized GraphRunner runner(String name, Supplier<Graph> graph) {
        return runners.computeIfAbsent(
                name,
                unknown ->
                        NetEngine.requireVector().open(Passes.forInference(graph.get()), threads));
    }

    @Override
    public void close() {
        runners.values().forEach(GraphRunner::close);
        try {
            source.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
