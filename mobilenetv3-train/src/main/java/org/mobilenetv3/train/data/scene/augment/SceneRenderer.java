package org.mobilenetv3.train.data.scene.augment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mobilenetv3.Task;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.StretchedImage;
import org.mobilenetv3.train.data.augment.PhotometricDistortion;
import org.mobilenetv3.train.data.augment.SplitMix;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.data.scene.Scene;

/**
 * Makes a net's input of a scene, of one size for all: for boxes the image or a part of it is
 * stretched to the size, as torchvision's detection nets do; for masks it keeps its proportions and
 * a part is cut out. Everything random follows from one generator. Usable by several threads.
 */
public final class SceneRenderer {
    private static final int[] MEAN_COLOR = {123, 117, 104}; // of torchvision's presets
    private static final int[] MEAN_GRAY = {118};
    private static final double MOST_ZOOM = 4;
    private static final double LEAST_JITTER = 0.1;
    private static final double MOST_JITTER = 2;
    private static final double BASE = 520.0 / 480;

    private final SceneAugmentation augmentation;
    private final float[][] tables;
    private final int height;
    private final int width;
    private final boolean stretches;

    private SceneRenderer(
            SceneAugmentation augmentation,
            Normalization normalization,
            int height,
            int width,
            boolean stretches) {
        this.augmentation = augmentation;
        this.tables = normalization.tables();
        this.height = height;
        this.width = width;
        this.stretches = stretches;
    }

    /**
     * Makes input for a net that learns boxes. Without augmentation it is what prediction makes.
     *
     * @param augmentation one that suits boxes
     * @param normalization how samples become floats, for as many channels as the net has
     * @param height of the input, in pixels
     * @param width of the input, in pixels
     * @return the renderer
     * @throws IllegalArgumentException if the augmentation is for masks
     */
    public static SceneRenderer ofBoxes(
            SceneAugmentation augmentation, Normalization normalization, int height, int width) {
        augmentation.requireFor(Task.DETECT);
        boolean stretches = augmentation.scaling() == SceneAugmentation.Scaling.NONE;
        return new SceneRenderer(augmentation, normalization, height, width, stretches);
    }

    /**
     * Makes input for a net that learns masks. Without scaling, the image is as small as covers the
     * input, whose middle it is.
     *
     * @param augmentation one that suits masks
     * @param normalization how samples become floats, for as many channels as the net has
     * @param height of the input, in pixels
     * @param width of the input, in pixels
     * @return the renderer
     * @throws IllegalArgumentException if the augmentation is for boxes
     */
    public static SceneRenderer ofMasks(
            SceneAugmentation augmentation, Normalization normalization, int height, int width) {
        augmentation.requireFor(Task.SEGMENT);
        return new SceneRenderer(augmentation, normalization, height, width, false);
    }

    /**
     * Makes input of a whole scene in its own proportions, as masks are scored.
     *
     * @param scene with or without a mask
     * @param normalization how samples become floats
     * @param shorterSide of the input, in pixels
     * @return of a size that depends on the image's proportions
     */
    public static RenderedScene whole(Scene scene, Normalization normalization, int shorterSide) {
        Pixels image =
                scene.image().toChannels(normalization.channels()).resizeShorterSide(shorterSide);
        float[] values = new float[image.data().length];
        normalization.apply(image.data(), image.height() * image.width(), values, 0);
        Placement placement =
                new Placement(
                        0,
                        0,
                        0,
                        0,
                        (double) scene.image().width() / image.width(),
                        (double) scene.image().height() / image.height(),
                        image.width(),
                        image.height(),
                        false);
        return new RenderedScene(
                values,
                image.height(),
                image.width(),
                placement.all(scene.boxes()),
                placement.map(scene.mask()));
    }

    /**
     * Makes input of one scene.
     *
     * @param scene any
     * @param random decides all that is random
     * @return of the size that this renderer is for
     */
    public RenderedScene render(Scene scene, SplitMix random) {
        Pixels image = scene.image().toChannels(tables.length);
        if (augmentation.distorts()) {
            image = PhotometricDistortion.apply(image, random);
        }
        return stretches ? stretched(image, scene, random) : scaled(image, scene, random);
    }

    private RenderedScene stretched(Pixels image, Scene scene, SplitMix random) {
        Box canvas = new Box(0, 0, image.width(), image.height());
        if (augmentation.distorts() && random.nextBoolean()) {
            canvas = zoomOut(canvas, random);
        }
        List<LabeledBox> boxes = scene.boxes();
        boolean cuts = augmentation.crops();
        Box part = canvas;
        if (cuts) {
            part = IouCrop.draw(random, canvas, boxes);
            boxes = kept(boxes, part);
        }
        boolean mirrored = augmentation.flips() && random.nextBoolean();
        StretchedImage.Part seen =
                new StretchedImage.Part(
                        (int) part.left(),
                        (int) part.top(),
                        (int) part.width(),
                        (int) part.height());
        float[] values = StretchedImage.of(image, seen, fill(), tables, height, width);
        Placement placement =
                new Placement(
                        seen.left(),
                        seen.top(),
                        0,
                        0,
                        (double) seen.width() / width,
                        (double) seen.height() / height,
                        width,
                        height,
                        mirrored);
        return rendered(
                values, placement, cuts ? placement.seen(boxes) : placement.all(boxes), scene);
    }

    /** The objects of which a part shows the middle, and whatever it shows of ignored ones. */
    private static List<LabeledBox> kept(List<LabeledBox> boxes, Box part) {
        List<LabeledBox> kept = new ArrayList<>();
        for (LabeledBox box : boxes) {
            if (box.ignored() || IouCrop.holdsCenter(part, box.box())) {
                kept.add(box);
            }
        }
        return kept;
    }

    /** A ground of up to four times the sides with the image somewhere on it. */
    private static Box zoomOut(Box image, SplitMix random) {
        double zoom = random.between(1, MOST_ZOOM);
        int wide = (int) (image.width() * zoom);
        int high = (int) (image.height() * zoom);
        int left = (int) ((wide - image.width()) * random.nextDouble());
        int top = (int) ((high - image.height()) * random.nextDouble());
        return new Box(-left, -top, wide - left, high - top);
    }

    private int[] fill() {
        return tables.length == 1 ? MEAN_GRAY : MEAN_COLOR;
    }

    /** Scales the image, then shows a part of it; where it ends, the rest is filled. */
    private RenderedScene scaled(Pixels image, Scene scene, SplitMix random) {
        int[] size = scaledSize(image, random);
        int newHeight = size[0];
        int newWidth = size[1];
        boolean center = augmentation.scaling() == SceneAugmentation.Scaling.NONE;
        int top = start(newHeight - height, center, random);
        int left = start(newWidth - width, center, random);
        boolean mirrored = augmentation.flips() && random.nextBoolean();
        Pixels seen =
                image.resizeAndCut(
                        newHeight,
                        newWidth,
                        top,
                        left,
                        Math.min(height, newHeight),
                        Math.min(width, newWidth));
        boolean masks = augmentation.suitsMasks();
        float[] values = padded(seen, masks ? new int[tables.length] : fill());
        Placement placement =
                new Placement(
                        0,
                        0,
                        left,
                        top,
                        (double) image.width() / newWidth,
                        (double) image.height() / newHeight,
                        width,
                        height,
                        mirrored);
        return rendered(values, placement, placement.seen(scene.boxes()), scene);
    }

    /** The height and the width that the whole image is brought to. */
    private int[] scaledSize(Pixels image, SplitMix random) {
        int high = image.height();
        int wide = image.width();
        switch (augmentation.scaling()) {
            case FIT -> {
                double fits = Math.min((double) height / high, (double) width / wide);
                double scale = fits * random.between(LEAST_JITTER, MOST_JITTER);
                return new int[] {
                    Math.max(1, (int) (high * scale)), Math.max(1, (int) (wide * scale))
                };
            }
            case SHORTER_SIDE -> {
                int base = (int) Math.rint(BASE * Math.min(height, width));
                int least = Math.max(1, base / 2);
                int side = least + random.nextInt(2 * base - least + 1);
                return high <= wide
                        ? new int[] {side, (int) ((long) side * wide / high)}
                        : new int[] {(int) ((long) side * high / wide), side};
            }
            default -> {
                double covers = Math.max((double) height / high, (double) width / wide);
                return new int[] {
                    Math.max(height, (int) Math.rint(high * covers)),
                    Math.max(width, (int) Math.rint(wide * covers))
                };
            }
        }
    }

    /** Where a part begins that is shorter than the whole by so much. */
    private static int start(int excess, boolean center, SplitMix random) {
        if (excess <= 0) {
            return 0;
        }
        return center ? excess / 2 : random.nextInt(excess + 1);
    }

    /** Writes an image to the upper left corner of the input. */
    private float[] padded(Pixels image, int... fill) {
        float[] out = new float[tables.length * height * width];
        byte[] samples = image.data();
        for (int c = 0; c < tables.length; c++) {
            float[] table = tables[c];
            for (int y = 0; y < height; y++) {
                int row = (c * height + y) * width;
                int to = y < image.height() ? row + image.width() : row;
                int source = (c * image.height() + y) * image.width() - row;
                for (int at = row; at < to; at++) {
                    out[at] = table[samples[source + at] & 0xFF];
                }
                Arrays.fill(out, to, row + width, table[fill[c]]);
            }
        }
        return out;
    }

    private RenderedScene rendered(
            float[] values, Placement placement, List<LabeledBox> boxes, Scene scene) {
        if (placement.mirrored()) {
            mirror(values);
        }
        return new RenderedScene(values, height, width, boxes, placement.map(scene.mask()));
    }

    private void mirror(float... values) {
        for (int row = 0; row < values.length; row += width) {
            for (int left = row, right = row + width - 1; left < right; left++, right--) {
                float swap = values[left];
                values[left] = values[right];
                values[right] = swap;
            }
        }
    }
}
