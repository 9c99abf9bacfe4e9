package org.mobilenetv3.train;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.torchscript.CompiledNet;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.torchscript.Loss;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.PackageNet;

/**
 * A net on one device, with its gradients. Used by one thread.
 *
 * @param model holds the net and its device; the caller closes it
 * @param net the net, initialized
 * @param compiled computes it in one call, or empty to go operation by operation
 * @param outputs size of the second axis of what it says of images: of logits, the classes
 */
public record Replica(Model model, Block net, Optional<CompiledNet> compiled, int outputs) {

    /**
     * Initializes a MobileNetV3 in a model.
     *
     * @param model where the weights will live
     * @param net the net, computed as its execution says
     * @param input shape of one image, {@code (1, C, H, W)}
     * @param seed of the weights
     * @param weights a package whose weights to start from, or null to initialize them
     * @return the replica
     * @throws IOException if the weights cannot be read
     */
    public static Replica of(Model model, MobileNetV3 net, Shape input, long seed, Path weights)
            throws IOException {
        return initialize(model, net, input, seed, weights, net.compiled());
    }

    /**
     * Initializes any block that can be traced in a model.
     *
     * @param model where the weights will live
     * @param net a classifier, {@code (N, C, H, W)} to {@code (N, classes)}
     * @param input shape of one image, {@code (1, C, H, W)}
     * @param seed of the weights
     * @return the replica, which computes the block compiled
     */
    public static Replica of(Model model, Block net, Shape input, long seed) {
        try {
            return initialize(
                    model, net, input, seed, null, Optional.of(new CompiledNet(net, null)));
        } catch (IOException e) {
            throw new IllegalStateException(e); // nothing is read
        }
    }

    private static Replica initialize(
            Model model,
            Block net,
            Shape input,
            long seed,
            Path weights,
            Optional<CompiledNet> compiled)
            throws IOException {
        // DJL leaves autograd on in every thread but the one that loaded the engine.
        JniUtils.setGradMode(false);
        Engine.getEngine("PyTorch").setRandomSeed(Long.hashCode(seed));
        model.setBlock(net);
        if (weights != null) {
            try {
                model.load(weights, ModelPackage.modelName(weights));
            } catch (MalformedModelException e) {
                throw new IOException(weights + " cannot be loaded: " + e.getMessage(), e);
            }
        }
        net.initialize(model.getNDManager(), DataType.FLOAT32, input);
        long outputs = net.getOutputShapes(new Shape[] {input})[0].get(1);
        return new Replica(model, net, compiled, Math.toIntExact(outputs));
    }

    /**
     * Takes over trained weights, but for layers that are for other classes.
     *
     * @param trained what the weights are of
     * @param from their net
     * @param classes that this net is to learn
     * @return names of the parameters that keep their own
     * @throws IOException if they cannot be read or are of another net
     */
    List<String> begin(StartingPoint trained, PackageNet from, List<String> classes)
            throws IOException {
        return trained.copyTo(net, from, classes, manager());
    }

    /** Where its arrays live. */
    NDManager manager() {
        return model.getNDManager();
    }

    /** Every parameter, running statistics too, in the order of the state dict. */
    List<NDArray> arrays() {
        return net.getParameters().values().stream().map(Parameter::getArray).toList();
    }

    /** Running means and variances that a step moves: those of layers that learn. */
    List<NDArray> statistics() {
        List<NDArray> found = new ArrayList<>();
        collectStatistics(net, found);
        return found;
    }

    private static void collectStatistics(Block block, List<NDArray> found) {
        List<Parameter> own =
                block instanceof BatchNorm ? block.getParameters().values() : List.of();
        if (own.stream().anyMatch(Parameter::requiresGradient)) {
            own.stream()
                    .filter(
                            p ->
                                    p.getType() == Parameter.Type.RUNNING_MEAN
                                            || p.getType() == Parameter.Type.RUNNING_VAR)
                    .forEach(p -> found.add(p.getArray()));
        }
        block.getChildren().values().forEach(child -> collectStatistics(child, found));
    }

    /**
     * Keeps parameters from learning.
     *
     * @param prefixes of state-dict names
     * @return those that learned before
     * @throws IllegalArgumentException if a prefix fits no parameter, or nothing is left to learn
     */
    List<Parameter> freeze(List<String> prefixes) {
        List<Parameter> frozen = Freezing.find(net, prefixes);
        frozen.forEach(p -> p.freeze(true));
        return frozen;
    }

    /**
     * Computes loss and gradients.
     *
     * @param x images {@code (N, C, H, W)}; its manager owns the results
     * @param loss what is learned
     * @param targets of the loss
     * @param scale what a net that {@link #wantsScale} multiplies its gradients with, or null
     * @return loss, output and gradients
     */
    Learned learn(NDArray x, Loss loss, List<NDArray> targets, NDArray scale) {
        ParameterStore store = new ParameterStore(x.getManager(), false);
        return compiled.isPresent()
                ? compiled.get().learn(store, x, loss, targets, scale)
                : operations(x.getManager(), store, x, loss, targets);
    }

    /** Whether gradients are to be multiplied with a scale, for 16 bits have too little range. */
    boolean wantsScale() {
        return compiled.isPresent() && compiled.get().wantsScale();
    }

    /**
     * Computes what the net says of images, in evaluation mode.
     *
     * @param images values of {@code shape}
     * @param shape {@code (N, C, H, W)}
     * @return its output, such as logits {@code (N, classes)}, flat
     */
    public float[] logits(FloatBuffer images, Shape shape) {
        JniUtils.setGradMode(false);
        ParameterStore store = new ParameterStore(manager(), false);
        try (NDManager scope = manager().newSubManager()) {
            NDList x = new NDList(scope.create(images, shape, DataType.FLOAT32));
            return net.forward(store, x, false).singletonOrThrow().toFloatArray();
        }
    }

    private Learned operations(
            NDManager scope, ParameterStore store, NDArray x, Loss what, List<NDArray> targets) {
        try (GradientCollector collector = scope.getEngine().newGradientCollector()) {
            NDArray y = net.forward(store, new NDList(x), true).singletonOrThrow();
            NDArray loss = what.of(y, targets);
            collector.backward(loss);
            NDList gradients = new NDList();
            for (NDArray parameter : trainable()) {
                NDArray gradient = parameter.getGradient();
                gradients.add(gradient.duplicate());
                // After the gradient is taken, never between backward and step.
                JniUtils.zeroGrad((PtNDArray) parameter);
                gradient.close();
            }
            gradients.attach(scope);
            return new Learned(loss, y, gradients);
        }
    }

    private List<NDArray> trainable() {
        return net.getParameters().values().stream()
                .filter(Parameter::requiresGradient)
                .map(Parameter::getArray)
                .toList();
    }
}
