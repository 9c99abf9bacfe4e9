package org.mobilenetv3.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.torchscript.Script;
import org.mobilenetv3.train.recipe.UpdateRule;

/**
 * Adam, AdamW, SGD and RMSProp, step for step as PyTorch and TensorFlow compute them; DJL's own
 * keep their state to themselves, round {@code 1 - beta2} to float, decay every parameter, and lack
 * Nesterov and RMSProp on PyTorch.
 *
 * <p>One step over all parameters is one native call of TorchScript, fused where libtorch has such
 * a kernel. Weight decay acts on weights only, not on biases nor on batch norm. Used by one thread,
 * with autograd off.
 */
final class Optimizer implements AutoCloseable {

    private static final float FIRST_SCALE = 65536;
    private static final String STEP = "step";
    private static final String SCALE = "scaler.scale";
    private static final String GOOD_STEPS = "scaler.good_steps";

    private final OptimizerScript.Rule rule;
    private final NDManager manager;
    private final List<String> names = new ArrayList<>();
    private final List<NDArray> parameters = new ArrayList<>();

    /** For each of the rule's states, one array for each parameter. */
    private final List<List<NDArray>> states;

    /** Positions of each group's parameters; its lists carry the group's own position. */
    private final Map<OptimizerScript.Group, List<Integer>> groups = new LinkedHashMap<>();

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
     * @param net names and parameters, initialized
     * @param parent where the state lives
     * @throws IllegalArgumentException if gradients are scaled and the rule cannot leave a step out
     */
    Optimizer(
            UpdateRule kind,
            double weightDecay,
            double clipNorm,
            ToDoubleFunction<String> rates,
            boolean scales,
            Iterable<Pair<String, Parameter>> net,
            NDManager parent) {
        rule = OptimizerScript.Rule.of(kind);
        if (scales && !rule.canSkipSteps()) {
            throw new IllegalArgumentException(
                    "--precision fp16 skips steps whose gradients overflow, which %s cannot; use adam, adamw, sgd or nesterov, or --precision bf16."
                            .formatted(kind));
        }
        this.scales = scales;
        manager = parent.newSubManager();
        lists = new TensorLists(manager);
        for (Pair<String, Parameter> entry : net) {
            if (entry.getValue().requiresGradient()) {
                NDArray array = entry.getValue().getArray();
                // One-dimensional parameters are biases and batch norm's.
                boolean decays = array.getShape().dimension() > 1;
                OptimizerScript.Group group =
                        new OptimizerScript.Group(rates.applyAsDouble(entry.getKey()), decays);
                groups.computeIfAbsent(group, g -> new ArrayList<>()).add(parameters.size());
                names.add(entry.getKey());
                parameters.add(array);
            }
        }
        states =
                IntStream.range(0, rule.states().size())
                        .mapToObj(k -> filled(k == 0 ? rule.initial() : 0))
                        .toList();
        counts = Stream.of(0f, 0f, FIRST_SCALE).map(this::scalar).toList();
        good = manager.zeros(new Shape(), DataType.INT32);
        OptimizerScript program =
                new OptimizerScript(
                        rule, List.copyOf(groups.keySet()), weightDecay, clipNorm, scales);
        script = new Script(manager, program.lists(), program.source());
        script.bind(OptimizerScript.COUNTS, counts);
        script.bind(OptimizerScript.GOOD, List.of(good));
        bind(OptimizerScript.PARAMS, parameters::get);
        for (int k = 0; k < states.size(); k++) {
            bind(rule.states().get(k), states.get(k)::get);
        }
    }

    private List<NDArray> filled(float value) {
        return parameters.stream()
                .map(p -> manager.full(p.getShape(), value, p.getDataType()))
                .toList();
    }

    private NDArray scalar(float value) {
        return manager.full(new Shape(), value, DataType.FLOAT32);
    }

    /** What gradients are to be multiplied with, a scalar on the device; null for nothing. */
    NDArray scale() {
        return scales ? counts.get(2) : null;
    }

    private void bind(String what, IntFunction<NDArray> from) {
        int group = 0;
        for (List<Integer> of : groups.values()) {
            script.bind(OptimizerScript.list(what, group++), of.stream().map(from::apply).toList());
        }
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
        bind(OptimizerScript.GRADS, gradients::get);
        script.call("step", rate).close();
    }

    /**
     * Returns the state, to go on later exactly from here: {@code step}, {@code NAME.STATE} for
     * each parameter under PyTorch's names, and with scaled gradients {@code scaler.scale} and
     * {@code scaler.good_steps}.
     *
     * @return tensors by name; their numbers are read when asked for
     */
    Map<String, Tensor> state() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put(STEP, Tensor.scalar((long) counts.get(0).getFloat()));
        if (scales) {
            all.put(SCALE, Tensor.of(new Shape(), new float[] {counts.get(2).getFloat()}));
            all.put(GOOD_STEPS, Tensor.scalar(good.getInt()));
        }
        for (int k = 0; k < states.size(); k++) {
            all.putAll(TensorLists.named(names, rule.states().get(k), states.get(k)));
        }
        return all;
    }

    /**
     * Takes over what {@link #state} returned for the same kind and net.
     *
     * @param saved at least these tensors
     * @throws IOException if one is missing or of another net
     */
    void restore(Map<String, Tensor> saved) throws IOException {
        set(counts.get(0), scalar(TensorLists.number(saved, STEP)));
        if (scales) {
            set(counts.get(2), scalar(TensorLists.number(saved, SCALE)));
            set(good, manager.create((int) TensorLists.number(saved, GOOD_STEPS)));
        }
        for (int k = 0; k < states.size(); k++) {
            lists.restore(names, rule.states().get(k), states.get(k), saved);
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
