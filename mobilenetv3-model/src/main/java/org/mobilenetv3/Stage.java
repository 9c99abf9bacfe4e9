package org.mobilenetv3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.norm.Dropout;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.nn.Chain;
import org.mobilenetv3.torchscript.CompiledNet;

/**
 * Consecutive layers of a net as a block of their own: the very same blocks under their names in
 * the net, computed as the net is. The first stage of a net normalizes as the net does.
 */
final class Stage extends Chain {

    private final transient MobileNetV3 net;
    private final boolean first;
    private transient volatile Compiled compiled = new Compiled(null, null);

    /** This stage's compiled form, and the net's from which it was made. */
    private record Compiled(CompiledNet whole, CompiledNet own) {}

    /**
     * Creates a stage.
     *
     * @param net whose layers it holds
     * @param first whether it begins with the net's first layer
     * @param layers some of the net's own, by their names there
     */
    Stage(MobileNetV3 net, boolean first, Map<String, Block> layers) {
        super(layers);
        this.net = net;
        this.first = first;
    }

    /** All of a net but the last linear layer and the dropout before it. */
    static Stage embedding(MobileNetV3 net) {
        net.architecture().requireTask(Task.CLASSIFY, "An embedding");
        Map<String, Block> layers = new LinkedHashMap<>(net.layers());
        List<String> names = List.copyOf(layers.keySet());
        layers.remove(names.get(names.size() - 1));
        layers.values().removeIf(Dropout.class::isInstance);
        return new Stage(net, true, layers);
    }

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        CompiledNet own = Graph.isTraced(x) ? null : compiled();
        if (own == null || (!training && x.hasGradient())) {
            return operations(store, x, training);
        }
        NDArray y = own.forward(store, x, training);
        if (training || !JniUtils.isGradMode()) {
            return y;
        }
        // Autograd refuses to keep what was made in inference mode, and a head may learn from it.
        try (y) {
            return y.duplicate();
        }
    }

    private NDArray operations(ParameterStore store, NDArray x, boolean training) {
        return first
                ? net.normalizing(x, input -> super.compute(store, input, training))
                : super.compute(store, x, training);
    }

    /** Follows the net's setting, which may change; null for operation by operation. */
    private CompiledNet compiled() {
        CompiledNet whole = net.compiled().orElse(null);
        Compiled known = compiled;
        if (known.whole != whole) {
            known = new Compiled(whole, whole == null ? null : whole.sharing(this));
            compiled = known;
        }
        return known.own;
    }

    @Override
    protected void checkInput(Shape input) {
        if (first) {
            net.checkInput(input);
        }
    }
}
