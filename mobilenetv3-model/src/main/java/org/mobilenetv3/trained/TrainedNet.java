package org.mobilenetv3.trained;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import org.mobilenetv3.Task;
import org.mobilenetv3.detection.Detection;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.segmentation.Mask;

/** A trained net that is ready to answer, whatever it was opened from. Close it after use. */
public sealed interface TrainedNet extends Logits, AutoCloseable
        permits NetWithWeights, OnnxNet, TorchScriptNet, GraphNet {

    /**
     * Opens a trained net: a package (a directory or a ZIP of one), a file of weights of this or
     * another program, or a file that this project exported, whatever its name.
     *
     * @param path where it is
     * @param device where to compute; exported ONNX files run on the CPU
     * @param threads within one operation of an exported file, at least 1
     * @return the net
     * @throws IOException in one sentence, if it is missing, damaged or of no known kind
     */
    static TrainedNet open(Path path, Device device, int threads) throws IOException {
        return switch (FileKind.of(path)) {
            case ONNX_EXPORT -> OnnxNet.open(path, threads);
            case TORCHSCRIPT -> TorchScriptNet.open(path, device, threads);
            default -> PackageNet.open(path, device);
        };
    }

    /**
     * Returns what to feed and what comes back.
     *
     * @return preprocessing, classes and provenance
     */
    NetDescription description();

    /**
     * Returns what was changed or assumed when the net was opened. Whoever answers from it tells
     * them.
     *
     * @return a sentence each; none for files that say all about themselves
     */
    default List<String> notes() {
        return List.of();
    }

    /**
     * Finds the objects in an image.
     *
     * @param image any size, 1 or 3 channels
     * @return the likeliest first, their boxes in pixels of the image
     * @throws IllegalArgumentException if the net does not detect
     * @throws IOException if the runtime fails
     */
    default List<Detection> detect(Pixels image) throws IOException {
        description().architecture().requireTask(Task.DETECT, "Detection");
        Preprocessing input = description().preprocessing();
        Shape shape = new Shape(1, input.channels(), input.height(), input.width());
        float[] answer = logits(FloatBuffer.wrap(description().input(image)), shape);
        return description().objects(answer, 0, image.height(), image.width());
    }

    /**
     * Divides an image into classes.
     *
     * @param image any size, 1 or 3 channels
     * @return the class of each of its pixels: the largest of its logits, which are resized from
     *     the net's input's size to the image's, {@link Mask#ofLogits}
     * @throws IllegalArgumentException if the net does not segment, or the image is too small for
     *     it
     * @throws IOException if the runtime fails
     */
    default Mask mask(Pixels image) throws IOException {
        NetDescription description = description();
        description.architecture().requireTask(Task.SEGMENT, "A mask");
        Pixels fitted = description.preprocessing().fitted(image);
        float[] input = Preprocessing.scaled(fitted, description.inputNormalization());
        int height = fitted.height();
        int width = fitted.width();
        float[] logits =
                logits(FloatBuffer.wrap(input), new Shape(1, fitted.channels(), height, width));
        return Mask.ofLogits(logits, height, width, image.height(), image.width());
    }

    /** Gives the memory back. */
    @Override
    void close();
}
