package org.mobilenetv3.train.data.augment;

import java.util.Arrays;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import org.mobilenetv3.image.Pixels;

/**
 * Changes of color in 8 bits, equal to Pillow's bit for bit (ImageEnhance.py, ImageOps.py,
 * libImaging/Blend.c and Filter.c), which torchvision calls. Each returns a new image or, where
 * nothing changes, its argument.
 */
final class ColorOps {
    private ColorOps() {}

    /** Blends with black; factor 1 changes nothing, 0 gives black. */
    static Pixels brightness(Pixels image, double factor) {
        return blend(new byte[image.data().length], image, factor);
    }

    /** Blends with the gray of the image's mean luma, rounded. */
    static Pixels contrast(Pixels image, double factor) {
        byte[] luma = image.toChannels(1).data();
        long sum = 0;
        for (byte sample : luma) {
            sum += sample & 0xFF;
        }
        byte[] gray = new byte[image.data().length];
        Arrays.fill(gray, (byte) (int) ((double) sum / luma.length + 0.5));
        return blend(gray, image, factor);
    }

    /** Blends with the image's luma; a gray image stays as it is. */
    static Pixels saturation(Pixels image, double factor) {
        return image.channels() == 1
                ? image
                : blend(image.toChannels(1).toChannels(3).data(), image, factor);
    }

    /**
     * Turns the hue in Pillow's HSV of 8 bits; a gray image stays as it is. An angle of 0 changes a
     * little, too: HSV has fewer colors.
     *
     * @param turns -0.5 to 0.5
     */
    static Pixels hue(Pixels image, double turns) {
        if (image.channels() == 1) {
            return image;
        }
        int shift = (int) (turns * 255);
        int plane = image.height() * image.width();
        byte[] in = image.data();
        byte[] out = new byte[in.length];
        for (int i = 0; i < plane; i++) {
            int red = in[i] & 0xFF;
            int green = in[plane + i] & 0xFF;
            int blue = in[2 * plane + i] & 0xFF;
            int value = Math.max(red, Math.max(green, blue));
            int range = value - Math.min(red, Math.min(green, blue));
            int saturation = range == 0 ? 0 : (int) ((float) range / value * 255.0);
            if (saturation == 0) {
                out[i] = (byte) value;
                out[plane + i] = (byte) value;
                out[2 * plane + i] = (byte) value;
                continue;
            }
            int hue = (hue(red, green, blue, value, range) + shift) & 0xFF;
            int sector = (int) (hue * 6.0 / 255.0);
            float rest = (float) (hue * 6.0 / 255.0 - sector);
            float share = (float) (saturation / 255.0);
            byte least = (byte) (int) (value * (1.0 - share) + 0.5);
            byte falling = (byte) (int) (value * (1.0 - share * rest) + 0.5);
            byte rising = (byte) (int) (value * (1.0 - share * (1.0 - rest)) + 0.5);
            byte most = (byte) value;
            switch (sector % 6) {
                case 0 -> put(out, i, plane, most, rising, least);
                case 1 -> put(out, i, plane, falling, most, least);
                case 2 -> put(out, i, plane, least, most, rising);
                case 3 -> put(out, i, plane, least, falling, most);
                case 4 -> put(out, i, plane, rising, least, most);
                default -> put(out, i, plane, most, least, falling);
            }
        }
        return like(image, out);
    }

    /** The hue of a color that is not gray, 0 to 255 (libImaging/Convert.c). */
    private static int hue(int red, int green, int blue, int value, int range) {
        float toRed = (float) (value - red) / range;
        float toGreen = (float) (value - green) / range;
        float toBlue = (float) (value - blue) / range;
        float sixths;
        if (red == value) {
            sixths = toBlue - toGreen;
        } else if (green == value) {
            sixths = (float) (2.0 + toRed - toBlue);
        } else {
            sixths = (float) (4.0 + toGreen - toRed);
        }
        float turns = (float) ((sixths / 6.0 + 1.0) % 1.0);
        return (int) (turns * 255.0);
    }

    private static void put(byte[] out, int i, int plane, byte red, byte green, byte blue) {
        out[i] = red;
        out[plane + i] = green;
        out[2 * plane + i] = blue;
    }

    /** Gives the image's channels in another order. */
    static Pixels permute(Pixels image, int... order) {
        int plane = image.height() * image.width();
        byte[] out = new byte[image.data().length];
        for (int c = 0; c < order.length; c++) {
            System.arraycopy(image.data(), order[c] * plane, out, c * plane, plane);
        }
        return like(image, out);
    }

    /** Blends with the smoothed image: the center weighs 5, its eight neighbors 1 each. */
    static Pixels sharpness(Pixels image, double factor) {
        int width = image.width();
        byte[] in = image.data();
        byte[] smooth = in.clone(); // Pillow leaves the outermost pixels
        for (int row = 0; row < image.channels() * image.height(); row++) {
            int y = row % image.height();
            if (y == 0 || y == image.height() - 1) {
                continue;
            }
            for (int x = 1; x < width - 1; x++) {
                int at = row * width + x;
                int sum = 4 * (in[at] & 0xFF);
                for (int near = at - width - 1; near <= at + width - 1; near += width) {
                    sum += (in[near] & 0xFF) + (in[near + 1] & 0xFF) + (in[near + 2] & 0xFF);
                }
                smooth[at] = (byte) ((2 * sum + 13) / 26); // sum / 13, rounded
            }
        }
        return blend(smooth, image, factor);
    }

    /** Keeps the given number of high bits, 1 to 8. */
    static Pixels posterize(Pixels image, int bits) {
        int mask = -(1 << (8 - bits));
        return map(image, sample -> sample & mask);
    }

    /** Inverts the samples that are not below the threshold. */
    static Pixels solarize(Pixels image, double threshold) {
        return map(image, sample -> sample < threshold ? sample : 255 - sample);
    }

    /** Stretches each channel so that its lowest sample becomes 0 and its highest 255. */
    static Pixels autoContrast(Pixels image) {
        return mapChannels(image, ColorOps::stretching);
    }

    private static IntUnaryOperator stretching(int[] histogram) {
        int low = 0;
        int high = 255;
        while (histogram[low] == 0) {
            low++;
        }
        while (histogram[high] == 0) {
            high--;
        }
        if (high <= low) {
            return IntUnaryOperator.identity();
        }
        double scale = 255.0 / (high - low);
        double offset = -low * scale;
        return sample -> Math.max(0, Math.min(255, (int) (sample * scale + offset)));
    }

    /** Spreads each channel's samples so that all occur about equally often. */
    static Pixels equalize(Pixels image) {
        return mapChannels(image, ColorOps::equalizing);
    }

    private static IntUnaryOperator equalizing(int[] histogram) {
        int last = 255;
        while (histogram[last] == 0) {
            last--;
        }
        int step = (Arrays.stream(histogram).sum() - histogram[last]) / 255;
        if (step == 0) { // of one color, or too small to tell
            return IntUnaryOperator.identity();
        }
        int[] table = new int[256];
        int below = step / 2;
        for (int sample = 0; sample < 256; sample++) {
            table[sample] = Math.min(255, below / step);
            below += histogram[sample];
        }
        return sample -> table[sample];
    }

    /** {@code from + factor * (to - from)} in 32-bit floats, cut off (not rounded) to 8 bits. */
    private static Pixels blend(byte[] from, Pixels to, double factor) {
        float alpha = (float) factor;
        byte[] data = to.data();
        if (alpha == 1) {
            return to;
        }
        byte[] out = new byte[data.length];
        for (int i = 0; i < data.length; i++) {
            int a = from[i] & 0xFF;
            float value = a + alpha * ((data[i] & 0xFF) - a);
            out[i] = (byte) (int) Math.max(0f, Math.min(255f, value));
        }
        return like(to, out);
    }

    private static Pixels mapChannels(Pixels image, Function<int[], IntUnaryOperator> ofHistogram) {
        int plane = image.height() * image.width();
        byte[] in = image.data();
        byte[] out = new byte[in.length];
        for (int start = 0; start < in.length; start += plane) {
            int[] histogram = new int[256];
            for (int i = start; i < start + plane; i++) {
                histogram[in[i] & 0xFF]++;
            }
            IntUnaryOperator operator = ofHistogram.apply(histogram);
            for (int i = start; i < start + plane; i++) {
                out[i] = (byte) operator.applyAsInt(in[i] & 0xFF);
            }
        }
        return like(image, out);
    }

    private static Pixels map(Pixels image, IntUnaryOperator operator) {
        byte[] out = new byte[image.data().length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) operator.applyAsInt(image.data()[i] & 0xFF);
        }
        return like(image, out);
    }

    private static Pixels like(Pixels image, byte[] data) {
        return new Pixels(data, image.channels(), image.height(), image.width());
    }
}
