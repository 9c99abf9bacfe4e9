package org.mobilenetv3.train.data.augment;

import java.nio.FloatBuffer;

/**
 * How a finished batch is mixed with itself, moved on by one image, as in torchvision's references:
 * mixup blends the two images, cutmix takes a rectangle of the other.
 */
public final class BatchMixing {
    /** Leaves the batch as it is. */
    public static final BatchMixing NONE = new BatchMixing(1, null);

    private final double share;
    private final Box box;

    /** Takes a box of the other image, or blends the images if it is null. */
    BatchMixing(double share, Box box) {
        this.share = share;
        this.box = box;
    }

    /** Draws what becomes of a batch of images of the given size. */
    public static BatchMixing draw(
            Augmentation augmentation, SplitMix random, int height, int width) {
        boolean mixup = augmentation.mixup() > 0;
        boolean cutmix = augmentation.cutmix() > 0;
        if (mixup && cutmix) {
            mixup = random.nextBoolean();
        }
        if (mixup) {
            return new BatchMixing(random.nextBeta(augmentation.mixup()), null);
        }
        if (!cutmix) {
            return NONE;
        }
        double lambda = random.nextBeta(augmentation.cutmix());
        int x = random.nextInt(width);
        return cutmix(lambda, random.nextInt(height), x, height, width);
    }

    /**
     * A rectangle of the image's shape and {@code 1 - lambda} of its area around a point; where it
     * is cut off at the border, lambda rises to the share that is left.
     */
    static BatchMixing cutmix(double lambda, int y, int x, int height, int width) {
        double half = 0.5 * Math.sqrt(1 - lambda);
        int halfHeight = (int) (half * height);
        int halfWidth = (int) (half * width);
        Box box =
                new Box(y - halfHeight, x - halfWidth, 2 * halfHeight, 2 * halfWidth)
                        .clippedTo(height, width);
        return new BatchMixing(1 - (double) box.area() / (height * width), box);
    }

    /** Returns the weight of each image's own label, 0 to 1: lambda; 1 if nothing is mixed. */
    public double share() {
        return share;
    }

    /** Returns what is taken of the other image; null if the images are blended. */
    Box box() {
        return box;
    }

    /** The second label of each image: that of the image before it, for the first the last's. */
    public long[] partners(long[] labels) {
        if (share == 1) {
            return labels;
        }
        long[] partners = new long[labels.length];
        for (int i = 0; i < labels.length; i++) {
            partners[i] = labels[before(i, labels.length)];
        }
        return partners;
    }

    private static int before(int i, int count) {
        return i == 0 ? count - 1 : i - 1;
    }

    /** Mixes {@code count} images {@code (C, height, width)} of {@code length} values in place. */
    public void apply(FloatBuffer batch, int count, int length, int height, int width) {
        if (share == 1) {
            return;
        }
        float[] last = new float[length];
        batch.get((count - 1) * length, last);
        float[] image = last.clone();
        // Backwards, so that the image before is not mixed yet.
        for (int i = count - 1; i >= 0; i--) {
            float[] other = last;
            if (i > 0) {
                other = new float[length];
                batch.get((i - 1) * length, other);
            }
            mix(image, other, height, width);
            batch.put(i * length, image);
            image = other;
        }
    }

    private void mix(float[] image, float[] other, int height, int width) {
        if (box == null) {
            blend(image, other);
        } else {
            paste(image, other, height, width);
        }
    }

    private void blend(float[] image, float[] other) {
        float own = (float) share;
        float others = (float) (1 - share);
        for (int i = 0; i < image.length; i++) {
            image[i] = own * image[i] + others * other[i];
        }
    }

    private void paste(float[] image, float[] other, int height, int width) {
        for (int plane = 0; plane < image.length; plane += height * width) {
            for (int y = box.top(); y < box.bottom(); y++) {
                int row = plane + y * width + box.left();
                System.arraycopy(other, row, image, row, box.width());
            }
        }
    }
}
