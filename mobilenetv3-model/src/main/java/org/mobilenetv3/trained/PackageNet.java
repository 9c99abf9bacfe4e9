package org.mobilenetv3.trained;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.FeaturePyramid;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.Task;

/** The net of a package or of a file of weights, computed by libtorch through DJL. */
public final class PackageNet implements NetWithWeights {

    private final Model model;
    private final MobileNetV3 net;
    private final NetDescription description;
    private final List<String> notes;

    /** Null where the net does not classify. */
    private final FeaturePyramid pyramid;

    private final Block embedding;

    private PackageNet(Model model, NetDescription description, List<String> notes) {
        this.model = model;
        this.net = (MobileNetV3) model.getBlock();
        this.description = description;
        this.notes = notes;
        boolean classifies = description.architecture().task() == Task.CLASSIFY;
        this.pyramid = classifies ? net.features() : null;
        this.embedding = classifies ? net.embedding() : null;
    }

    /**
     * Opens trained weights.
     *
     * @param path a package directory, a ZIP of one, or a file of weights
     * @param device where to compute
     * @return the net
     * @throws IOException in one sentence, if they cannot be used
     */
    public static PackageNet open(Path path, Device device) throws IOException {
        return open(path, null, device);
    }

    /**
     * Opens trained weights.
     *
     * @param path a package directory, a ZIP of one, or a file of weights
     * @param family the architecture that a state dict is of, or null if the file is to tell
     * @param device where to compute
     * @return the net
     * @throws IOException in one sentence, if they cannot be used
     * @throws IllegalArgumentException if a family is given for a file that tells it
     */
    public static PackageNet open(Path path, Architecture family, Device device)
            throws IOException {
        if (!FileKind.of(path).isPackage()) {
            return open(WeightsFile.open(path, family), device);
        }
        WeightsFile.requireNoFamily(path, family);
        ModelPackage found = ModelPackage.find(path);
        return new PackageNet(found.load(device), found.description(), List.of());
    }

    /**
     * Makes the net of a file of weights, and closes the file.
     *
     * @param weights the file
     * @param device where to compute
     * @return the net
     * @throws IOException in one sentence, if the numbers cannot be read or are not finite
     */
    public static PackageNet open(WeightsFile weights, Device device) throws IOException {
        try (weights) {
            NetDescription description = weights.description();
            return new PackageNet(weights.load(device), description, description.notes());
        }
    }

    @Override
    public ModelPackage save(Path directory, ModelPackage.Extra extra) throws IOException {
        return ModelPackage.save(directory, model, description, extra);
    }

    @Override
    public NetDescription description() {
        return description;
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public float[] logits(FloatBuffer images, Shape shape) {
        description.requireImages(images, shape);
        // DJL leaves autograd on in every thread but the one that loaded the engine.
        JniUtils.setGradMode(false);
        try (NDManager scope = model.getNDManager().newSubManager()) {
            NDArray x = scope.create(images.slice(), shape);
            float[] output =
                    net.forward(new ParameterStore(scope, false), new NDList(x), false)
                            .singletonOrThrow()
                            .toFloatArray();
            return answer(output, shape);
        }
    }

    /** Boxes and probabilities in place of a detector's codes and logits. */
    private float[] answer(float[] output, Shape shape) {
        return description.architecture().task() == Task.DETECT
                ? description.answers(
                        output, Math.toIntExact(shape.get(2)), Math.toIntExact(shape.get(3)))
                : output;
    }

    @Override
    public NDList features(FloatBuffer images, Shape shape) {
        description.architecture().requireTask(Task.CLASSIFY, "--features");
        description.requireImages(images, shape);
        JniUtils.setGradMode(false);
        try (NDManager scope = model.getNDManager().newSubManager()) {
            NDList x = new NDList(scope.create(images.slice(), shape));
            ParameterStore store = new ParameterStore(scope, false);
            NDList features = embedding.forward(store, x, false);
            features.singletonOrThrow().setName("embedding");
            features.addAll(pyramid.forward(store, x, false));
            features.attach(model.getNDManager());
            return features;
        }
    }

    /**
     * Chooses how the net is computed; at first it is compiled.
     *
     * @param execution how
     */
    public void setExecution(Execution execution) {
        net.setExecution(execution);
    }

    @Override
    public MobileNetV3 block() {
        return net;
    }

    @Override
    public void close() {
        model.close();
    }
}
