package org.mobilenetv3.trained;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.runtime.FullDistribution;

/**
 * A trained net that was opened with all its weights, not from an exported file: it can be written
 * in any form, and shows its features.
 */
public sealed interface NetWithWeights extends TrainedNet permits PackageNet, WeightsNet {

    /**
     * Opens trained weights: with libtorch if it is here, or else without an engine.
     *
     * @param path a package directory, a ZIP of one, or a file of weights
     * @param family the architecture that a state dict is of, or null if the file is to tell
     * @return the net, on the CPU
     * @throws IOException in one sentence, if they cannot be used
     * @throws IllegalArgumentException if a family is given for a file that tells it
     */
    static NetWithWeights open(Path path, Architecture family) throws IOException {
        return FullDistribution.hasTorch()
                ? PackageNet.open(path, family, Device.cpu())
                : WeightsNet.open(path, family, Runtime.getRuntime().availableProcessors());
    }

    /**
     * Makes the net of a file of weights, as {@link #open(Path, Architecture)}, and closes the
     * file.
     *
     * @param weights the file
     * @return the net, on the CPU
     * @throws IOException in one sentence, if the numbers cannot be read or are not finite
     */
    static NetWithWeights open(WeightsFile weights) throws IOException {
        return FullDistribution.hasTorch()
                ? PackageNet.open(weights, Device.cpu())
                : WeightsNet.open(weights, Runtime.getRuntime().availableProcessors());
    }

    /**
     * Returns the net.
     *
     * @return its parameters have their numbers
     */
    MobileNetV3 block();

    /**
     * Saves the net as a package.
     *
     * @param directory the package to make or to replace
     * @return the package
     * @throws IOException if it cannot be written; what stood there before stays
     */
    default ModelPackage save(Path directory) throws IOException {
        return save(directory, ModelPackage.Extra.NONE);
    }

    /**
     * Saves the net as a package with further files.
     *
     * @param directory the package to make or to replace
     * @param extra writes files beside those of the package
     * @return the package
     * @throws IOException if it cannot be written; what stood there before stays
     */
    ModelPackage save(Path directory, ModelPackage.Extra extra) throws IOException;

    /**
     * Computes what the net sees in images.
     *
     * @param images as for {@link #logits}
     * @param shape {@code (N, C, H, W)}, N at least 1
     * @return {@code embedding}, {@code (N, D)}, and {@code stride2} and so on, {@code (N, C, H,
     *     W)}, by their names; close it after use
     * @throws IllegalArgumentException if the net does not classify, or take such images
     */
    NDList features(FloatBuffer images, Shape shape);
}
