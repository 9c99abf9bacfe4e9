package org.mobilenetv3.spark;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.GraphRunner;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.trained.GraphNet;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.NetEngine;
import org.mobilenetv3.trained.OnnxNet;
import org.mobilenetv3.trained.TrainedNet;

/** A net in an executor; several tasks may ask it at once. */
final class ExecutorNet implements AutoCloseable {

    /**
     * What a net answers to a batch of N images.
     *
     * @param logits {@code (N, classes)}
     * @param embeddings {@code (N, D)}, or null
     */
    @SuppressWarnings("ArrayRecordComponent") // only carried
    record Answer(float[] logits, float[] embeddings) {}

    /** Computes a batch. */
    @FunctionalInterface
    private interface Computer {
        Answer compute(FloatBuffer images, Shape shape) throws IOException;
    }

    private final NetDescription description;
    private final Computer computer;
    private final List<AutoCloseable> parts;

    private ExecutorNet(NetDescription description, Computer computer, AutoCloseable... parts) {
        this.description = description;
        this.computer = computer;
        this.parts = List.of(parts);
    }

    /** Makes a net of its graph, computed by the vector engine. */
    static ExecutorNet of(NetDescription description, Graph graph, int threads) {
        GraphRunner runner = NetEngine.requireVector().open(graph, threads);
        return new ExecutorNet(
                description,
                (images, shape) -> new Answer(runner.run(images, shape), null),
                runner);
    }

    /** Makes a net of its graph that also tells what its last layer reads. */
    static ExecutorNet withEmbedding(NetDescription description, Graph graph, int threads) {
        List<Node> nodes = graph.nodes();
        int last = lastLayer(nodes);
        Value embedding = nodes.get(last).input();
        GraphRunner.Provider engine = NetEngine.requireVector();
        GraphRunner trunk =
                engine.open(new Graph(graph.input(), embedding, nodes.subList(0, last)), threads);
        GraphRunner head =
                engine.open(
                        new Graph(embedding, graph.output(), nodes.subList(last, nodes.size())),
                        threads);
        return new ExecutorNet(
                description,
                (images, shape) -> {
                    float[] seen = trunk.run(images, shape);
                    Shape vectors = new Shape(shape.get(0), embedding.channels(), 1, 1);
                    return new Answer(head.run(FloatBuffer.wrap(seen), vectors), seen);
                },
                trunk,
                head);
    }

    private static int lastLayer(List<Node> nodes) {
        int last = nodes.size() - 1;
        while (!(nodes.get(last).op() instanceof Op.Layer)) {
            last--;
        }
        return last;
    }

    /** Makes a net of an exported file, run by its own runtime. */
    static ExecutorNet of(TrainedNet net) {
        if (net instanceof OnnxNet || net instanceof GraphNet) {
            return new ExecutorNet(
                    net.description(), (x, shape) -> new Answer(net.logits(x, shape), null), net);
        }
        Object turn = new Object(); // libtorch's threads are the whole process's
        return new ExecutorNet(
                net.description(),
                (x, shape) -> {
                    synchronized (turn) {
                        return new Answer(net.logits(x, shape), null);
                    }
                },
                net);
    }

    NetDescription description() {
        return description;
    }

    /**
     * Computes a batch.
     *
     * @param images {@code (N, C, H, W)}, scaled as the description says
     * @param shape of the images
     */
    Answer answer(FloatBuffer images, Shape shape) throws IOException {
        return computer.compute(images, shape);
    }

    @Override
    public void close() {
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
