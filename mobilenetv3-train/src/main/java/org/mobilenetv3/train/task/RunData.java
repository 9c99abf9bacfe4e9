package org.mobilenetv3.train.task;

import java.io.IOException;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.scene.SceneSplits;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.task.TrainingTask.Facts;

/** The images of a run in their three parts, whatever is learned of them. */
public interface RunData {

    /** What is learned from. */
    Facts facts();

    /** How many images the best epoch is chosen by. */
    int validation();

    /** How many images the best package is tested on. */
    int test();

    /**
     * Returns a checksum of the training images and of what is known of them.
     *
     * @throws IOException if a file cannot be read
     */
    long checksum() throws IOException;

    /**
     * Makes what a run learns.
     *
     * @param settings of the run
     * @param loaderThreads threads that make batches
     * @return classification, detection or segmentation
     */
    TrainingTask<?> task(RunSettings settings, int loaderThreads);

    /**
     * Images with a class each.
     *
     * @param splits the parts
     */
    record Classes(Splits splits) implements RunData {
        @Override
        public Facts facts() {
            return Facts.of(splits);
        }

        @Override
        public int validation() {
            return splits.validation().size();
        }

        @Override
        public int test() {
            return splits.test().size();
        }

        @Override
        public long checksum() {
            return splits.train().checksum();
        }

        @Override
        public TrainingTask<?> task(RunSettings settings, int loaderThreads) {
            return new Classification(settings, splits, loaderThreads);
        }
    }

    /**
     * Images with boxes or masks.
     *
     * @param splits the parts
     */
    record Scenes(SceneSplits splits) implements RunData {
        @Override
        public Facts facts() {
            return Facts.of(splits);
        }

        @Override
        public int validation() {
            return splits.validation().size();
        }

        @Override
        public int test() {
            return splits.test().size();
        }

        @Override
        public long checksum() throws IOException {
            return splits.train().checksum();
        }

        @Override
        public TrainingTask<?> task(RunSettings settings, int loaderThreads) {
            return switch (settings.architecture().task()) {
                case DETECT -> new Detection(settings, splits, loaderThreads);
                case SEGMENT -> new Segmentation(settings, splits, loaderThreads);
                case CLASSIFY ->
                        throw new IllegalArgumentException(
                                "Boxes and masks are not for a net that classifies.");
            };
        }
    }
}
