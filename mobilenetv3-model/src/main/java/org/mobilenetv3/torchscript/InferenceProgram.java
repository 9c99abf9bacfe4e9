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

    /**
     * The state is the number of changes in place, or -1 once DJL's {@code set} has given a
     * parameter other memory, which nothing counts.
     */
    private static final String METHODS =
            """
              def remember(self: __torch__.Net) -> int:
                seen = annotate(List[Tensor], [])
                for i in range(torch.len(self.parameters)):
                  _0 = torch.append(seen, torch.detach(self.parameters[i]))
                self.seen = seen
                return (self).state()
              def state(self: __torch__.Net) -> int:
                parameters = self.parameters
                seen = self.seen
                changes = 0
                same = 0
                for i in range(torch.len(seen)):
                  p = parameters[i]
                  changes = torch.add(changes, torch._version(p))
                  same = torch.add(same, int(torch.is_set_to(p, seen[i])))
                if torch.eq(same, torch.len(seen)):
                  n = changes
                else:
                  n = -1
                return n
              def forward(self: __torch__.Net, x: Tensor) -> Tensor:
            %s    return y
            """;

    private final List<NDArray> arrays;
    private final Script script;
    private final NDManager manager;

    /** Null on the CPU, and where CUDA graphs cannot be captured. */
    private final CapturedInference captured;

    private final long state;
    private final long trainings;

    private InferenceProgram(
            Graph graph, Map<Parameter, NDArray> parameters, Emitter.Style style, long trainings) {
        this.trainings = trainings;
        arrays = new ArrayList<>(parameters.values());
        manager = arrays.get(0).getManager().newSubManager();
        Program program = new Program(Passes.forInference(graph), style);
        script =
                new Script(
                        manager,
                        List.of("parameters", "seen", "w", "c"),
                        METHODS.formatted(program.body()));
        if (style.precision() == Precision.TF32) {
            script.allowTf32();
        }
        script.bind("parameters", arrays);
        state = script.ask("remember");
        List<NDArray> folded = new ArrayList<>();
        for (Weight weight : program.weights()) {
            folded.add(manager.create(weight.values().get(), weight.shape()).duplicate());
        }
        script.bind("w", folded);
        script.bind("c", program.constants(manager));
        boolean captures = manager.getDevice().isGpu() && CudaGraph.isAvailable();
        captured = captures ? new CapturedInference(script, manager) : null;
    }

    /** Makes a new snapshot; the old one's memory is given back. */
    static InferenceProgram renew(
            InferenceProgram old,
            Graph graph,
            Map<Parameter, NDArray> parameters,
            Emitter.Style style,
            long trainings) {
        InferenceProgram renewed = new InferenceProgram(graph, parameters, style, trainings);
        if (old != null && old.manager.isOpen()) {
            if (old.captured != null) {
                old.captured.close();
            }
            old.script.close();
            old.manager.close();
        }
        return renewed;
    }

    boolean isCurrent(Map<Parameter, NDArray> parameters, long trainingsNow) {
        return trainings == trainingsNow
                && manager.isOpen()
                && Program.same(arrays, parameters)
                && script.ask("state") == state;
    }

    NDArray forward(NDArray x) {
        return captured == null ? script.infer("forward", x) : captured.forward(x);
    }
}
