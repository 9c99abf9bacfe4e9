package org.mobilenetv3.train.data.scene;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.mobilenetv3.train.data.augment.SplitMix;

/**
 * The synthetic data set {@code shapes} as scenes: one to five shapes in an image, at random
 * places, sizes and tilts, before a textured background with strokes that mean nothing. Later
 * shapes cover earlier ones, of which most remains visible. Boxes and masks are exact. Drawn when
 * asked for, the same on every machine; it needs no files, and figures on it say nothing about
 * photographs.
 */
public final class ShapeScenes implements SceneSet {

    /** The seed of the set that goes by the name {@code shapes}. */
    public static final long SEED = 2019;

    /** Side of the standard set's images, in pixels. */
    public static final int SIDE = 160;

    private static final int LEAST_SIDE = 32;
    private static final int TRAIN = 4_000;
    private static final int VALIDATION = 500;
    private static final int TEST = 1_000;

    private final long first;
    private final int count;
    private final int side;
    private final long seed;
    private final boolean masks;

    private ShapeScenes(long first, int count, int side, long seed, boolean masks) {
        this.first = first;
        this.count = count;
        this.side = side;
        this.seed = seed;
        this.masks = masks;
    }

    /**
     * Draws scenes.
     *
     * @param first number of the first scene: sets of one seed whose numbers differ share nothing
     * @param count how many
     * @param side of the images, in pixels, 32 or more
     * @param seed of all that is random
     * @param masks whether the classes are those of masks, with {@code background} before the
     *     shapes; boxes and masks are in the scenes either way
     * @return the set
     * @throws IllegalArgumentException if a number is out of range
     */
    public static ShapeScenes of(long first, int count, int side, long seed, boolean masks) {
        if (first < 0 || count < 1) {
            throw new IllegalArgumentException(
                    "Cannot draw %s scenes from number %s; give at least 1, from 0 or later."
                            .formatted(count, first));
        }
        if (side < LEAST_SIDE) {
            throw new IllegalArgumentException(
                    "Scenes of %s pixels are too small for shapes; give at least %s."
                            .formatted(side, LEAST_SIDE));
        }
        return new ShapeScenes(first, count, side, seed, masks);
    }

    /**
     * Returns the standard set's 4,000 training scenes.
     *
     * @param masks whether the classes are those of masks
     * @return images of 160 pixels a side
     */
    public static ShapeScenes train(boolean masks) {
        return of(0, TRAIN, SIDE, SEED, masks);
    }

    /**
     * Returns the standard set's 500 validation scenes.
     *
     * @param masks whether the classes are those of masks
     * @return images of 160 pixels a side
     */
    public static ShapeScenes validation(boolean masks) {
        return of(TRAIN, VALIDATION, SIDE, SEED, masks);
    }

    /**
     * Returns the standard set's 1,000 test scenes.
     *
     * @param masks whether the classes are those of masks
     * @return images of 160 pixels a side
     */
    public static ShapeScenes test(boolean masks) {
        return of(TRAIN + VALIDATION, TEST, SIDE, SEED, masks);
    }

    @Override
    public String name() {
        return "shapes";
    }

    @Override
    public List<String> classes() {
        List<String> names = new ArrayList<>(Shape.names());
        if (masks) {
            names.add(0, "background");
        }
        return names;
    }

    @Override
    public int size() {
        return count;
    }

    /** {@inheritDoc} A box's label is the shape's, in the mask it is one more. */
    @Override
    public Scene scene(int index) {
        Objects.checkIndex(index, count);
        return new SceneCanvas(side, SplitMix.of(seed, first + index)).draw();
    }

    /** {@inheritDoc} By what it is drawn from, and by one drawing. */
    @Override
    public long checksum() {
        CRC32C sum = new CRC32C();
        sum.update(
                "%s %s %s %s %s %s"
                        .formatted(first, count, side, seed, masks, Shape.names())
                        .getBytes(StandardCharsets.UTF_8));
        Scene one = scene(0);
        sum.update(one.image().data());
        sum.update(one.mask().classes());
        return sum.getValue();
    }
}
