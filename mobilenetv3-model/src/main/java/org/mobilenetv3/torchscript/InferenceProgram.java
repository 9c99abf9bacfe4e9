package org.mobilenetv3.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.graph.Weight;

/** A net's inference mode: a snapshot of its parameters with batch norm folded in. */
final class InferenceProgram {

    private final List<NDArray> arrays;
    private final Script script;
    private final NDManager manager;
    private final long version;

    private InferenceProgram(Graph graph, Map<Parameter, NDArray> parameters, Precision half) {
        arrays = new ArrayList<>(parameters.values());
        manager = arrays.get(0).getManager().newSubManager();
        Kernels kernels = Kernels.of(arrays.get(0).getDevice());
        Program program =
                new Program(
                        Passes.forInference(graph), new Emitter.Style(kernels, false, true, half));
        String method =
                "  def forward(self: __torch__.Net, x: Tensor) -> Tensor:\n%s    return y\n";
        script =
                new Script(
                        manager, List.of("parameters", "w", "c"), method.formatted(program.body()));
        script.bind("parameters", arrays);
        version = script.version("parameters");
        List<NDArray> folded = new ArrayList<>();
        for (Weight weight : program.weights()) {
            folded.add(manager.create(weight.values().get(), weight.shape()).duplicate());
        }
        script.bind("w", folded);
        script.bind("c", program.constants(manager));
    }

    /** Makes a new snapshot; the old one's memory is given back. */
    static InferenceProgram renew(
            InferenceProgram old, Graph graph, Map<Parameter, NDArray> parameters, Precision half) {
        InferenceProgram renewed = new InferenceProgram(graph, parameters, half);
        if (old != null && old.manager.isOpen()) {
            old.script.close();
            old.manager.close();
        }
        return renewed;
    }

    boolean isCurrent(Map<Parameter, NDArray> parameters) {
        return manager.isOpen()
                && Program.same(arrays, parameters)
                && script.version("parameters") == version;
    }

    NDArray forward(NDArray x) {
        return script.infer("forward", x);
    }
}
