package org.mobilenetv3.vector;

import java.util.Arrays;
import java.util.List;
import org.mobilenetv3.detection.BoxCoder;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.vector.kernel.Kernels;
import org.mobilenetv3.vector.kernel.Places;

/**
 * Steps that are a small part of a net's work; one unit for each image, unless they say otherwise.
 */
abstract class ElementStep extends Step {

    final List<Tensor> inputs;
    final Tensor in;
    final Tensor out;

    ElementStep(Tensor out, Tensor... inputs) {
        this.inputs = List.of(inputs);
        this.in = inputs[0];
        this.out = out;
    }

    @Override
    final List<Tensor> inputs() {
        return inputs;
    }

    @Override
    final Tensor output() {
        return out;
    }

    @Override
    int units() {
        return out.count;
    }

    /** The mean of each channel, 64 channels a unit. */
    static final class Mean extends ElementStep {
        private static final int TOGETHER = 64;
        private final Kernels kernels;

        Mean(Kernels kernels, Tensor in, Tensor out) {
            super(out, in);
            this.kernels = kernels;
        }

        @Override
        int units() {
            return in.count * parts();
        }

        private int parts() {
            return (in.stride + TOGETHER - 1) / TOGETHER;
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            int image = unit / parts();
            int channel = unit % parts() * TOGETHER;
            kernels.mean(
                    a,
                    in.offset() + image * in.image() + channel,
                    in.stride,
                    in.pixels(),
                    out.offset() + image * out.stride + channel,
                    Math.min(TOGETHER, in.stride - channel));
        }
    }

    /** The product of an image and one number for each of its channels; may be in place. */
    static final class Scale extends ElementStep {
        private final Kernels kernels;
        private final Tensor gate;
        private final int parts;

        Scale(Kernels kernels, Tensor in, Tensor gate, Tensor out) {
            super(out, in, gate);
            this.kernels = kernels;
            this.gate = gate;
            parts = in.pixels() >= 32 ? 4 : 1;
        }

        @Override
        int units() {
            return in.count * parts;
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            int image = unit / parts;
            int from = unit % parts * in.pixels() / parts;
            int to = (unit % parts + 1) * in.pixels() / parts;
            int pixel = image * in.image() + from * in.stride;
            kernels.scale(
                    a,
                    in.offset() + pixel,
                    gate.offset() + image * gate.stride,
                    out.offset() + pixel,
                    in.stride,
                    to - from,
                    in.stride);
        }
    }

    /** A function, or the numbers as they are. */
    static final class Activate extends ElementStep {
        private final Kernels kernels;
        private final Nonlinearity function;
        private final int[] at;

        Activate(Kernels kernels, Nonlinearity function, Tensor in, Tensor out) {
            super(out, in);
            this.kernels = kernels;
            this.function = function;
            at = Places.plain(in.pixels(), in.stride);
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            int to = out.offset() + unit * out.image();
            System.arraycopy(a, in.offset() + unit * in.image(), a, to, in.image());
            kernels.activate(a, function, to, at, 0, in.pixels(), in.stride);
        }
    }

    /** A sum of two images. */
    static final class Add extends ElementStep {
        Add(Tensor in, Tensor other, Tensor out) {
            super(out, in, other);
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            int size = in.image();
            int i = in.offset() + unit * size;
            int j = inputs.get(1).offset() + unit * size;
            int o = out.offset() + unit * size;
            for (int k = 0; k < size; k++) {
                a[o + k] = a[i + k] + a[j + k];
            }
        }
    }

    /** A product of images of one shape, or of one and a second one of one channel. */
    static final class Multiply extends ElementStep {
        Multiply(Tensor in, Tensor other, Tensor out) {
            super(out, in, other);
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            Tensor other = inputs.get(1);
            boolean gate = other.channels == 1 && in.channels > 1;
            int i = in.offset() + unit * in.image();
            int j = other.offset() + unit * other.image();
            int o = out.offset() + unit * out.image();
            for (int p = 0; p < in.pixels(); p++) {
                for (int c = 0; c < in.stride; c++) {
                    int k = p * in.stride + c;
                    a[o + k] = a[i + k] * a[gate ? j + p * other.stride : j + k];
                }
            }
        }
    }

    /** A constant for each channel, in place in planes. */
    static final class Normalize extends ElementStep {
        private final Op.PerChannel.Kind kind;
        private final float[] constants;

        Normalize(Op.PerChannel op, Tensor planes) {
            super(planes, planes);
            kind = op.kind();
            constants = op.values();
        }

        @Override
        int units() {
            return in.count * in.channels;
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            int from = in.offset() + unit * in.pixels();
            apply(kind, a, from, from + in.pixels(), constants[unit % in.channels]);
        }
    }

    /** A constant for each channel. */
    static final class PerChannel extends ElementStep {
        private final Op.PerChannel.Kind kind;
        private final float[] constants;

        PerChannel(Op.PerChannel op, Tensor in, Tensor out) {
            super(out, in);
            kind = op.kind();
            constants = Arrays.copyOf(op.values(), in.stride);
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            int i = in.offset() + unit * in.image();
            int o = out.offset() + unit * in.image();
            for (int p = 0; p < in.pixels(); p++) {
                for (int c = 0; c < in.channels; c++) {
                    int k = p * in.stride + c;
                    a[o + k] = apply(kind, a[i + k], constants[c]);
                }
                Arrays.fill(a, o + p * in.stride + in.channels, o + (p + 1) * in.stride, 0);
            }
        }
    }

    private static float apply(Op.PerChannel.Kind kind, float x, float constant) {
        return switch (kind) {
            case ADD -> x + constant;
            case SUBTRACT -> x - constant;
            case MULTIPLY -> x * constant;
            case DIVIDE -> x / constant;
        };
    }

    private static void apply(
            Op.PerChannel.Kind kind, float[] a, int from, int to, float constant) {
        switch (kind) {
            case ADD -> {
                for (int i = from; i < to; i++) {
                    a[i] += constant;
                }
            }
            case SUBTRACT -> {
                for (int i = from; i < to; i++) {
                    a[i] -= constant;
                }
            }
            case MULTIPLY -> {
                for (int i = from; i < to; i++) {
                    a[i] *= constant;
                }
            }
            case DIVIDE -> {
                for (int i = from; i < to; i++) {
                    a[i] /= constant;
                }
            }
        }
    }

    /** Planes to pixels. */
    static final class ChannelsLast extends ElementStep {
        ChannelsLast(Tensor planes, Tensor out) {
            super(out, planes);
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            int i = in.offset() + unit * in.channels * in.pixels();
            int o = out.offset() + unit * out.image();
            Arrays.fill(a, o, o + out.image(), 0);
            for (int c = 0; c < in.channels; c++) {
                for (int p = 0; p < in.pixels(); p++) {
                    a[o + p * out.stride + c] = a[i + c * in.pixels() + p];
                }
            }
        }
    }

    /** Pixels to the order of {@code (C, H, W)}, as one vector. */
    static final class Flatten extends ElementStep {
        Flatten(Tensor in, Tensor out) {
            super(out, in);
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            int i = in.offset() + unit * in.image();
            int o = out.offset() + unit * out.stride;
            Arrays.fill(a, o, o + out.stride, 0);
            for (int c = 0; c < in.channels; c++) {
                for (int p = 0; p < in.pixels(); p++) {
                    a[o + c * in.pixels() + p] = a[i + p * in.stride + c];
                }
            }
        }
    }

    /** The largest or the mean of each window. */
    static final class Pool extends ElementStep {
        private final Op.Pool pool;

        Pool(Op.Pool pool, Tensor in, Tensor out) {
            super(out, in);
            this.pool = pool;
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            int i = in.offset() + unit * in.image();
            int o = out.offset() + unit * out.image();
            for (int y = 0; y < out.height; y++) {
                for (int x = 0; x < out.width; x++) {
                    window(a, i, o + (y * out.width + x) * out.stride, y, x);
                }
            }
        }

        /** What of a window lies beyond the padding counts neither in the sum nor in the count. */
        private void window(float[] a, int i, int o, int y, int x) {
            int top = y * pool.stride().rows() - pool.padding().rows();
            int left = x * pool.stride().columns() - pool.padding().columns();
            int bottom = Math.min(top + pool.kernel().rows(), in.height + pool.padding().rows());
            int right =
                    Math.min(left + pool.kernel().columns(), in.width + pool.padding().columns());
            int padded = (bottom - top) * (right - left);
            int y0 = Math.max(top, 0);
            int x0 = Math.max(left, 0);
            int y1 = Math.min(bottom, in.height);
            int x1 = Math.min(right, in.width);
            int inside = (y1 - y0) * (x1 - x0);
            Arrays.fill(a, o, o + out.stride, pool.max() ? Float.NEGATIVE_INFINITY : 0);
            for (int r = y0; r < y1; r++) {
                for (int c = x0; c < x1; c++) {
                    int from = i + (r * in.width + c) * in.stride;
                    for (int k = 0; k < in.stride; k++) {
                        a[o + k] =
                                pool.max()
                                        ? Math.max(a[o + k], a[from + k])
                                        : a[o + k] + a[from + k];
                    }
                }
            }
            if (!pool.max()) {
                for (int k = 0; k < out.stride; k++) {
                    a[o + k] /= pool.countPadding() ? padded : inside;
                }
            }
        }
    }

    /** Bilinear interpolation, corners not aligned, as PyTorch rounds it; a row a unit. */
    static final class Resize extends ElementStep {
        Resize(Tensor in, Tensor like, Tensor out) {
            super(out, in, like);
        }

        @Override
        int units() {
            return out.count * out.height;
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            int image = in.offset() + unit / out.height * in.image();
            float sy = source(unit % out.height, in.height, out.height);
            int y0 = (int) sy;
            int y1 = Math.min(y0 + 1, in.height - 1);
            float v1 = sy - y0;
            float v0 = 1 - v1;
            int top = image + y0 * in.width * in.stride;
            int bottom = image + y1 * in.width * in.stride;
            for (int x = 0; x < out.width; x++) {
                float sx = source(x, in.width, out.width);
                int x0 = (int) sx;
                int x1 = Math.min(x0 + 1, in.width - 1);
                float h1 = sx - x0;
                float h0 = 1 - h1;
                int i = x0 * in.stride;
                int j = x1 * in.stride;
                int o = out.offset() + (unit * out.width + x) * out.stride;
                for (int c = 0; c < out.stride; c++) {
                    a[o + c] =
                            v0 * (h0 * a[top + i + c] + h1 * a[top + j + c])
                                    + v1 * (h0 * a[bottom + i + c] + h1 * a[bottom + j + c]);
                }
            }
        }

        private static float source(int to, int from, int size) {
            return Math.max((float) from / size * (to + 0.5f) - 0.5f, 0);
        }
    }

    /** A row for each anchor of each pixel, which channels last already are. */
    static final class Rows extends ElementStep {
        Rows(Tensor in, Tensor out) {
            super(out, in);
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            int i = in.offset() + unit * in.image();
            int o = out.offset() + unit * out.image();
            for (int p = 0; p < in.pixels(); p++) {
                System.arraycopy(a, i + p * in.stride, a, o + p * in.channels, in.channels);
            }
        }
    }

    /** Rows one below the other, or side by side. */
    static final class Concatenate extends ElementStep {
        private final boolean below;

        Concatenate(int axis, Tensor out, Tensor... inputs) {
            super(out, inputs);
            below = axis == 1;
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            int o = out.offset() + unit * out.image();
            for (Tensor part : inputs) {
                int i = part.offset() + unit * part.image();
                if (below) {
                    System.arraycopy(a, i, a, o, part.image());
                    o += part.image();
                } else {
                    for (int r = 0; r < part.height; r++) {
                        System.arraycopy(
                                a, i + r * part.stride, a, o + r * out.stride, part.channels);
                    }
                    o += part.channels;
                }
            }
        }
    }

    /** Probabilities of each row. */
    static final class Softmax extends ElementStep {
        Softmax(Tensor in, Tensor out) {
            super(out, in);
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            for (int r = 0; r < in.height; r++) {
                int i = in.offset() + unit * in.image() + r * in.stride;
                int o = out.offset() + unit * in.image() + r * in.stride;
                float largest = a[i];
                for (int c = 1; c < in.channels; c++) {
                    largest = Math.max(largest, a[i + c]);
                }
                double sum = 0;
                for (int c = 0; c < in.channels; c++) {
                    double power = Math.exp(a[i + c] - largest);
                    a[o + c] = (float) power;
                    sum += power;
                }
                for (int c = 0; c < in.channels; c++) {
                    a[o + c] = (float) (a[o + c] / sum);
                }
            }
        }
    }

    /** Boxes of codes, as shares of the image. */
    static final class DecodeBoxes extends ElementStep {
        private final float[] anchors;

        DecodeBoxes(float[] anchors, Tensor in, Tensor out) {
            super(out, in);
            this.anchors = anchors;
        }

        @Override
        void run(float[] a, int unit, int scratch) {
            int i = in.offset() + unit * in.image();
            int o = out.offset() + unit * in.image();
            for (int r = 0; r < in.height; r++) {
                for (int axis = 0; axis < 2; axis++) {
                    int k = 4 * r + axis;
                    float size = anchors[k + 2];
                    float center = a[i + k] / BoxCoder.CENTER * size + anchors[k];
                    float log = Math.min(a[i + k + 2] / BoxCoder.SIZE, BoxCoder.LARGEST_LOG);
                    float half = 0.5f * ((float) Math.exp(log) * size);
                    a[o + k] = Math.min(Math.max(center - half, 0), 1);
                    a[o + k + 2] = Math.min(Math.max(center + half, 0), 1);
                }
            }
        }
    }
}
