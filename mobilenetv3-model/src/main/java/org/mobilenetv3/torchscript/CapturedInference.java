package org.mobilenetv3.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A net's inference on a GPU, captured as a {@link CudaGraph} once inputs of one shape have come a
 * few times in a row, and replayed for as long as that shape comes. Threads take turns.
 */
final class CapturedInference implements AutoCloseable {

    /** Calls of one shape in a row before it is captured. */
    private static final int BEFORE_CAPTURE = 3;

    private static final String METHODS =
            """
              def put(self: __torch__.Net, x: Tensor) -> Tensor:
                return torch.copy_(self.input[0], x)
            """;

    private final Script script;
    private final NDManager manager;
    private final Script inputs;
    private Shape shape;
    private int inARow;
    private NDArray input;
    private NDArray output;
    private CudaGraph graph;

    /**
     * Prepares; nothing is captured before the shapes are known.
     *
     * @param script with a method {@code forward}
     * @param parent the GPU's manager
     */
    CapturedInference(Script script, NDManager parent) {
        this.script = script;
        manager = parent.newSubManager();
        inputs = new Script(manager, List.of("input"), METHODS);
    }

    /** The output for an input; the input's manager owns it. */
    NDArray forward(NDArray x) {
        NDArray replayed = replay(x);
        return replayed == null ? script.infer("forward", x) : replayed;
    }

    /** Null as long as this shape has not come often enough. */
    private synchronized NDArray replay(NDArray x) {
        inARow = x.getShape().equals(shape) ? inARow + 1 : 1;
        shape = x.getShape();
        if (inARow <= BEFORE_CAPTURE) {
            return null;
        }
        if (graph == null || !input.getShape().equals(shape)) {
            capture();
        }
        inputs.call("put", x).close();
        graph.replay();
        NDArray y = output.duplicate();
        y.attach(x.getManager());
        return y;
    }

    private void capture() {
        forget();
        input = manager.zeros(shape);
        inputs.bind("input", List.of(input));
        List<NDArray> outputs = new ArrayList<>();
        graph = CudaGraph.capture(manager, () -> outputs.add(script.infer("forward", input)));
        outputs.get(0).close();
        output = outputs.get(1);
    }

    private void forget() {
        if (graph != null) {
            output.toFloatArray(); // the GPU has done the last replay then
            graph.close();
            graph = null;
            output.close();
            input.close();
        }
    }

    @Override
    public synchronized void close() {
        forget();
        inputs.close();
        manager.close();
    }
}
