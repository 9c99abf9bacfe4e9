package org.mobilenetv3.train.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.TranslateException;
import ai.djl.util.Progress;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.train.data.augment.Augmentation;
import org.mobilenetv3.train.data.augment.ImageRenderer;
import org.mobilenetv3.train.data.augment.SplitMix;

/**
 * An {@link ImageSet} with its augmentation as DJL's {@code Trainer} and {@code EasyTrain} read
 * data: batches of data {@code (N, C, H, W)} in 32-bit floats and labels {@code (N)}. An image is
 * augmented as in a {@link BatchLoader} of the same seed; the order of a shuffled epoch is DJL's.
 */
public final class ImageSetDataset extends RandomAccessDataset {
    private final ImageSet set;
    private final long seed;
    private final ImageRenderer renderer;
    private volatile int epoch;
    private int next;

    private ImageSetDataset(Builder builder) {
        super(builder);
        set = builder.set;
        seed = builder.seed;
        renderer =
                new ImageRenderer(
                        set.channels(), builder.normalization, builder.augmentation, null);
    }

    /** Starts the description of a data set. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns one image as {@code (C, H, W)} in 32-bit floats and its class index as a 64-bit
     * scalar.
     */
    @Override
    public Record get(NDManager manager, long index) {
        int at = Math.toIntExact(index);
        float[] image = new float[set.images()[at].length];
        renderer.render(set.image(at), SplitMix.of(seed, epoch, at), image);
        Shape shape = new Shape(set.channels(), set.height(), set.width());
        return new Record(
                new NDList(manager.create(image, shape)),
                new NDList(manager.create((long) set.labels()[at])));
    }

    /**
     * Begins an epoch: the first after this set was made or {@link #setEpoch} was called is that
     * one, and each further call begins the next.
     */
    @Override
    public Iterable<Batch> getData(NDManager manager, Sampler order, ExecutorService executor)
            throws IOException, TranslateException {
        epoch = next;
        next = epoch + 1;
        return super.getData(manager, order, executor);
    }

    /**
     * Sets the epoch that the augmentation follows from (at first 0), for one who resumes or whose
     * epochs are not DJL's.
     */
    public void setEpoch(int number) {
        epoch = number;
        next = number;
    }

    @Override
    protected long availableSize() {
        return set.size();
    }

    /** Does nothing: the images are in memory. */
    @Override
    public void prepare(Progress progress) {}

    /** Describes a data set; the images and DJL's {@code setSampling} are required. */
    public static final class Builder extends BaseBuilder<Builder> {
        private ImageSet set;
        private Normalization normalization;
        private Augmentation augmentation = Augmentation.NONE;
        private long seed;

        private Builder() {}

        /** The images. */
        public Builder setSet(ImageSet imageSet) {
            set = imageSet;
            return this;
        }

        /** How samples become floats (default {@link Normalization#unit}). */
        public Builder optNormalization(Normalization values) {
            normalization = values;
            return this;
        }

        /** What is done at random to images (default nothing). */
        public Builder optAugmentation(Augmentation kind) {
            augmentation = kind;
            return this;
        }

        /** What augmentation follows from (default 0). */
        public Builder optSeed(long value) {
            seed = value;
            return this;
        }

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Makes the data set.
         *
         * @throws IllegalArgumentException if there are no images, the normalization does not fit
         *     them or the augmentation mixes batches
         */
        public ImageSetDataset build() {
            if (set == null || set.size() == 0) {
                throw new IllegalArgumentException(
                        "A DJL data set needs images; give an image set.");
            }
            if (augmentation.mixup() > 0 || augmentation.cutmix() > 0) {
                throw new IllegalArgumentException(
                        "Mixup and cutmix mix whole batches, and a DJL data set gives single images; leave them out.");
            }
            return new ImageSetDataset(this);
        }
    }
}
