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
