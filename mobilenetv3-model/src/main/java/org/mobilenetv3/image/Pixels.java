package org.mobilenetv3.image;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.mobilenetv3.image.Resampler.Window;

/**
 * One image of 8-bit samples stored plane after plane as {@code (C, H, W)}, as PyTorch lays it out.
 * The array is not copied: treat it as read-only.
 *
 * @param data {@code channels * height * width} unsigned samples
 * @param channels 1 (gray) or 3 (red, green, blue)
 * @param height in pixels
 * @param width in pixels
 */
@SuppressWarnings("ArrayRecordComponent") // a pixel plane; equals and hashCode go by content
public record Pixels(byte[] data, int channels, int height, int width) {

    /**
     * Checks that the array has the size the other components say.
     *
     * @throws IllegalArgumentException if it has not, or if there are not 1 or 3 channels
     */
    public Pixels {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException(
                    "An image has " + channels + " channels; expected 1 (gray) or 3 (RGB).");
        }
        if (height < 1 || width < 1 || data.length != (long) channels * height * width) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            ("An image of %d samples cannot be (%d, %d, %d); give channels * height *"
                                    + " width samples."),
                            data.length,
                            channels,
                            height,
                            width));
        }
    }

    /**
     * Decodes an image file (PNG, JPEG, BMP, GIF and what else {@code javax.imageio} reads) by its
     * content, whatever its name. An image that was taken with the camera turned is turned upright,
     * as Exif or XMP tells; alpha is dropped, CMYK becomes RGB and color profiles are ignored, as
     * Pillow's {@code ImageOps.exif_transpose(Image.open(path)).convert("RGB")} does.
     *
     * <p>An image whose samples take more than a third of Java's memory is halved in size (or
     * quartered, and so on) while it is decoded, each sample the mean of a square: resized, it is
     * off by 1 of 255 at most where its sides can be divided so, and a little more elsewhere.
     *
     * @throws IOException if the file is missing, no image, truncated or of an unsupported kind
     */
    public static Pixels read(Path file) throws IOException {
        try (DecodingMemory.Share memory = DecodingMemory.ofHeap().share()) {
            return read(file, memory);
        }
    }

    /**
     * Decodes an image file as {@link #read(Path)} does, beside others: waits until there is memory
     * for it.
     *
     * @param memory its share, to be closed when the image is no longer needed
     * @throws IOException if the file is missing, no image, truncated or of an unsupported kind
     */
    public static Pixels read(Path file, DecodingMemory.Share memory) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("'" + file + "' is a directory; give an image file.");
        }
        if (!Files.exists(file)) {
            throw new IOException("The image file '" + file + "' does not exist; check the path.");
        }
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (OutOfMemoryError e) {
            throw new ImageTooLargeException(file.toString(), e);
        }
        return ImageFile.decode(bytes, file.toString(), ImageLimits.DEFAULT, memory);
    }

    /**
     * Decodes the bytes of an image file, as {@link #read(Path)} does.
     *
     * @param name what error messages call the image
     * @throws IOException if the bytes are no complete image of a supported kind
     */
    public static Pixels decode(byte[] file, String name) throws IOException {
        return decode(file, name, ImageLimits.DEFAULT);
    }

    /**
     * Decodes the bytes of an image file of unknown origin, as {@link #read(Path)} does.
     *
     * @param name what error messages call the image
     * @param limits what the image may cost
     * @throws ImageTooLargeException if it has too many pixels
     * @throws ImageTooSlowException if decoding takes too long
     * @throws IOException if the bytes are no complete image of a supported kind
     */
    public static Pixels decode(byte[] file, String name, ImageLimits limits) throws IOException {
        try (DecodingMemory.Share memory = DecodingMemory.ofHeap().share()) {
            return ImageFile.decode(file, name, limits, memory);
        }
    }

    /**
     * Decodes the bytes of an image file as {@link #read(Path, DecodingMemory.Share)} does: waits
     * until there is memory for it.
     *
     * @param name what error messages call the image
     * @param memory its share, to be closed when the image is no longer needed
     * @throws IOException if the bytes are no complete image of a supported kind
     */
    public static Pixels decode(byte[] file, String name, DecodingMemory.Share memory)
            throws IOException {
        return ImageFile.decode(file, name, ImageLimits.DEFAULT, memory);
    }

    /**
     * Takes the samples of a decoded image: 1 channel if it is gray by its kind (a gray color model
     * or a palette of grays), otherwise red, green and blue. 16-bit samples keep their high byte;
     * alpha is dropped.
     *
     * @throws IllegalArgumentException if the image is neither gray nor RGB (CMYK, floating point)
     */
    public static Pixels of(BufferedImage image) {
        return Rasters.toPixels(image);
    }

    /**
     * Converts to 1 or 3 channels: gray is repeated, color becomes ITU-R 601 luma exactly as
     * Pillow's {@code convert("L")}.
     *
     * @return {@code (wanted, H, W)}; this object if it has that many channels
     * @throws IllegalArgumentException if {@code wanted} is neither 1 nor 3
     */
    public Pixels toChannels(int wanted) {
        if (wanted == channels) {
            return this;
        }
        int plane = height * width;
        byte[] out = new byte[Math.multiplyExact(wanted, plane)];
        if (channels == 1) {
            for (int c = 0; c < wanted; c++) {
                System.arraycopy(data, 0, out, c * plane, plane);
            }
        } else if (wanted == 1) {
            for (int i = 0; i < plane; i++) {
                int red = data[i] & 0xFF;
                int green = data[plane + i] & 0xFF;
                int blue = data[2 * plane + i] & 0xFF;
                out[i] = (byte) ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);
            }
        }
        return new Pixels(out, wanted, height, width);
    }

    /**
     * Resizes so that the shorter side is {@code size} pixels, bilinearly as Pillow does.
     *
     * @see #resizeShorterSide(int, Interpolation)
     */
    public Pixels resizeShorterSide(int size) {
        return resizeShorterSide(size, Interpolation.BILINEAR);
    }

    /**
     * Resizes so that the shorter side is {@code size} pixels and the longer keeps its proportion:
     * truncated as by torchvision's {@code Resize(size)} on a Pillow image, or rounded as by
     * PaddleClas' {@code ResizeImage} where the interpolation is OpenCV's.
     *
     * @return this object if it has that size
     * @throws IllegalArgumentException if {@code size} is not positive
     */
    public Pixels resizeShorterSide(int size, Interpolation interpolation) {
        requirePositive("resize", size);
        return resize(newHeight(size, interpolation), newWidth(size, interpolation), interpolation);
    }

    /**
     * Resizes the shorter side as {@link #resizeShorterSide(int, Interpolation)} and crops the
     * center, but computes only what the crop keeps. The crop starts where torchvision's {@code
     * CenterCrop} or, where the interpolation is OpenCV's, PaddleClas' {@code CropImage} starts it.
     *
     * @param size of the shorter side after resizing
     * @param crop of both sides after cropping; what exceeds the image is padded with zeros
     * @throws IllegalArgumentException if one is not positive
     */
    public Pixels resizeAndCrop(int size, int crop, Interpolation interpolation) {
        requirePositive("resize", size);
        requirePositive("crop", crop);
        int newHeight = newHeight(size, interpolation);
        int newWidth = newWidth(size, interpolation);
        int top = interpolation.cropStart(newHeight, crop);
        int left = interpolation.cropStart(newWidth, crop);
        return crop > size || (newHeight == height && newWidth == width)
                ? resize(newHeight, newWidth, interpolation).cut(top, left, crop)
                : resized(interpolation, new Window(newHeight, newWidth, top, left, crop, crop));
    }

    /**
     * Resizes bilinearly as Pillow does and cuts a part out, but computes only what the part keeps.
     *
     * @param newHeight of the whole resized image
     * @param newWidth of the whole resized image
     * @param top where the part begins
     * @param left where the part begins
     * @param rows height of the part
     * @param columns width of the part
     * @return {@code (C, rows, columns)}
     * @throws IllegalArgumentException if the part is not within the resized image
     */
    public Pixels resizeAndCut(
            int newHeight, int newWidth, int top, int left, int rows, int columns) {
        requirePositive("cut", rows);
        requirePositive("cut", columns);
        if (top < 0 || left < 0 || top > newHeight - rows || left > newWidth - columns) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "A part of %d by %d pixels from %d, %d is not within an image of %d by %d.",
                            rows,
                            columns,
                            top,
                            left,
                            newHeight,
                            newWidth));
        }
        Window window = new Window(newHeight, newWidth, top, left, rows, columns);
        return Resampler.resize(this, Interpolation.BILINEAR, window);
    }

    private int newHeight(int size, Interpolation interpolation) {
        return height <= width ? size : interpolation.longerSide(size, width, height);
    }

    private int newWidth(int size, Interpolation interpolation) {
        return height <= width ? interpolation.longerSide(size, height, width) : size;
    }

    /**
     * Resizes bilinearly as Pillow does.
     *
     * @see #resize(int, int, Interpolation)
     */
    public Pixels resize(int newHeight, int newWidth) {
        return resize(newHeight, newWidth, Interpolation.BILINEAR);
    }

    /**
     * Resizes, equal bit for bit to the library that the interpolation names.
     *
     * @return this object if it has that size
     * @throws IllegalArgumentException if a side is not positive
     */
    public Pixels resize(int newHeight, int newWidth, Interpolation interpolation) {
        requirePositive("resize", newHeight);
        requirePositive("resize", newWidth);
        return newHeight == height && newWidth == width
                ? this
                : resized(interpolation, Window.whole(newHeight, newWidth));
    }

    private Pixels resized(Interpolation interpolation, Window window) {
        return interpolation == Interpolation.OPENCV_BILINEAR
                ? OpenCvResampler.resize(this, window)
                : Resampler.resize(this, interpolation, window);
    }

    /**
     * Cuts {@code (C, size, size)} from the middle, as torchvision's {@code CenterCrop(size)}: an
     * image smaller than that is padded with zeros.
     *
     * @throws IllegalArgumentException if {@code size} is not positive
     */
    public Pixels centerCrop(int size) {
        requirePositive("crop", size);
        return cut(
                Interpolation.BILINEAR.cropStart(height, size),
                Interpolation.BILINEAR.cropStart(width, size),
                size);
    }

    /** A square that begins there; what lies outside of the image is zero. */
    private Pixels cut(int top, int left, int size) {
        if (height == size && width == size) {
            return this;
        }
        byte[] out = new byte[Math.multiplyExact(channels, Math.multiplyExact(size, size))];
        int from = Math.max(0, left);
        int count = Math.min(width, left + size) - from;
        for (int c = 0; c < channels; c++) {
            for (int y = Math.max(0, -top); y < Math.min(size, height - top); y++) {
                int source = (c * height + y + top) * width + from;
                System.arraycopy(data, source, out, (c * size + y) * size + from - left, count);
            }
        }
        return new Pixels(out, channels, size, size);
    }

    private static void requirePositive(String what, int size) {
        if (size < 1) {
            throw new IllegalArgumentException(
                    "Cannot " + what + " an image to " + size + " pixels; give at least 1.");
        }
    }

    /** The image for Java's own tools: gray for one channel, otherwise RGB. */
    public BufferedImage toImage() {
        boolean gray = channels == 1;
        BufferedImage image =
                new BufferedImage(
                        width,
                        height,
                        gray ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        int[] plane = new int[width * height];
        for (int band = 0; band < (gray ? 1 : 3); band++) {
            for (int i = 0; i < plane.length; i++) {
                plane[i] = data[band * plane.length + i] & 0xFF;
            }
            image.getRaster().setSamples(0, 0, width, height, band, plane);
        }
        return image;
    }

    /** {@inheritDoc} */
    @Override
    public boolean equals(Object other) {
        return other instanceof Pixels that
                && channels == that.channels
                && height == that.height
                && width == that.width
                && Arrays.equals(data, that.data);
    }

    /** {@inheritDoc} */
    @Override
    public int hashCode() {
        return 31 * (31 * height + width) + Arrays.hashCode(data);
    }

    /** {@inheritDoc} */
    @Override
    public String toString() {
        return "Pixels(" + channels + ", " + height + ", " + width + ")";
    }
}
