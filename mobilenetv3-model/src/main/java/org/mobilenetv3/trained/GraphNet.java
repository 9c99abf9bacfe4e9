package org.mobilenetv3.trained;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Task;
import org.mobilenetv3.graph.GraphRunner;
import org.mobilenetv3.graph.Passes;

/**
 * The net of a package, of a file of weights or of an exported ONNX file, computed from its graph
 * by a {@link GraphRunner}: neither opening nor computing it needs an engine of DJL's, libtorch or
 * ONNX Runtime. Several threads may ask it at once.
 */
public final class GraphNet implements TrainedNet {

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
        requireThreads(threads);
        InferenceGraph found = InferenceGraph.open(path, family);
        return new GraphNet(
                found.description(), found.notes(), engine.open(found.graph(), threads));
    }

    /**
     * Makes a net of a block.
     *
     * @param description of the net
     * @param net its block, initialized, which normalizes
     * @param threads for one call of {@link #logits}, at least 1
     * @param engine what computes
     * @return the net
     * @throws IllegalArgumentException if the engine does not compute such a net
     */
    public static GraphNet of(
            NetDescription description, Block net, int threads, GraphRunner.Provider engine) {
        requireThreads(threads);
        return new GraphNet(
                description,
                List.of(),
                engine.open(
                        Passes.forInference(InferenceGraph.trace(description, net, null)),
                        threads));
    }

    static void requireThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "The number of threads is %d, expected at least 1.",
                            threads));
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
