package org.mobilenetv3.train.data;

import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.Locale;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.train.data.augment.Augmentation;
import org.mobilenetv3.train.data.augment.BatchMixing;
import org.mobilenetv3.train.data.augment.ImageRenderer;
import org.mobilenetv3.train.data.augment.SplitMix;

/** Makes the batches of an {@link ImageSet}. */
public final class BatchLoader extends Loader<Batch> {

    /** Key of the mixing, beside the images' indices. */
    private static final long MIXING = -2;

    private final ImageSet set;
    private final Augmentation augmentation;
    private final ImageRenderer renderer;
    private final int length;

    BatchLoader(Builder builder) {
        super(builder.set.size(), length(builder.set), builder.options());
        set = builder.set;
        augmentation = builder.augmentation;
        renderer =
                new ImageRenderer(
                        set.channels(), builder.normalization, augmentation, builder.erased);
        length = length(set);
    }

    private static int length(ImageSet set) {
        return set.channels() * set.height() * set.width();
    }

    /** Starts the description of a loader. */
    public static Builder builder() {
        return new Builder();
    }

    /** The images it reads. */
    public ImageSet set() {
        return set;
    }

    @Override
    protected String name() {
        return set.name();
    }

    @Override
    protected Batch make(ImageBatch.Memory memory, int epoch, int number, int[] indices) {
        long[] labels = new long[indices.length];
        BatchMixing mixing =
                BatchMixing.draw(
                        augmentation,
                        SplitMix.of(seed(), epoch, MIXING, number),
                        set.height(),
                        set.width());
        FloatBuffer floats = memory.buffer().asFloatBuffer();
        float[] image = new float[length];
        for (int i = 0; i < indices.length; i++) {
            SplitMix random = SplitMix.of(seed(), epoch, indices[i]);
            renderer.render(set.image(indices[i]), random, image);
            floats.put(i * image.length, image);
            labels[i] = set.labels()[indices[i]];
        }
        mixing.apply(floats, indices.length, image.length, set.height(), set.width());
        Shape shape = new Shape(indices.length, set.channels(), set.height(), set.width());
        return new Batch(memory, shape, labels, mixing, indices);
    }

    /** Describes a loader; the set and the batch size are required. */
    public static final class Builder {
        private ImageSet set;
        private int batchSize;
        private Normalization normalization;
        private Augmentation augmentation = Augmentation.NONE;
        private float[] erased;
        private boolean shuffle;
        private long seed;
        private int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        private int prefetch = 2;

        private Builder() {}

        /** The images. */
        public Builder setSet(ImageSet imageSet) {
            set = imageSet;
            return this;
        }

        /** How many images a batch has. */
        public Builder setBatchSize(int images) {
            batchSize = images;
            return this;
        }

        /** How samples become floats (default {@link Normalization#unit}). */
        public Builder optNormalization(Normalization values) {
            normalization = values;
            return this;
        }

        /** What is done at random to images and batches (default nothing). */
        public Builder optAugmentation(Augmentation kind) {
            augmentation = kind;
            return this;
        }

        /**
         * What random erasing and cutout leave, one value for each channel (default 0): the mean
         * for a net that normalizes by itself.
         */
        public Builder optErased(float... color) {
            erased = color.clone();
            return this;
        }

        /** Whether each epoch has its own order (default no); for training. */
        public Builder optShuffle(boolean on) {
            shuffle = on;
            return this;
        }

        /** What order and augmentation follow from (default 0). */
        public Builder optSeed(long value) {
            seed = value;
            return this;
        }

        /** How many worker threads (default half the processors). */
        public Builder optThreads(int count) {
            threads = count;
            return this;
        }

        /** How many finished batches may wait for the consumer (default 2). */
        public Builder optPrefetch(int batches) {
            prefetch = batches;
            return this;
        }

        /**
         * Makes the loader; threads start with the first epoch.
         *
         * @throws IllegalArgumentException if something required is missing or a value does not fit
         */
        public BatchLoader build() {
            if (set == null || set.size() < (shuffle ? 2 : 1)) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "A loader was given %s; give an image set of at least %d.",
                                set == null ? "no images" : set,
                                shuffle ? 2 : 1));
            }
            return new BatchLoader(this);
        }

        private Options options() {
            return new Options(batchSize, shuffle, seed, threads, prefetch);
        }
    }
}
