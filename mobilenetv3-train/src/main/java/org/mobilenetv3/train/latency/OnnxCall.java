package org.mobilenetv3.train.latency;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mobilenetv3.export.OnnxWriter;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.graph.Weight;
import org.mobilenetv3.trained.OnnxNet;

/** A net that ONNX Runtime runs, exported with random weights; needs no libtorch. */
final class OnnxCall implements NetCall {

    private final OrtSession session;
    private final OnnxTensor input;

    private OnnxCall(OrtSession session, OnnxTensor input) {
        this.session = session;
        this.input = input;
    }

    static OnnxCall open(Block net, Shape shape, int threads) throws IOException {
        Graph graph = Passes.forInference(weighted(Graph.trace(net, shape)));
        OrtEnvironment environment = OnnxPool.environment(threads);
        try (SessionOptions options = OnnxNet.options(threads)) {
            if (OnnxPool.isOf(threads)) {
                options.disablePerSessionThreads();
            } else {
                // The threads of nets that run in turns would wait busily for each other.
                options.addConfigEntry("session.force_spinning_stop", "1");
            }
            OrtSession session =
                    environment.createSession(OnnxWriter.write(graph, Map.of()), options);
            return new OnnxCall(
                    session, OnnxTensor.createTensor(environment, noise(shape), shape.getShape()));
        } catch (OrtException e) {
            throw new IOException("ONNX Runtime failed: " + e.getMessage(), e);
        }
    }

    private static FloatBuffer noise(Shape shape) {
        int size = Math.toIntExact(shape.size());
        FloatBuffer values =
                ByteBuffer.allocateDirect(size * Float.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer();
        Random random = new Random(0);
        for (int i = 0; i < size; i++) {
            values.put(i, (float) random.nextGaussian());
        }
        return values;
    }

    /** The graph with numbers that neither vanish nor explode. */
    private static Graph weighted(Graph graph) {
        List<Node> nodes =
                graph.nodes().stream()
                        .map(
                                node ->
                                        new Node(
                                                node.name(),
                                                weighted(node.op()),
                                                node.inputs(),
                                                node.output()))
                        .toList();
        return new Graph(graph.input(), graph.output(), nodes);
    }

    private static Op weighted(Op op) {
        if (op instanceof Op.Layer layer) {
            return layer.with(random(layer.weight()), same(layer.bias(), 0));
        }
        return op instanceof Op.BatchNorm norm
                ? new Op.BatchNorm(
                        same(norm.weight(), 1),
                        same(norm.bias(), 0),
                        same(norm.mean(), 0),
                        same(norm.variance(), 1),
                        norm.epsilon(),
                        norm.momentum())
                : op;
    }

    private static Weight random(Weight weight) {
        int size = Math.toIntExact(weight.shape().size());
        float[] values = new float[size];
        float scale = (float) Math.sqrt(1.5 * weight.shape().get(0) / size);
        Random random = new Random(size);
        for (int i = 0; i < size; i++) {
            values[i] = scale * (float) random.nextGaussian();
        }
        return with(weight, values);
    }

    private static Weight same(Weight weight, float value) {
        if (weight == null) {
            return null;
        }
        float[] values = new float[Math.toIntExact(weight.shape().size())];
        Arrays.fill(values, value);
        return with(weight, values);
    }

    private static Weight with(Weight weight, float[] values) {
        return new Weight(weight.name(), weight.shape(), weight.trainable(), () -> values);
    }

    @Override
    public void run() throws IOException {
        try (OrtSession.Result result = session.run(Map.of(OnnxNet.INPUT, input))) {
            ((OnnxTensor) result.get(0)).getFloatBuffer();
        } catch (OrtException e) {
            throw new IOException("ONNX Runtime failed: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        input.close();
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime cannot close: " + e.getMessage(), e);
        }
    }
}
