package org.mobilenetv3.torchscript;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.torchscript.Emitter.Mode;

/**
 * Runs a block as one native call instead of one per operation.
 *
 * <p>The block is traced and written as TorchScript once for each image size, device and mode, or
 * for inference once for all sizes. In training its parameters are used and updated where they are;
 * gradients come from autograd. For inference batch norm is folded into a copy of the weights,
 * which is renewed when a parameter changes. Threads may run inference side by side, but not while
 * a parameter changes: the copy that they use is then given back.
 */
public final class CompiledNet {

    /** Images on which no layer before the last pool sees a single pixel. */
    private static final int LARGE = 224;

    private final Block net;
    private final Precision precision;

    /** Whether one program infers images of all sizes. */
    private final boolean anySize;

    private final Function<Device, Kernels> kernels;
    private final Map<Key, TrainingProgram> training = new ConcurrentHashMap<>();
    private final Map<Key, InferenceProgram> inference = new ConcurrentHashMap<>();

    /** Training mode changes running statistics, unseen by libtorch's count of changes. */
    private final AtomicLong trainings;

    /** What a program is written for; height and width are 0 if it is for any. */
    private record Key(Device device, long channels, long height, long width) {}

    /**
     * Prepares a block; nothing is compiled before the first use.
     *
     * @param net the block, {@code (N, C, H, W)} to one output
     * @param precision what to compute in, or null for 32 bits throughout
     */
    public CompiledNet(Block net, Precision precision) {
        this(net, precision, false);
    }

    /**
     * Prepares a block; nothing is compiled before the first use.
     *
     * @param net the block, {@code (N, C, H, W)} to one output
     * @param precision what to compute in, or null for 32 bits throughout
     * @param anySize whether to infer images of all sizes with one program, as is better where few
     *     images have the same; they must be images, not feature maps of few pixels
     */
    public CompiledNet(Block net, Precision precision, boolean anySize) {
        this(net, precision, anySize, Kernels::of, new AtomicLong());
    }

    CompiledNet(Block net, Precision precision, Function<Device, Kernels> kernels) {
        this(net, precision, false, kernels, new AtomicLong());
    }

    private CompiledNet(
            Block net,
            Precision precision,
            boolean anySize,
            Function<Device, Kernels> kernels,
            AtomicLong trainings) {
        this.net = net;
        this.precision = precision;
        this.anySize = anySize;
        this.kernels = kernels;
        this.trainings = trainings;
    }

    /**
     * Prepares another block that has parameters in common with this net, to be computed in the
     * same way: each notices what the other's training does to running statistics.
     *
     * @param block the block, {@code (N, C, H, W)} to one output
     * @return the block's own compiled form
     */
    public CompiledNet sharing(Block block) {
        return new CompiledNet(block, precision, false, kernels, trainings);
    }

    /**
     * Computes the block's output.
     *
     * @param store gives the parameters on the input's device
     * @param x the input, {@code (N, C, H, W)}; its manager owns the result
     * @param train whether batch norm uses batch statistics, dropout drops and autograd may record
     * @return the output
     */
    public NDArray forward(ParameterStore store, NDArray x, boolean train) {
        return train ? training(store, x, Loss.CLASSES).forward(x) : inference(store, x).forward(x);
    }

    /**
     * Computes cross entropy and gradients of one batch.
     *
     * @param store gives the parameters on the input's device
     * @param x the input, {@code (N, C, H, W)}; its manager owns the results
     * @param targets {@code (N, classes)}, as for {@link Loss#CLASSES}
     * @return the loss, the logits and the gradients
     */
    public Learned learn(ParameterStore store, NDArray x, NDArray targets) {
        return learn(store, x, Loss.CLASSES, List.of(targets), null);
    }

    /**
     * Computes loss and gradients of one batch.
     *
     * @param store gives the parameters on the input's device
     * @param x the input, {@code (N, C, H, W)}; its manager owns the results
     * @param loss what is learned
     * @param targets of the loss
     * @param scale what the gradients, but not the loss, are multiplied with, a scalar: in 16 bits
     *     without a wide range small ones would become 0; or null for 1
     * @return the loss, the output and the gradients
     */
    public Learned learn(
            ParameterStore store, NDArray x, Loss loss, List<NDArray> targets, NDArray scale) {
        NDList result = training(store, x, loss).learn(x, targets, scale);
        return new Learned(result.get(0), result.get(1), result.subNDList(2));
    }

    /**
     * Says that parameters have learned unseen, as when a recording of {@link #learn} is replayed:
     * inference then takes them over anew.
     */
    public void learnedUnseen() {
        trainings.incrementAndGet();
    }

    /**
     * Returns whether gradients need a scale: fp16 has too little range for them.
     *
     * @return whether to give one to {@link #learn}
     */
    public boolean wantsScale() {
        return precision == Precision.FP16;
    }

    /**
     * What one batch teaches.
     *
     * @param loss a scalar
     * @param output the net's, such as logits {@code (N, classes)}
     * @param gradients one for each trainable parameter, in the order of {@code getParameters()}
     */
    public record Learned(NDArray loss, NDArray output, NDList gradients) {}

    private TrainingProgram training(ParameterStore store, NDArray x, Loss loss) {
        trainings.incrementAndGet();
        Map<Parameter, NDArray> arrays = Program.arrays(net, store, x.getDevice(), true);
        return training.compute(
                key(x),
                (key, known) -> {
                    if (known != null && known.isFor(arrays, loss)) {
                        return known;
                    }
                    if (known != null) {
                        known.close();
                    }
                    return new TrainingProgram(
                            graph(key), net, arrays, style(key, Mode.TRAINING), loss);
                });
    }

    private InferenceProgram inference(ParameterStore store, NDArray x) {
        Map<Parameter, NDArray> arrays = Program.arrays(net, store, x.getDevice(), false);
        Key sized = key(x);
        Key key = anySize ? new Key(sized.device, sized.channels, 0, 0) : sized;
        InferenceProgram known = inference.get(key);
        if (known != null && known.isCurrent(arrays, trainings.get())) {
            return known;
        }
        return inference.compute(
                key,
                (k, other) ->
                        other != null && other.isCurrent(arrays, trainings.get())
                                ? other
                                : InferenceProgram.renew(
                                        other,
                                        graph(k),
                                        arrays,
                                        style(k, Mode.INFERENCE),
                                        trainings.get()));
    }

    /** How many programs infer. */
    int inferencePrograms() {
        return inference.size();
    }

    private Emitter.Style style(Key key, Mode mode) {
        return new Emitter.Style(kernels.apply(key.device), mode, key.height > 0, precision);
    }

    private Graph graph(Key key) {
        return key.height > 0
                ? Graph.trace(net, new Shape(1, key.channels, key.height, key.width))
                : Graph.trace(net, new Shape(1, key.channels, LARGE, LARGE));
    }

    private static Key key(NDArray x) {
        Shape shape = x.getShape();
        if (shape.dimension() != 4) {
            throw new IllegalArgumentException(
                    "The net takes images (N, C, H, W) but was given " + shape + ".");
        }
        return new Key(x.getDevice(), shape.get(1), shape.get(2), shape.get(3));
    }
}
