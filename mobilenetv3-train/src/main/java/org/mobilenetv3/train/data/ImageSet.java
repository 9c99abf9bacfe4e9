package org.mobilenetv3.train.data;

import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.mobilenetv3.image.Pixels;

/**
 * Labeled images of one shape in memory, 8 bits a sample. The arrays are shared, not copied: treat
 * them as read-only.
 *
 * @param name the data set, e.g. {@code cifar10}
 * @param classes class names in label order
 * @param channels 1 or 3
 * @param height in pixels
 * @param width in pixels
 * @param images one {@code (C, H, W)} array per image
 * @param labels one index into {@code classes} per image
 */
@SuppressWarnings("ArrayRecordComponent") // hundreds of megabytes; never compared
public record ImageSet(
        String name,
        List<String> classes,
        int channels,
        int height,
        int width,
        byte[][] images,
        int[] labels) {

    /**
     * Checks every image's size and every label.
     *
     * @throws IllegalArgumentException naming the first image or label that does not fit
     */
    public ImageSet {
        classes = List.copyOf(classes);
        if (images.length != labels.length) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "The set '%s' has %d images but %d labels; give one label per image.",
                            name,
                            images.length,
                            labels.length));
        }
        for (int i = 0; i < images.length; i++) {
            if (images[i].length != (long) channels * height * width) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "Image %d of '%s' has %d samples; expected (%d, %d, %d) like the others.",
                                i,
                                name,
                                images[i].length,
                                channels,
                                height,
                                width));
            }
            if (labels[i] < 0 || labels[i] >= classes.size()) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "Image %d of '%s' has label %d; expected 0 to %d, one per class name.",
                                i,
                                name,
                                labels[i],
                                classes.size() - 1));
            }
        }
    }

    /** How many images there are. */
    public int size() {
        return images.length;
    }

    /** CRC-32C of all labels and images in their order. */
    public long checksum() {
        CRC32C sum = new CRC32C();
        for (int i = 0; i < size(); i++) {
            sum.update(labels[i]);
            sum.update(images[i]);
        }
        return sum.getValue();
    }

    /** One image; its array is this set's. */
    public Pixels image(int index) {
        return new Pixels(images[index], channels, height, width);
    }

    /**
     * The images at the given positions, in that order, sharing their arrays with this set.
     *
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public ImageSet subset(int[] indices) {
        byte[][] chosen = new byte[indices.length][];
        int[] theirs = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            chosen[i] = images[indices[i]];
            theirs[i] = labels[indices[i]];
        }
        return new ImageSet(name, classes, channels, height, width, chosen, theirs);
    }

    /** Name, size and shape, not the images. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: %d images (%d, %d, %d) in %d classes",
                name,
                size(),
                channels,
                height,
                width,
                classes.size());
    }
}
