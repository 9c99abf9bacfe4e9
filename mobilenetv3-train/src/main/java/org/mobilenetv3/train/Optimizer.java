package org.mobilenetv3.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
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
import java.util.stream.Stream;
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
                      _0 = torch.append(steps, self.s[0])
                    none = annotate(List[Tensor], [])
                    torch._fused_%s_(p, g, a, b, none, steps, lr=lr, beta1=0.9, beta2=0.999, weight_decay=wd, eps=1.0E-8, amsgrad=False, maximize=False, found_inf=overflow)
            """;
    private static final String FUSED_SGD =
            """
                    torch._fused_sgd_(p, g, a, weight_decay=wd, momentum=0.9, lr=lr, dampening=0.0, nesterov=%s, maximize=False, is_first_step=False, found_inf=overflow)
            """;

    /**
     * PyTorch's {@code GradScaler}: divides by the scale; a step that a gradient beyond 16 bits
     * spoils is left out and halves the scale, 2000 good ones double it.
     */
    private static final String UNSCALE =
            """
                all = %s
                found = torch.zero_(self.s[1])
                torch._amp_foreach_non_finite_check_and_unscale_(all, found, torch.reciprocal(self.s[2]))
                _3 = torch.add_(self.s[0], torch.sub(1.0, found))
                _4 = torch._amp_update_scale_(self.s[2], self.t[0], found, 2.0, 0.5, 2000)
                overflow = annotate(Optional[Tensor], found)
            """;

    private static final String UNSCALED =
            """
                _3 = torch.add_(self.s[0], 1.0)
                overflow = annotate(Optional[Tensor], None)
            """;

    private static final float FIRST_SCALE = 65536;

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
                    torch._foreach_sub_(p, torch._foreach_mul(b, lr))
            """;
    private static final String TENSORFLOW_RMSPROP =
            DECAY
                    + """
                    torch._foreach_mul_(a, 0.9)
                    torch._foreach_addcmul_(a, g, g, 0.1)
                    d = torch._foreach_add(a, 0.001)
                    torch._foreach_sqrt_(d)
                    torch._foreach_mul_(b, 0.9)
                    torch._foreach_addcdiv_(b, torch._foreach_mul(g, lr), d, 1.0)
                    torch._foreach_sub_(p, b)
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

    /** Steps so far, a gradient beyond 16 bits (0 or 1), the scale: on the device, scalars. */
    private final List<NDArray> counts;

    /** Good steps since the scale changed. */
    private final NDArray good;

    private final boolean scales;
    private final Script script;
    private final TensorLists lists;

    /**
     * Creates an optimizer for the trainable parameters of a net.
     *
     * @param kind the update rule
     * @param weightDecay share of each weight removed per unit of learning rate
     * @param clipNorm largest norm of all gradients together, as PyTorch's {@code clip_grad_norm_};
     *     0 for any
     * @param rates share of the learning rate by parameter name, as rates of PyTorch's {@code
     *     param_groups}
     * @param scales whether gradients come multiplied with {@link #scale()}, as fp16 wants it
     * @param net names and parameters, initialised
     * @param parent where the state lives
     * @throws IllegalArgumentException if gradients are scaled and the rule cannot leave a step out
     */
    Optimizer(
            Kind kind,
            double weightDecay,
            double clipNorm,
            ToDoubleFunction<String> rates,
            boolean scales,
            Iterable<Pair<String, Parameter>> net,
            NDManager parent) {
        if (scales && !kind.source.contains("found_inf")) {
            throw new IllegalArgumentException(
                    "--precision fp16 leaves steps out whose gradients overflow, which %s cannot; use adam, adamw, sgd or nesterov, or --precision bf16."
                            .formatted(kind));
        }
        this.kind = kind;
        this.scales = scales;
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
        counts = Stream.of(0f, 0f, FIRST_SCALE).map(this::scalar).toList();
        good = manager.zeros(new Shape(), DataType.INT32);
        List<String> names = new ArrayList<>(List.of("s", "t"));
        for (int i = 0; i < groups.size(); i++) {
            for (char what : new char[] {'p', 'g', 'a', 'b'}) {
                names.add(list(what, i));
            }
        }
        script = new Script(manager, names, source(weightDecay, clipNorm));
        script.bind("s", counts);
        script.bind("t", List.of(good));
        bind('p', parameters::get);
        for (int k = 0; k < kind.states; k++) {
            int state = k;
            bind((char) ('a' + k), i -> states.get(kind.states * i + state));
        }
    }

    private NDArray scalar(float value) {
        return manager.full(new Shape(), value, DataType.FLOAT32);
    }

    /** What gradients are to be multiplied with, a scalar on the device; null for nothing. */
    NDArray scale() {
        return scales ? counts.get(2) : null;
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
                            rate = torch.select(h, 0, 0)
                        """);
        String all = "annotate(List[Tensor], [])";
        for (int i = 0; i < groups.size(); i++) {
            all = "torch.add(%s, self.%s)".formatted(all, list('g', i));
        }
        source.append(scales ? UNSCALE.formatted(all) : UNSCALED);
        if (clipNorm > 0) {
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
        // libtorch reads a rate on a GPU as a float, one on the CPU as what it is.
        boolean gpu = manager.getDevice().isGpu();
        try (NDArray rate =
                gpu
                        ? manager.create(new float[] {(float) learningRate})
                        : manager.create(new double[] {learningRate})) {
            step(gradients, rate);
        }
    }

    /**
     * Moves every parameter against its gradient, and reads nothing from the device.
     *
     * @param gradients one for each trainable parameter, in the net's order
     * @param rate learning rate, the first of one or more values on the device
     */
    void step(NDList gradients, NDArray rate) {
        bind('g', gradients::get);
        script.call("step", rate).close();
    }

    /**
     * Writes the step count and the state, to go on later exactly from here.
     *
     * @param out where to write
     * @throws IOException if writing fails
     */
    void save(DataOutputStream out) throws IOException {
        out.writeLong((long) counts.get(0).getFloat());
        TensorLists.write(out, states);
        if (scales) {
            out.writeFloat(counts.get(2).getFloat());
            out.writeInt(good.getInt());
        }
    }

    /**
     * Reads what {@link #save} wrote for the same kind and net.
     *
     * @param in where to read
     * @throws IOException if the state is cut short or is of another net
     */
    void load(DataInputStream in) throws IOException {
        set(counts.get(0), scalar((float) in.readLong()));
        lists.read(in, states, "state of " + kind);
        if (scales) {
            set(counts.get(2), scalar(in.readFloat()));
            set(good, manager.create(in.readInt()));
        }
    }

    /** Changes a scalar where it is, since recordings know its place. */
    private void set(NDArray to, NDArray value) {
        try (value) {
            lists.copy(List.of(to), List.of(value));
        }
    }

    @Override
    public void close() {
        script.close();
        lists.close();
        manager.close();
    }
}
