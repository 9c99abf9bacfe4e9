package org.mobilenetv3.train.data;

import ai.djl.ndarray.types.Shape;
import org.mobilenetv3.train.data.augment.BatchMixing;

/** Images with their classes. */
public final class Batch extends ImageBatch {
    private final long[] labels;
    private final long[] partners;
    private final double share;

    Batch(Memory memory, Shape shape, long[] labels, BatchMixing mixing, int[] indices) {
        super(memory, shape, indices);
        this.labels = labels;
        this.partners = mixing.partners(labels);
        this.share = mixing.share();
    }

    /** The class of each image, {@code (N)}; the batch's own array. */
    public long[] labels() {
        return labels;
    }

    /**
     * The second class of each image, {@code (N)}: {@link #labels()} itself unless mixup or cutmix
     * mixed the batch. The target of image i is {@code share} at {@code labels[i]} and the rest at
     * {@code partners[i]}, which may be the same class.
     */
    public long[] partners() {
        return partners;
    }

    /** The weight of {@link #labels()} in the target, 0 to 1; 1 when nothing is mixed. */
    public double share() {
        return share;
    }
}
