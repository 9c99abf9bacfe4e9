package org.mobilenetv3.train.supernet;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.elastic.Window;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.nn.ParameterNames;
import org.mobilenetv3.torchscript.CompiledNet;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.torchscript.Loss;

/**
 * A subnet that computes with the very numbers of the larger net, without a copy: what one learns,
 * the other knows. Only its running statistics are its own. Used by one thread, with autograd off.
 */
public final class SharedNet implements AutoCloseable {

    private final MobileNetV3 net;
    private final CompiledNet compiled;
    private final NDManager scope;
    private final Map<String, Window> sources;

    /** Views of the larger net's arrays, and the own statistics. */
    private final Map<Parameter, NDArray> arrays = new HashMap<>();

    /**
     * Makes the net.
     *
     * @param subnet its place in the larger net; its dropout is left out
     * @param normalization of its input
     * @param momentum of its running statistics
     * @param execution how it is computed, not operation by operation
     * @param larger the larger net, initialized
     * @param parent where the views and the net's program live
     */
    public SharedNet(
            Subnet subnet,
            Normalization normalization,
            float momentum,
            Execution execution,
            Block larger,
            NDManager parent) {
        net =
                MobileNetV3.of(subnet.part().withDropout(0), normalization, momentum)
                        .setExecution(execution);
        compiled =
                net.compiled()
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "Subnets are compiled; leave out --no-compile."));
        scope = parent.newSubManager();
        sources = subnet.sources();
        Map<String, NDArray> all = new LinkedHashMap<>();
        for (Pair<String, Parameter> p : larger.getParameters()) {
            all.put(p.getKey(), p.getValue().getArray());
        }
        for (Pair<String, Parameter> p : net.getParameters()) {
            Window window = sources.get(p.getKey());
            boolean own = ParameterNames.isStatistic(p.getKey());
            NDArray array =
                    own
                            ? scope.full(
                                    window.shape(),
                                    p.getValue().getType() == Parameter.Type.RUNNING_VAR ? 1 : 0,
                                    DataType.FLOAT32)
                            : view(all.get(window.parameter()), window);
            if (!own) {
                array.setRequiresGradient(p.getValue().requiresGradient());
            }
            arrays.put(p.getValue(), array);
        }
    }

    private NDArray view(NDArray of, Window window) {
        NDIndex index = new NDIndex();
        for (int axis = 0; axis < window.shape().dimension(); axis++) {
            long from = window.from(axis);
            index.addSliceDim(from, from + window.shape().get(axis));
        }
        // Detached: to autograd it is an array of its own, whatever changes the larger one.
        try (NDArray view = of.get(scope, index)) {
            return view.stopGradient();
        }
    }

    private ParameterStore store(NDArray x) {
        return new ParameterStore(x.getManager(), false) {
            @Override
            public NDArray getValue(Parameter parameter, Device device, boolean training) {
                return arrays.get(parameter);
            }
        };
    }

    /**
     * Computes cross entropy and gradients of one batch.
     *
     * @param x images {@code (N, C, H, W)}; its manager owns the results
     * @param targets {@code (N, classes)}, as for {@link Loss#CLASSES}
     * @param scale of the gradients, or null
     * @return loss, logits and gradients
     */
    public Learned learn(NDArray x, NDArray targets, NDArray scale) {
        return compiled.learn(store(x), x, Loss.CLASSES, List.of(targets), scale);
    }

    /**
     * Computes logits as in training: with the batch's statistics, which move the running ones.
     *
     * @param x images {@code (N, C, H, W)}; its manager owns the result
     */
    public void observe(NDArray x) {
        compiled.forward(store(x), x, true).close();
    }

    /**
     * Finds the parts of the larger net's gradients that this net's own belong to.
     *
     * @param gradients of the larger net, by the names of its parameters that learn
     * @param manager of the views
     * @return views in the order of this net's gradients
     */
    public List<NDArray> within(Map<String, NDArray> gradients, NDManager manager) {
        List<NDArray> views = new ArrayList<>();
        for (Pair<String, Parameter> p : net.getParameters()) {
            if (p.getValue().requiresGradient()) {
                Window window = sources.get(p.getKey());
                NDArray view = view(gradients.get(window.parameter()), window);
                view.attach(manager);
                views.add(view);
            }
        }
        return views;
    }

    /**
     * Returns the running statistics.
     *
     * @return means and variances by their names, which {@link #observe} moves
     */
    public Map<String, NDArray> statistics() {
        Map<String, NDArray> statistics = new LinkedHashMap<>();
        for (Pair<String, Parameter> p : net.getParameters()) {
            if (ParameterNames.isStatistic(p.getKey())) {
                statistics.put(p.getKey(), arrays.get(p.getValue()));
            }
        }
        return statistics;
    }

    /** Gives the views and the program back; the larger net stays. */
    @Override
    public void close() {
        scope.close();
    }
}
