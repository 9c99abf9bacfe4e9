package org.mobilenetv3.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Weight;

/** A net's training mode, bound to its parameters. */
final class TrainingProgram {

    private final List<NDArray> arrays;
    private final List<Boolean> learning;
    private final Script script;

    /** Whether gradients are multiplied with a scale, the last argument. */
    private final boolean scaled;

    private final Loss loss;

    TrainingProgram(
            Graph graph,
            Block net,
            Map<Parameter, NDArray> parameters,
            Emitter.Style style,
            Loss loss) {
        this.loss = loss;
        arrays = new ArrayList<>(parameters.values());
        learning = learning(parameters);
        NDManager manager = arrays.get(0).getManager();
        Program program = new Program(graph, style);
        Precision precision = style.precision();
        scaled = precision == Precision.FP16;
        boolean half = precision != null && precision.isHalf();
        List<Weight> wide = new ArrayList<>();
        String source = methods(program, net, half ? wide : null);
        if (half) {
            source += PREPARE.formatted(precision.scalarType());
        }
        script = new Script(manager, List.of("w", "c", "wide", "narrow", "widened"), source);
        if (precision == Precision.TF32) {
            script.allowTf32();
        }
        script.bind("w", Program.ordered(program.weights(), net, parameters));
        script.bind("c", program.constants(manager));
        if (half) {
            script.bind("wide", Program.ordered(wide, net, parameters));
            script.call("prepare", arrays.get(0));
        }
    }

    /**
     * Makes room for copies of weights in 16 bits. A step fills all of them in one kernel on a GPU,
     * and widens their gradients in another, where a cast of each would take hundreds.
     */
    private static final String PREPARE =
            """
              def prepare(self: __torch__.Net, x: Tensor) -> Tensor:
                torch.set_grad_enabled(False)
                narrow = annotate(List[Tensor], [])
                for i in range(torch.len(self.wide)):
                  _0 = torch.append(narrow, torch.empty_like(self.wide[i], dtype=%s))
                self.narrow = narrow
                return x
            """;

    private static final String NARROW =
            """
                torch._foreach_copy_(self.narrow, self.wide)
                halves = annotate(List[Tensor], [])
                for i in range(torch.len(self.narrow)):
                  _1 = torch.append(halves, torch.requires_grad_(torch.detach(self.narrow[i])))
            """;

    /** libtorch 2.11 leaves out what is written into a list that only the method knows. */
    private static final String WIDEN =
            """
                narrow = annotate(List[Tensor], [])
                wide = annotate(List[Tensor], [])
                all = annotate(List[Tensor], [])
                for i in range(torch.len(gradients)):
                  n = gradients[i]
                  if torch.ne(ops.prim.dtype(n), 6):
                    f = torch.empty_like(n, dtype=6)
                    _2 = torch.append(narrow, n)
                    _3 = torch.append(wide, f)
                  else:
                    f = n
                  _4 = torch.append(all, f)
                self.widened = wide
                torch._foreach_copy_(self.widened, narrow)
                gradients = all
            """;

    /** The source; collects what is copied to 16 bits, unless that is null. */
    private String methods(Program program, Block net, List<Weight> wide) {
        boolean half = wide != null;
        String body =
                half
                        ? program.body(
                                w -> String.format(Locale.ROOT, "halves[%d]", position(wide, w)))
                        : program.body();
        Map<String, String> byName = new HashMap<>();
        program.weights().forEach(w -> byName.put(w.name(), program.element(w)));
        if (half) {
            wide.forEach(
                    w ->
                            byName.put(
                                    w.name(),
                                    String.format(Locale.ROOT, "halves[%d]", wide.indexOf(w))));
        }
        StringJoiner trainable = new StringJoiner(", ", "[", "]");
        for (Pair<String, Parameter> entry : net.getParameters()) {
            if (entry.getValue().requiresGradient()) {
                trainable.add(byName.get(entry.getKey()));
            }
        }
        return """
                  def forward(self: __torch__.Net, x: Tensor) -> Tensor:
                %s    return y
                  def learn(self: __torch__.Net, x: Tensor%s%s) -> Tuple[Tensor, Tensor, List[Tensor]]:
                    torch.set_grad_enabled(False)
                %s    torch.set_grad_enabled(True)
                %s%s    g = torch.autograd.grad([%s], %s)
                    torch.set_grad_enabled(False)
                    gradients = annotate(List[Tensor], [])
                    for i in range(torch.len(g)):
                      gi = g[i]
                      if torch.__isnot__(gi, None):
                        _0 = torch.append(gradients, unchecked_cast(Tensor, gi))
                      else:
                        pass
                %s    return (torch.detach(loss), torch.detach(y), gradients)
                """
                .formatted(
                        program.body(),
                        arguments(),
                        scaled ? ", s: Tensor" : "",
                        half ? NARROW : "",
                        body,
                        loss.source(),
                        scaled ? "torch.mul(loss, s)" : "loss",
                        trainable,
                        half ? WIDEN : "");
    }

    private String arguments() {
        StringBuilder arguments = new StringBuilder();
        loss.arguments().forEach(name -> arguments.append(", ").append(name).append(": Tensor"));
        return arguments.toString();
    }

    private static int position(List<Weight> wide, Weight weight) {
        if (!wide.contains(weight)) {
            wide.add(weight);
        }
        return wide.indexOf(weight);
    }

    boolean isFor(Map<Parameter, NDArray> parameters, Loss learned) {
        return loss == learned
                && Program.same(arrays, parameters)
                && learning.equals(learning(parameters));
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

    NDList learn(NDArray x, List<NDArray> targets, NDArray scale) {
        List<NDArray> arguments = new ArrayList<>(List.of(x));
        arguments.addAll(targets);
        if (!scaled) {
            return script.call("learn", arguments.toArray(NDArray[]::new));
        }
        try (NDArray one = scale == null ? x.getManager().ones(new Shape()) : null) {
            arguments.add(scale == null ? one : scale);
            return script.call("learn", arguments.toArray(NDArray[]::new));
        }
    }
}
