package org.mobilenetv3.export;

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
import java.util.function.UnaryOperator;
import org.mobilenetv3.FeaturePyramid;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.zoo.ExportedDescription;
import org.mobilenetv3.zoo.ModelPackage;
import org.mobilenetv3.zoo.TrainedWeights;

/** The net of a package or of a file of weights, computed by libtorch through DJL. */
public final class PackageNet implements TrainedNet {

    private final Model model;
    private final ModelPackage modelPackage;
    private final ExportedDescription description;
    private final FeaturePyramid pyramid;
    private final Block embedding;

    private PackageNet(Model model, ModelPackage modelPackage) {
        this.model = model;
        this.modelPackage = modelPackage;
        this.description = ExportedDescription.of(modelPackage, true);
        MobileNetV3 net = (MobileNetV3) model.getBlock();
        this.pyramid = net.features();
        this.embedding = net.embedding();
    }

    /**
     * Opens trained weights.
     *
     * @param path a package directory, a zip of one, or a file of weights
     * @param device where to compute
     * @return the net
     * @throws IOException in one sentence, if they cannot be used
     */
    public static PackageNet open(Path path, Device device) throws IOException {
        return open(path, device, UnaryOperator.identity());
    }

    /**
     * Opens trained weights.
     *
     * @param path a package directory, a zip of one, or a file of weights
     * @param device where to compute
     * @param edit changes what is assumed of a file of weights; a package knows better
     * @return the net
     * @throws IOException in one sentence, if they cannot be used
     */
    public static PackageNet open(Path path, Device device, UnaryOperator<ModelPackage> edit)
            throws IOException {
        TrainedWeights.Opened opened = TrainedWeights.open(path, device, edit);
        return new PackageNet(opened.model(), opened.described());
    }

    /**
     * Saves the net as a package.
     *
     * @param directory the package to make or to replace
     * @return the package
     * @throws IOException if it cannot be written; what stood there before stays
     */
    public ModelPackage save(Path directory) throws IOException {
        return ModelPackage.save(
                directory,
                model,
                modelPackage.description(),
                modelPackage.classes(),
                ModelPackage.Extra.NONE);
    }

    @Override
    public ExportedDescription description() {
        return description;
    }

    @Override
    public float[] logits(FloatBuffer images, long n, long c, long h, long w) {
        description.requireImages(images, n, c, h, w);
        // DJL leaves autograd on in every thread but the one that loaded the engine.
        JniUtils.setGradMode(false);
        try (NDManager scope = model.getNDManager().newSubManager()) {
            NDArray x = scope.create(images.slice(), new Shape(n, c, h, w));
            return block().forward(new ParameterStore(scope, false), new NDList(x), false)
                    .singletonOrThrow()
                    .toFloatArray();
        }
    }

    /**
     * Computes what the net sees in images.
     *
     * @param images as for {@link #logits}
     * @param n images, at least 1
     * @param c channels
     * @param h rows of pixels
     * @param w columns of pixels
     * @return {@code embedding}, {@code (N, D)}, and {@code stride2} and so on, {@code (N, C, H,
     *     W)}, by their names; close it after use
     * @throws IllegalArgumentException if the net does not take such images
     */
    public NDList features(FloatBuffer images, long n, long c, long h, long w) {
        description.requireImages(images, n, c, h, w);
        JniUtils.setGradMode(false);
        try (NDManager scope = model.getNDManager().newSubManager()) {
            NDList x = new NDList(scope.create(images.slice(), new Shape(n, c, h, w)));
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
        if (model.getBlock() instanceof MobileNetV3 net) {
            net.setExecution(execution);
        }
    }

    /**
     * Gives the net.
     *
     * @return a {@link MobileNetV3}, initialised
     */
    public Block block() {
        return model.getBlock();
    }

    ModelPackage modelPackage() {
        return modelPackage;
    }

    @Override
    public void close() {
        model.close();
    }
}
