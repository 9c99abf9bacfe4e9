package org.mobilenetv3.train.task;

import ai.djl.Device;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.mobilenetv3.train.data.ImageBatch;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Loader;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.data.scene.SceneSplits;
import org.mobilenetv3.train.report.TestSection;
import org.mobilenetv3.train.run.Metric;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.trained.Logits;
import org.mobilenetv3.trained.PackageNet;

/**
 * What a run learns and is judged by: images and what is known of them, the loss, the metric. All
 * that tells classification, detection and segmentation apart in training is behind it.
 *
 * @param <B> what a batch holds
 */
public interface TrainingTask<B extends ImageBatch> {

    /** What the nets are trained on. */
    Facts facts();

    /**
     * The data in short.
     *
     * @param dataset its name
     * @param classes names by index
     * @param images to learn from
     */
    record Facts(String dataset, List<String> classes, int images) {

        /** Those of images by class. */
        static Facts of(Splits data) {
            ImageSet train = data.train();
            return new Facts(train.name(), train.classes(), train.size());
        }

        /** Those of scenes. */
        static Facts of(SceneSplits data) {
            SceneSet train = data.train();
            return new Facts(train.name(), train.classes(), train.size());
        }
    }

    /** What the best epoch is chosen by. */
    Metric metric();

    /** Makes the batches to learn from; close it after use. */
    Loader<B> loader();

    /**
     * Makes what is learned of a batch.
     *
     * @param taught whether a teacher has a share of the loss
     * @throws IllegalArgumentException if the recipe does not fit the data
     */
    Objective<B> objective(boolean taught);

    /**
     * Judges a net that learns.
     *
     * @param net as it is now: images to its output
     * @param stop asked after each batch whether to stop
     * @return loss and metric, of the images so far if it was stopped
     * @throws IOException if images cannot be read
     */
    Validation validate(Logits net, BooleanSupplier stop) throws IOException;

    /**
     * How a net did on the validation images.
     *
     * @param loss their mean loss, or NaN if it is not computed
     * @param score the metric, 0 to 1
     */
    record Validation(double loss, double score) {}

    /**
     * Judges the best package on the test images.
     *
     * @param best the package
     * @param bestEpoch the epoch whose package it is, counted from 1
     * @param wallSeconds tells the wall time of the whole run so far
     * @param stop asked after each batch whether to stop
     * @return what came out, of the images so far if it was stopped
     * @throws IOException if images cannot be read, or the net fails
     */
    TestSection test(
            PackageNet best, int bestEpoch, DoubleSupplier wallSeconds, BooleanSupplier stop)
            throws IOException;

    /**
     * Writes some test images and shows what the best package says of them.
     *
     * @param directory the run, finished
     * @param device where to compute
     * @param log told about each image
     * @throws IOException if the images cannot be written, or the package not be opened
     */
    void showSamples(RunDirectory directory, Device device, PrintStream log) throws IOException;
}
