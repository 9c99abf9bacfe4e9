package org.mobilenetv3.preprocessing;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import org.mobilenetv3.image.Interpolation;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;

/** How an image of any size is brought to the size that a net takes. */
public sealed interface Fit {

    /**
     * Returns the height of what comes out.
     *
     * @return in pixels; of a {@link WholeImage} that is square, for others differ
     */
    int height();

    /**
     * Returns the width of what comes out.
     *
     * @return in pixels; of a {@link WholeImage} that is square, for others differ
     */
    int width();

    /**
     * Returns what is done, for people.
     *
     * @return a phrase
     */
    String describe();

    /**
     * Brings an image to the size, still 8-bit.
     *
     * @param image any size
     * @return {@code (C, height, width)}; of a {@link WholeImage} the shorter side is that long
     */
    Pixels apply(Pixels image);

    /**
     * Brings an image to the size and scales it, for a net.
     *
     * @param image any size
     * @param scaling what the net takes
     * @return {@code (C, height, width)}
     */
    default float[] apply(Pixels image, Normalization scaling) {
        Pixels fitted = apply(image);
        float[] values = new float[fitted.data().length];
        scaling.apply(fitted.data(), fitted.height() * fitted.width(), values, 0);
        return values;
    }

    /**
     * Returns this size in the manner of another fit: its interpolation where both crop, the whole
     * image or a stretch where it takes that; otherwise this fit.
     *
     * @param other of the weights, say, when another size is asked for
     * @return of this size
     */
    default Fit inTheMannerOf(Fit other) {
        if (this instanceof CenterCrop crop && other instanceof WholeImage) {
            return new WholeImage(crop.size());
        }
        if (other instanceof Stretch) {
            return new Stretch(height(), width());
        }
        return this instanceof CenterCrop crop && other instanceof CenterCrop model
                ? new CenterCrop(crop.size(), crop.resize(), model.interpolation())
                : this;
    }

    /**
     * Squares: resizes the shorter side, then crops the center, as torchvision's and timm's
     * evaluation transforms do on Pillow images. With {@link Interpolation#OPENCV_BILINEAR} the
     * resized length and the start of the crop are rounded as in PaddleClas, so it equals its
     * {@code ResizeImage(resize_short)} and {@code CropImage}.
     *
     * @param size side in pixels
     * @param resize shorter side before the crop, in pixels; equal to {@code size} for no margin
     * @param interpolation how it is resized
     */
    record CenterCrop(int size, int resize, Interpolation interpolation) implements Fit {

        /** Refuses sizes that cannot be cropped. */
        public CenterCrop {
            Objects.requireNonNull(interpolation, "interpolation");
            if (size < 1 || resize < size) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "input size %d and resize %d: the resized image must not be smaller than the input",
                                size,
                                resize));
            }
        }

        /**
         * Bilinear as in Pillow.
         *
         * @param size side in pixels
         * @param resize shorter side before the crop, in pixels
         */
        public CenterCrop(int size, int resize) {
            this(size, resize, Interpolation.BILINEAR);
        }

        /**
         * Photographs: the customary margin, 256 to 224, none for images too small to spare it.
         *
         * @param size side in pixels
         * @return crop to {@code size}
         */
        public static CenterCrop photograph(int size) {
            return new CenterCrop(size, size < 96 ? size : Math.round(size * 256 / 224f));
        }

        @Override
        public int height() {
            return size;
        }

        @Override
        public int width() {
            return size;
        }

        @Override
        public String describe() {
            String sizes =
                    String.format(
                            Locale.ROOT, "the shorter side to %d, the middle %d", resize, size);
            return interpolation == Interpolation.BILINEAR ? sizes : sizes + ", " + interpolation;
        }

        @Override
        public Pixels apply(Pixels image) {
            return image.resizeAndCrop(resize, size, interpolation);
        }
    }

    /**
     * The image as a whole, in its own proportion: resizes the shorter side, bilinearly as in
     * Pillow, as torchvision's {@code SemanticSegmentation} and {@code Resize} do. The longer side
     * is truncated to whole pixels.
     *
     * @param shorterSide in pixels
     */
    record WholeImage(int shorterSide) implements Fit {

        private static final int LONGEST = 8;

        /** Refuses sizes without pixels. */
        public WholeImage {
            if (shorterSide < 1) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "shorter side %d: give at least 1 pixel",
                                shorterSide));
            }
        }

        @Override
        public int height() {
            return shorterSide;
        }

        @Override
        public int width() {
            return shorterSide;
        }

        @Override
        public String describe() {
            return String.format(
                    Locale.ROOT, "the shorter side to %d, the whole image", shorterSide);
        }

        /**
         * {@inheritDoc}
         *
         * @throws IllegalArgumentException if the image is so long that memory might not suffice
         */
        @Override
        public Pixels apply(Pixels image) {
            int longer = Math.max(image.height(), image.width());
            if (longer > (long) LONGEST * Math.min(image.height(), image.width())) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "The image has %dx%d pixels, but one that is taken as a whole may be at most %d times as long as wide; cut it.",
                                image.width(),
                                image.height(),
                                LONGEST));
            }
            return image.resizeShorterSide(shorterSide);
        }
    }

    /**
     * Lines of text: resizes to the height, keeping the proportion but at most as wide as the
     * width, and pads on the right with mid gray (128). The width is rounded as in PaddleOCR's
     * {@code resize_norm_img}.
     *
     * @param height in pixels
     * @param width in pixels
     */
    record PadRight(int height, int width) implements Fit {

        private static final byte GREY = (byte) 128;

        /** Refuses sizes without pixels. */
        public PadRight {
            requirePixels(height, width);
        }

        @Override
        public String describe() {
            return String.format(Locale.ROOT, "%d high, padded to %d", height, width);
        }

        @Override
        public Pixels apply(Pixels image) {
            // In this order of operations, for the same rounding as in Python.
            double proportional = height * ((double) image.width() / image.height());
            int wide = Math.min(width, (int) Math.ceil(proportional));
            Pixels resized = image.resize(height, wide);
            if (wide == width) {
                return resized;
            }
            int rows = image.channels() * height;
            byte[] padded = new byte[Math.multiplyExact(rows, width)];
            Arrays.fill(padded, GREY);
            for (int row = 0; row < rows; row++) {
                System.arraycopy(resized.data(), row * wide, padded, row * width, wide);
            }
            return new Pixels(padded, image.channels(), height, width);
        }
    }

    /**
     * What detectors of torchvision's take: resizes to the height and the width whatever the
     * proportions, bilinearly without antialiasing, and does not round, if a net is to read the
     * result.
     *
     * @param height in pixels
     * @param width in pixels
     */
    record Stretch(int height, int width) implements Fit {

        /** Refuses sizes without pixels. */
        public Stretch {
            requirePixels(height, width);
        }

        @Override
        public String describe() {
            return String.format(Locale.ROOT, "stretched to %dx%d", width, height);
        }

        @Override
        public Pixels apply(Pixels image) {
            Normalization samples = Normalization.uniform(image.channels(), 0, 1 / 255f);
            float[] values = apply(image, samples);
            byte[] rounded = new byte[values.length];
            for (int i = 0; i < values.length; i++) {
                rounded[i] = (byte) Math.round(values[i]);
            }
            return new Pixels(rounded, image.channels(), height, width);
        }

        @Override
        public float[] apply(Pixels image, Normalization scaling) {
            return StretchedImage.of(image, scaling.tables(), height, width);
        }
    }

    private static void requirePixels(int height, int width) {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "input height %d and width %d: give at least 1 pixel each",
                            height,
                            width));
        }
    }
}
