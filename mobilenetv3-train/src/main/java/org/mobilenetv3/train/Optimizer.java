package org.mobilenetv3.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import org.mobilenetv3.torchscript.Script;

/**
 * Adam, AdamW, SGD and RMSProp, step for step as PyTorch and TensorFlow compute them; DJL's own
 * keep their state to themselves, round {@code 1 - beta2} to float, decay every parameter, and lack
 * Nesterov and RMSProp on PyTorch.
 *
 * <p>One step over all parameters is one native call of TorchScript, fused where libtorch has such
 * a kernel. Weight decay acts on weights only, not on biases nor on batch norm. Used by one thread,
 * with autograd off.
 */
public final class Optimizer implements AutoCloseable {

    /** The update rule. */
    public enum Kind {
        /** Kingma and Ba 2015; weight decay added to the gradient. */
        ADAM(2, 0, FUSED_ADAM.formatted("adam")),
        /** Loshchilov and Hutter 2019; weight decay apart from the gradient. */
        ADAMW(2, 0, FUSED_ADAM.formatted("adamw")),
        /** Momentum 0.9, no dampening; weight decay added to the gradient. */
        SGD(1, 0, FUSED_SGD.formatted("False")),
        /** {@link #SGD} with Nesterov's momentum. */
        NESTEROV(1, 0, FUSED_SGD.formatted("True")),
        /**
         * PyTorch's RMSProp as torchvision trains MobileNetV3: 0.9, epsilon 0.0316, momentum 0.9.
         */
        RMSPROP(2, 0, TORCH_RMSPROP),
        /** TensorFlow's RMSProp as timm trains MobileNetV3: 0.9, epsilon 0.001, momentum 0.9. */
        RMSPROP_TF(2, 1, TENSORFLOW_RMSPROP);

        private final int states;
        private final float first;
        private final String source;

        Kind(int states, float first, String source) {
            this.states = states;
            this.first = first;
            this.source = source;
        }

        @Override
        public String toString() {
            return RecipeKey.lower(this);
        }
    }

    private static final String FUSED_ADAM =
            """
                    steps = annotate(List[Tensor], [])
                    for i in range(torch.len(p)):
                      _0 = torch.append(steps, torch.to(torch.select(h, 0, 1), 6))
                    none = annotate(List[Tensor], [])
                    torch._fused_%s_(p, g, a, b, none, steps, lr=lr, beta1=0.9, beta2=0.999, weight_decay=wd, eps=1.0E-8, amsgrad=False, maximize=False)
            """;
    private static final String FUSED_SGD =
            """
                    torch._fused_sgd_(p, g, a, weight_decay=wd, momentum=0.9, lr=lr, dampening=0.0, nesterov=%s, maximize=False, is_first_step=False)
            """;

    /** {@code clip_grad_norm_}: all gradients together, before any decay. */
    private static final String CLIP =
            """
                all = %s
                norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(all)))
                scale = torch.clamp_max(torch.mul(torch.reciprocal(torch.add(norm, 1.0E-6)), %s), 1.0)
                for i in range(torch.len(all)):
                  _0 = torch.mul_(all[i], scale)
            """;

    private static final String DECAY =
            """
                    if torch.gt(wd, 0.0):
                      g = torch._foreach_add(g, p, alpha=wd)
                    else:
                      pass
            """;
    private static final String TORCH_RMSPROP =
            DECAY
                    + """
                    torch._foreach_mul_(a, 0.9)
                    torch._foreach_addcmul_(a, g, g, 0.1)
                    d = torch._foreach_sqrt(a)
                    torch._foreach_add_(d, 0.0316)
                    torch._foreach_mul_(b, 0.9)
                    torch._foreach_addcdiv_(b, g, d, 1.0)
                    torch._foreach_add_(p, b, alpha=torch.neg(lr))
            """;
    private static final String TENSORFLOW_RMSPROP =
            DECAY
                    + """
                    torch._foreach_mul_(a, 0.9)
                    torch._foreach_addcmul_(a, g, g, 0.1)
                    d = torch._foreach_add(a, 0.001)
                    torch._foreach_sqrt_(d)
                    torch._foreach_mul_(b, 0.9)
                    torch._foreach_addcdiv_(b, g, d, lr)
                    torch._foreach_add_(p, b, alpha=-1.0)
            """;

    /** Fused kernels change parameters uncounted; this counts, for whoever holds a copy. */
    private static final String TOUCH =
            """
                  _2 = torch.zero_(torch.slice(torch.flatten(p[0]), 0, 0, 0))
                else:
                  pass
            """;

    /** Parameters that are treated alike, as PyTorch's {@code param_groups}. */
    private record Group(double rate, boolean decays) {}

    private final Kind kind;
    private final NDManager manager;
    private final List<NDArray> parameters = new ArrayList<>();
    private final List<NDArray> states = new ArrayList<>();

    /** Positions of each group's parameters; its lists carry the group's own position. */
    private final Map<Group, List<Integer>> groups = new LinkedHashMap<>();

    private final Script script;
    private final TensorLists lists;
    private long steps;

    /**
     * Creates an optimizer for the trainable parameters of a net.
     *
     * @param kind the update rule
     * @param weightDecay share of each weight removed per unit of learning rate
     * @param clipNorm largest norm of all gradients together, as PyTorch's {@code clip_grad_norm_};
     *     0 for any
     * @param rates share of the learning rate by parameter name, as rates of PyTorch's {@code
     *     param_groups}
     * @param net names and parameters, initialised
     * @param parent where the state lives
     */
    Optimizer(
            Kind kind,
            double weightDecay,
            double clipNorm,
            ToDoubleFunction<String> rates,
            Iterable<Pair<String, Parameter>> net,
            NDManager parent) {
        this.kind = kind;
        manager = parent.newSubManager();
        lists = new TensorLists(manager);
        for (Pair<String, Parameter> entry : net) {
            if (entry.getValue().requiresGradient()) {
                NDArray array = entry.getValue().getArray();
                // One-dimensional parameters are biases and batch norm's.
                boolean decays = array.getShape().dimension() > 1;
                Group group = new Group(rates.applyAsDouble(entry.getKey()), decays);
                groups.computeIfAbsent(group, g -> new ArrayList<>()).add(parameters.size());
                parameters.add(array);
                for (int i = 0; i < kind.states; i++) {
                    float first = i == 0 ? kind.first : 0;
                    states.add(manager.full(array.getShape(), first, array.getDataType()));
                }
            }
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            for (char what : new char[] {'p', 'g', 'a', 'b'}) {
                names.add(list(what, i));
            }
        }
        script = new Script(manager, names, source(weightDecay, clipNorm));
        bind('p', parameters::get);
        for (int k = 0; k < kind.states; k++) {
            int state = k;
            bind((char) ('a' + k), i -> states.get(kind.states * i + state));
        }
    }

    /** Name of a list: parameters, gradients, first or second state of a group. */
    private static String list(char what, int group) {
        return what + "_" + group;
    }

    private void bind(char what, IntFunction<NDArray> from) {
        int group = 0;
        for (List<Integer> of : groups.values()) {
            script.bind(list(what, group++), of.stream().map(from::apply).toList());
        }
    }

    private String source(double weightDecay, double clipNorm) {
        StringBuilder source =
                new StringBuilder(
                        """
                          def step(self: __torch__.Net, h: Tensor) -> Tensor:
                            torch.set_grad_enabled(False)
                            rate = float(torch.select(h, 0, 0))
                        """);
        if (clipNorm > 0) {
            String all = "annotate(List[Tensor], [])";
            for (int i = 0; i < groups.size(); i++) {
                all = "torch.add(%s, self.%s)".formatted(all, list('g', i));
            }
            source.append(CLIP.formatted(all, clipNorm));
        }
        int index = 0;
        for (Group group : groups.keySet()) {
            source.append(
                    """
                        lr = torch.mul(rate, %s)
                        if torch.gt(torch.len(self.%s), 0):
                          p = self.%s
                          a = self.%s
                          b = self.%s
                          wd = %s
                          g = annotate(List[Tensor], [])
                          for i in range(torch.len(p)):
                            _1 = torch.append(g, torch.contiguous(self.%s[i], memory_format=0))
                    """
                            .formatted(
                                    Double.toString(group.rate),
                                    list('p', index),
                                    list('p', index),
                                    list('a', index),
                                    list('b', index),
                                    Double.toString(group.decays ? weightDecay : 0),
                                    list('g', index)));
            source.append(kind.source.indent(-2)).append(TOUCH);
            index++;
        }
        return source.append("    return h\n").toString();
    }

    /**
     * Moves every parameter against its gradient.
     *
     * @param gradients one for each trainable parameter, in the net's order
     * @param learningRate of this step
     */
    void step(NDList gradients, double learningRate) {
        steps++;
        bind('g', gradients::get);
        double[] numbers = {learningRate, steps};
        try (NDArray h = manager.create(numbers)) {
            script.call("step", h).close();
        }
    }

    /**
     * Writes the step count and the state, to go on later exactly from here.
     *
     * @param out where to write
     * @throws IOException if writing fails
     */
    void save(DataOutputStream out) throws IOException {
        out.writeLong(steps);
        TensorLists.write(out, states);
    }

    /**
     * Reads what {@link #save} wrote for the same kind and net.
     *
     * @param in where to read
     * @throws IOException if the state is cut short or is of another net
     */
    void load(DataInputStream in) throws IOException {
        steps = in.readLong();
        lists.read(in, states, "state of " + kind);
    }

    @Override
    public void close() {
        script.close();
        lists.close();
        manager.close();
    }
}
