package org.mobilenetv3.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Weight;

/** A net's training mode, bound to its parameters. */
final class TrainingProgram {

    private final List<NDArray> arrays;
    private final List<Boolean> learning;
    private final Script script;

    /** Whether gradients are multiplied with a scale, the third argument. */
    private final boolean scaled;

    TrainingProgram(
            Graph graph, Block net, Map<Parameter, NDArray> parameters, Emitter.Style style) {
        arrays = new ArrayList<>(parameters.values());
        learning = learning(parameters);
        NDManager manager = arrays.get(0).getManager();
        Program program = new Program(graph, style);
        scaled = style.precision() == Precision.FP16;
        script = new Script(manager, List.of("w", "c"), methods(program, net));
        if (style.precision() == Precision.TF32) {
            script.allowTf32();
        }
        script.bind("w", Program.ordered(program.weights(), net, parameters));
        script.bind("c", program.constants(manager));
    }

    private String methods(Program program, Block net) {
        List<String> names = program.weights().stream().map(Weight::name).toList();
        StringJoiner trainable = new StringJoiner(", ", "[", "]");
        for (Pair<String, Parameter> entry : net.getParameters()) {
            if (entry.getValue().requiresGradient()) {
                trainable.add("self.w[%d]".formatted(names.indexOf(entry.getKey())));
            }
        }
        String body = program.body();
        return """
                  def forward(self: __torch__.Net, x: Tensor) -> Tensor:
                %s    return y
                  def learn(self: __torch__.Net, x: Tensor, t: Tensor%s) -> Tuple[Tensor, Tensor, List[Tensor]]:
                    torch.set_grad_enabled(True)
                %s    loss = torch.sum(torch.mul(torch.log_softmax(y, 1), t))
                    g = torch.autograd.grad([%s], %s)
                    torch.set_grad_enabled(False)
                    gradients = annotate(List[Tensor], [])
                    for i in range(torch.len(g)):
                      gi = g[i]
                      if torch.__isnot__(gi, None):
                        _0 = torch.append(gradients, unchecked_cast(Tensor, gi))
                      else:
                        pass
                    return (torch.detach(loss), torch.detach(y), gradients)
                """
                .formatted(
                        body,
                        scaled ? ", s: Tensor" : "",
                        body,
                        scaled ? "torch.mul(loss, s)" : "loss",
                        trainable);
    }

    boolean isFor(Map<Parameter, NDArray> parameters) {
        return Program.same(arrays, parameters) && learning.equals(learning(parameters));
    }

    /** Which parameters learn: freezing changes it. */
    private static List<Boolean> learning(Map<Parameter, NDArray> parameters) {
        return parameters.keySet().stream().map(Parameter::requiresGradient).toList();
    }

    /** Gives the module's memory back, once another takes its place. */
    void close() {
        script.close();
    }

    NDArray forward(NDArray x) {
        return script.call("forward", x).singletonOrThrow();
    }

    NDList learn(NDArray x, NDArray targets, NDArray scale) {
        if (!scaled) {
            return script.call("learn", x, targets);
        }
        if (scale != null) {
            return script.call("learn", x, targets, scale);
        }
        try (NDArray one = x.getManager().ones(new Shape())) {
            return script.call("learn", x, targets, one);
        }
    }
}
