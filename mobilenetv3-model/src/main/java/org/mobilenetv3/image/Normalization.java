package org.mobilenetv3.image;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Locale;

/**
 * Turns 8-bit samples into network input: {@code (sample / 255 - mean) / std} per channel in 32-bit
 * floats, the numbers of torchvision's {@code ToTensor} and {@code Normalize}.
 *
 * @param mean one value per channel, on the scale of 0 to 1
 * @param std one positive value per channel
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out; equals and hashCode go by content
public record Normalization(float[] mean, float[] std) {
    /** ImageNet's, 3 channels: what pretrained networks expect. */
    public static final Normalization IMAGENET =
            rgb(0.485f, 0.456f, 0.406f, 0.229f, 0.224f, 0.225f);

    /** CIFAR-10's training set, 3 channels. */
    public static final Normalization CIFAR10 =
            rgb(0.4914f, 0.4822f, 0.4465f, 0.2470f, 0.2435f, 0.2616f);

    /** CIFAR-100's training set, 3 channels. */
    public static final Normalization CIFAR100 =
            rgb(0.5071f, 0.4867f, 0.4408f, 0.2675f, 0.2565f, 0.2761f);

    /** MNIST's training set, 1 channel. */
    public static final Normalization MNIST = gray(0.1307f, 0.3081f);

    /** Fashion-MNIST's training set, 1 channel. */
    public static final Normalization FASHION_MNIST = gray(0.2860f, 0.3530f);

    /** Samples at a time, so that they stay in the innermost cache. */
    private static final int PIECE = 2048;

    /**
     * Copies the arrays.
     *
     * @throws IllegalArgumentException if they are empty or differ in length, or if a mean is not
     *     finite or a deviation not positive
     */
    public Normalization {
        if (mean.length == 0 || mean.length != std.length) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "Normalization has %d means and %d deviations; give one of each per channel.",
                            mean.length,
                            std.length));
        }
        for (int c = 0; c < mean.length; c++) {
            if (!Float.isFinite(mean[c]) || !Float.isFinite(std[c]) || std[c] <= 0) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                ("Channel %d is normalized by mean %s and deviation %s; give finite numbers,"
                                        + " the deviation above 0."),
                                c,
                                mean[c],
                                std[c]));
            }
        }
        mean = mean.clone();
        std = std.clone();
    }

    /**
     * Mean 0 and deviation 1: samples are only scaled to 0–1, as in the web article.
     *
     * @param channels at least 1
     */
    public static Normalization unit(int channels) {
        float[] ones = new float[Math.max(0, channels)];
        Arrays.fill(ones, 1f);
        return new Normalization(new float[ones.length], ones);
    }

    /**
     * The same mean and deviation for each channel.
     *
     * @param channels at least 1
     */
    public static Normalization uniform(int channels, float mean, float std) {
        float[] means = new float[Math.max(0, channels)];
        float[] deviations = means.clone();
        Arrays.fill(means, mean);
        Arrays.fill(deviations, std);
        return new Normalization(means, deviations);
    }

    private static Normalization rgb(float r, float g, float b, float sr, float sg, float sb) {
        return new Normalization(new float[] {r, g, b}, new float[] {sr, sg, sb});
    }

    private static Normalization gray(float mean, float std) {
        return uniform(1, mean, std);
    }

    /**
     * Returns what is done, for people.
     *
     * @return a phrase, for instance {@code ImageNet's normalization}
     */
    public String describe() {
        if (equals(IMAGENET)) {
            return "ImageNet's normalization";
        }
        if (equals(unit(mean.length))) {
            return "pixels from 0 to 1, not normalized";
        }
        return "mean %s and deviation %s".formatted(text(mean), text(std));
    }

    /** One number if all are equal. */
    private static String text(float... values) {
        String all = Arrays.toString(values);
        return all.equals(Arrays.toString(uniform(values.length, values[0], 1).mean))
                ? Float.toString(values[0])
                : all;
    }

    /** How many channels an image must have. */
    public int channels() {
        return mean.length;
    }

    /** A copy of the means, one per channel. */
    @Override
    public float[] mean() {
        return mean.clone();
    }

    /** A copy of the deviations, one per channel. */
    @Override
    public float[] std() {
        return std.clone();
    }

    /** For each channel the 256 values its samples become; {@code (channels, 256)}, a new array. */
    public float[][] tables() {
        float[][] tables = new float[mean.length][256];
        for (int c = 0; c < mean.length; c++) {
            for (int sample = 0; sample < 256; sample++) {
                tables[c][sample] = (sample / 255f - mean[c]) / std[c];
            }
        }
        return tables;
    }

    /**
     * Normalizes one image {@code (C, H, W)} into {@code out} from {@code offset}.
     *
     * @param planeSize height times width
     * @throws IllegalArgumentException if the image has not {@code channels * planeSize} samples
     */
    public void apply(byte[] chw, int planeSize, float[] out, int offset) {
        if (chw.length != (long) mean.length * planeSize) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            ("An image of %d samples was to be normalized as %d channels of %d; convert it"
                                    + " to that many channels first."),
                            chw.length,
                            mean.length,
                            planeSize));
        }
        apply(ByteBuffer.wrap(chw), planeSize, FloatBuffer.wrap(out, offset, chw.length));
    }

    /**
     * Normalizes images {@code (N, C, H, W)}.
     *
     * @param samples of all images
     * @param planeSize height times width
     * @param out takes as many values as there are samples
     * @throws IllegalArgumentException if there are parts of images
     */
    public void apply(ByteBuffer samples, int planeSize, FloatBuffer out) {
        ByteBuffer rest = samples.duplicate();
        if (rest.remaining() % ((long) mean.length * planeSize) != 0) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%d samples are not images of %d channels of %d.",
                            rest.remaining(),
                            mean.length,
                            planeSize));
        }
        float[][] tables = tables();
        byte[] read = new byte[Math.min(planeSize, PIECE)];
        float[] written = new float[read.length];
        for (int plane = 0; rest.hasRemaining(); plane++) {
            float[] table = tables[plane % mean.length];
            for (int left = planeSize; left > 0; left -= read.length) {
                int size = Math.min(left, read.length);
                rest.get(read, 0, size);
                look(table, read, written, size);
                out.put(written, 0, size);
            }
        }
    }

    /** A method of its own, which HotSpot compiles to twice the speed. */
    private static void look(float[] table, byte[] read, float[] written, int size) {
        for (int i = 0; i < size; i++) {
            written[i] = table[read[i] & 0xFF];
        }
    }

    /** {@inheritDoc} */
    @Override
    public boolean equals(Object other) {
        return other instanceof Normalization that
                && Arrays.equals(mean, that.mean)
                && Arrays.equals(std, that.std);
    }

    /** {@inheritDoc} */
    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(mean) + Arrays.hashCode(std);
    }

    /** {@inheritDoc} */
    @Override
    public String toString() {
        return "Normalization(mean "
                + Arrays.toString(mean)
                + ", std "
                + Arrays.toString(std)
                + ")";
    }
}
