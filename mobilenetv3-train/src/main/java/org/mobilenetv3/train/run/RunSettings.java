package org.mobilenetv3.train.run;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.supernet.SearchSpace;

/**
 * Everything that decides what a run computes, saved with it so that it can be resumed.
 *
 * @param dataset name of the data set
 * @param data path of the data, or null for the usual places
 * @param trainImages how many training images there were, to notice that the data has changed
 * @param trainChecksum of the training images and labels, likewise
 * @param architecture the net
 * @param input how images are brought to one size and become the net's input
 * @param recipe how it is trained
 * @param weights package whose weights it begins with, or null for random ones
 * @param family the architecture that the weights' state dict is of, or null if the file tells
 * @param teacher whose answers it learns, too, or null
 * @param seed of the weights, of the order and of the augmentation
 * @param replicas copies of the net that learn side by side
 * @param threads within an operation, which decide how sums are rounded; null for all cores
 * @param execution how the net is computed
 * @param space the nets that learn with this one, which is the largest of them; null for none
 */
public record RunSettings(
        String dataset,
        String data,
        int trainImages,
        long trainChecksum,
        Architecture architecture,
        Preprocessing input,
        Recipe recipe,
        String weights,
        Architecture family,
        RecordedWeights teacher,
        long seed,
        int replicas,
        Integer threads,
        Execution execution,
        SearchSpace space) {

    /** A run of one net. */
    public RunSettings(
            String dataset,
            String data,
            int trainImages,
            long trainChecksum,
            Architecture architecture,
            Preprocessing input,
            Recipe recipe,
            String weights,
            Architecture family,
            RecordedWeights teacher,
            long seed,
            int replicas,
            Integer threads,
            Execution execution) {
        this(
                dataset,
                data,
                trainImages,
                trainChecksum,
                architecture,
                input,
                recipe,
                weights,
                family,
                teacher,
                seed,
                replicas,
                threads,
                execution,
                null);
    }

    /**
     * Makes another run on the same data.
     *
     * @param other the net
     * @param how the recipe
     * @param from weights to begin with, or null for random ones
     * @param nets those that learn with it, or null
     * @return its settings
     */
    public RunSettings with(
            Architecture other, Recipe how, RecordedWeights from, SearchSpace nets) {
        return new RunSettings(
                dataset,
                data,
                trainImages,
                trainChecksum,
                other,
                input,
                how,
                from == null ? null : from.path(),
                null,
                null,
                seed,
                replicas,
                threads,
                execution,
                nets);
    }

    /** What a package's provenance calls the checksum of the training images. */
    public static final String CHECKSUM = "trainChecksum";

    /** Returns a checksum in hexadecimal digits, since JSON's numbers have too few. */
    public static String checksumText(long checksum) {
        return Long.toHexString(checksum);
    }

    /**
     * Returns whether a net has learned from these very images.
     *
     * @param images training images
     * @param provenance what the net's package tells of its making
     */
    public static boolean hasLearned(ImageSet images, Map<String, Object> provenance) {
        return provenance.containsKey(CHECKSUM)
                && checksumText(images.checksum()).equals(provenance.get(CHECKSUM));
    }

    /**
     * Refuses data other than the run began with.
     *
     * @param images how many training images there are now
     * @param classes of how many classes
     * @param checksum of images and what is known of them
     * @throws IOException if they differ
     */
    public void requireSame(int images, int classes, long checksum) throws IOException {
        if (images != trainImages
                || classes != architecture.classes()
                || checksum != trainChecksum) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "The data has changed since the run began: %d training images in %d classes, now %d in %d%s; start another run.",
                            trainImages,
                            architecture.classes(),
                            images,
                            classes,
                            images == trainImages ? " with other contents" : ""));
        }
    }
}
