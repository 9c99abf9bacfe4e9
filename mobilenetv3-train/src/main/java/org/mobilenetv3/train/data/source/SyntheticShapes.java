package org.mobilenetv3.train.data.source;

import java.util.List;
import java.util.stream.IntStream;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.augment.SplitMix;
import org.mobilenetv3.train.data.scene.Shape;

/**
 * A synthetic data set that needs no files: ten kinds of shapes drawn in {@code (3, 32, 32)} with
 * random colors, place, size, tilt, background, noise and clutter. Only the form tells the class.
 * It stands in where no real data can be had; figures on it say nothing about photographs.
 */
public final class SyntheticShapes {
    /** The classes in label order. */
    public static final List<String> CLASSES = Shape.names();

    /** The seed of the set that goes by the name {@code shapes}. */
    public static final long SEED = 2019;

    private static final int TRAIN = 10_000;
    private static final int TEST = 2_000;
    private static final int SIDE = 32;

    private SyntheticShapes() {}

    /**
     * The standard set: 10,000 training images, of which {@code splitSeed} chooses 1,000 for
     * validation, and 2,000 test images; the images are the same for every {@code splitSeed}.
     */
    public static Splits standard(long splitSeed) {
        return Splits.carveValidation(
                generate("train", TRAIN, SEED), generate("test", TEST, SEED), splitSeed);
    }

    /**
     * Draws {@code count} images with classes in turn; the same arguments give the same images.
     *
     * @param part images of different parts, e.g. train and test, share nothing
     * @throws IllegalArgumentException if {@code count} is not positive
     */
    public static ImageSet generate(String part, int count, long seed) {
        if (count < 1) {
            throw new IllegalArgumentException(
                    "Cannot draw " + count + " shapes; give a count of at least 1.");
        }
        byte[][] images = new byte[count][];
        int[] labels = IntStream.range(0, count).map(i -> i % CLASSES.size()).toArray();
        IntStream.range(0, count)
                .parallel()
                .forEach(
                        i -> {
                            SplitMix random = SplitMix.of(seed, part.hashCode(), i);
                            images[i] = new ShapeCanvas(SIDE, random).draw(labels[i]);
                        });
        return new ImageSet("shapes", CLASSES, 3, SIDE, SIDE, images, labels);
    }
}
