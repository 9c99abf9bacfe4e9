package org.mobilenetv3.vector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobilenetv3.graph.Nonlinearity;

/** Kernels on vectors against those in plain Java, bit for bit, and against sums in doubles. */
class KernelsTest {

    private static final int CASES = 400;

    /** Channels of any host's vectors divide it. */
    private static final int PADDED = 16;

    /** What kernels must not touch. */
    private static final float UNTOUCHED = 1e30f;

    private static final Kernels[] BOTH = {new ScalarKernels(), new VectorKernels()};

    /** A sum in doubles and how far from it one in floats may be. */
    private record Sum(double value, double room) {

        static Sum of(double start) {
            return new Sum(start, 1e-30).widened(start);
        }

        Sum plus(double product) {
            return new Sum(value + product, room).widened(product);
        }

        private Sum widened(double part) {
            return new Sum(value, room + Math.abs(part) * 4e-7);
        }
    }

    private static float[] random(Random random, int size) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[] arena(float[] numbers, int size) {
        float[] a = new float[size];
        Arrays.fill(a, UNTOUCHED);
        System.arraycopy(numbers, 0, a, 0, numbers.length);
        return a;
    }

    private static int padded(int channels) {
        return (channels + PADDED - 1) / PADDED * PADDED;
    }

    /**
     * Requires real channels of both to have the same bits, and everything else to be as it was.
     */
    private static void assertSame(float[][] got, int out, int[] at, int channels, String what) {
        boolean[] written = new boolean[got[0].length];
        for (int place : at) {
            for (int c = 0; c < padded(channels); c++) {
                written[out + place + c] = true;
                if (c < channels) {
                    assertThat(Float.floatToIntBits(got[1][out + place + c]))
                            .as("%s, channel %s at %s", what, c, place)
                            .isEqualTo(Float.floatToIntBits(got[0][out + place + c]));
                }
            }
        }
        for (int i = out; i < written.length; i++) {
            if (!written[i]) {
                assertThat(got[1][i]).as("%s, behind at %s", what, i - out).isEqualTo(UNTOUCHED);
                assertThat(got[0][i]).as("%s, behind at %s", what, i - out).isEqualTo(UNTOUCHED);
            }
        }
    }

    private static void assertNear(float actual, Sum expected, String what) {
        assertThat(Math.abs(actual - expected.value)).as(what).isLessThanOrEqualTo(expected.room);
    }

    /** Places of pixels that do not follow one another, with room between. */
    private static int[] places(Random random, int pixels, int outputs) {
        int[] at = new int[pixels];
        for (int p = 1; p < pixels; p++) {
            at[p] = at[p - 1] + padded(outputs) + random.nextInt(3);
        }
        return at;
    }

    @Test
    void productsOfPixelsAreTheSame() {
        Random random = new Random(1);
        for (int k = 0; k < CASES; k++) {
            int pixels = 1 + random.nextInt(40);
            int inputs = 1 + random.nextInt(100);
            int outputs = 1 + random.nextInt(100);
            int stride = inputs + random.nextInt(20);
            int from = random.nextInt(pixels);
            String what = "%s to %s pixels, %s x %s".formatted(from, pixels, inputs, outputs);
            float[] x = random(random, pixels * stride);
            float[] w = random(random, inputs * outputs);
            float[] b = random.nextBoolean() ? random(random, outputs) : null;
            int[] at = places(random, pixels, outputs);
            int out = x.length + 3;
            float[][] got = new float[2][];
            for (int i = 0; i < 2; i++) {
                float[] a = arena(x, out + at[pixels - 1] + padded(outputs) + 9);
                Packed m = BOTH[i].matrix(w, b, outputs, inputs);
                for (int block = 0; block < m.blocks(); block++) {
                    int o = out + block * m.width();
                    BOTH[i].multiply(a, 0, stride, from, pixels, m, block, o, at);
                }
                got[i] = a;
            }
            assertSame(got, out, Arrays.copyOfRange(at, from, pixels), outputs, what);
            for (int p = from; p < pixels; p++) {
                for (int o = 0; o < outputs; o++) {
                    Sum sum = Sum.of(b == null ? 0 : b[o]);
                    for (int c = 0; c < inputs; c++) {
                        sum = sum.plus((double) w[o * inputs + c] * x[p * stride + c]);
                    }
                    assertNear(got[1][out + at[p] + o], sum, what);
                }
            }
        }
    }

    @Test
    void onePixelIsTheSameWithAnyBlocksTogether() {
        Random random = new Random(2);
        for (int k = 0; k < CASES; k++) {
            int inputs = 1 + random.nextInt(60);
            int outputs = 1 + random.nextInt(300);
            float[] x = random(random, inputs);
            float[] w = random(random, inputs * outputs);
            float[] b = random(random, outputs);
            int out = inputs + 5;
            int[] at = {0};
            float[][] got = new float[2][];
            for (int i = 0; i < 2; i++) {
                float[] a = arena(x, out + padded(outputs) + 20);
                Packed m = BOTH[i].matrix(w, b, outputs, inputs);
                for (int first = 0; first < m.blocks(); ) {
                    int last = Math.min(first + 1 + random.nextInt(6), m.blocks());
                    BOTH[i].multiply(a, 0, m, first, last, out + first * m.width());
                    first = last;
                }
                got[i] = a;
            }
            assertSame(got, out, at, outputs, "%s x %s".formatted(inputs, outputs));
            Sum sum = Sum.of(b[outputs - 1]);
            for (int c = 0; c < inputs; c++) {
                sum = sum.plus((double) w[(outputs - 1) * inputs + c] * x[c]);
            }
            assertNear(got[0][out + outputs - 1], sum, "the last output");
        }
    }

    @Test
    void productsOfWindowsAreTheSame() {
        Random random = new Random(3);
        for (int k = 0; k < CASES; k++) {
            int windows = 1 + random.nextInt(40);
            int outputs = 1 + random.nextInt(60);
            int stride = 1 + random.nextInt(3);
            int[] inputs = inputs(random);
            String what = "%s windows of %s, %s apart, %s outputs";
            what = what.formatted(windows, inputs.length, stride, outputs);
            int reach = Arrays.stream(inputs).max().getAsInt();
            float[] x = random(random, reach + 1 + windows * stride);
            float[] w = random(random, inputs.length * outputs);
            float[] b = random(random, outputs);
            int[] at = places(random, windows, outputs);
            int out = x.length + 3;
            float[][] got = new float[2][];
            for (int i = 0; i < 2; i++) {
                float[] a = arena(x, out + at[windows - 1] + padded(outputs) + 9);
                Packed m = BOTH[i].matrix(w, b, outputs, inputs.length);
                for (int block = 0; block < m.blocks(); block++) {
                    int o = out + block * m.width();
                    BOTH[i].convolve(a, 0, stride, inputs, windows, m, block, o, at);
                }
                got[i] = a;
            }
            assertSame(got, out, at, outputs, what);
            for (int p = 0; p < windows; p++) {
                for (int o = 0; o < outputs; o++) {
                    Sum sum = Sum.of(b[o]);
                    for (int c = 0; c < inputs.length; c++) {
                        double weight = w[o * inputs.length + c];
                        sum = sum.plus(weight * x[p * stride + inputs[c]]);
                    }
                    assertNear(got[1][out + at[p] + o], sum, what);
                }
            }
        }
    }

    /** Rows of three neighbors, as the first layer's, or any places. */
    private static int[] inputs(Random random) {
        int count = 1 + random.nextInt(30);
        if (random.nextBoolean()) {
            int row = 3 + random.nextInt(50);
            return IntStream.range(0, count * 3).map(i -> i / 3 * row + i % 3).toArray();
        }
        return IntStream.range(0, count).map(i -> random.nextInt(200)).toArray();
    }

    @Test
    void depthwiseFiltersAreTheSame() {
        Random random = new Random(4);
        int[] sizes = {1, 3, 5, 7, 3, 5};
        for (int k = 0; k < 3 * CASES; k++) {
            int size = sizes[random.nextInt(sizes.length)];
            boolean square = random.nextInt(4) > 0;
            int stride = 1 + random.nextInt(square ? 2 : 3);
            int dilation = random.nextInt(4) == 0 ? 2 : 1;
            Kernels.Window window =
                    new Kernels.Window(
                            size,
                            square ? size : 1 + random.nextInt(4),
                            stride,
                            square ? stride : 1 + random.nextInt(3),
                            dilation,
                            square ? dilation : 1 + random.nextInt(2));
            int channels = 1 + random.nextInt(70);
            filter(random, window, channels, 1 + random.nextInt(12), 1 + random.nextInt(15));
        }
    }

    private static void filter(
            Random random, Kernels.Window window, int channels, int rows, int columns) {
        String what = "%s, %s channels, %s x %s".formatted(window, channels, rows, columns);
        int height = window.spanRows(rows);
        int width = window.spanColumns(columns) + random.nextInt(3);
        int taps = window.rows() * window.columns();
        float[] x = random(random, height * width * channels);
        float[] w = random(random, channels * taps);
        float[] b = random.nextBoolean() ? random(random, channels) : null;
        int outPixel = padded(channels) + random.nextInt(3);
        int outRow = columns * outPixel + random.nextInt(3);
        int[] at = Places.rows(rows, columns, outRow, outPixel);
        int out = height * width * padded(channels) + 3;
        float[][] got = new float[2][];
        for (int i = 0; i < 2; i++) {
            float[] a = arena(new float[0], out + rows * outRow + padded(channels) + 9);
            Packed filters = BOTH[i].filters(w, b, channels, taps);
            for (int block = 0; block < filters.blocks(); block++) {
                int pixel = filters.width(block);
                int first = block * filters.width();
                for (int p = 0; p < height * width; p++) {
                    for (int c = 0; c < pixel; c++) {
                        boolean real = first + c < channels;
                        a[p * pixel + c] = real ? x[p * channels + first + c] : 0;
                    }
                }
                BOTH[i].depthwise(
                        a,
                        window,
                        0,
                        width * pixel,
                        filters,
                        block,
                        out + first,
                        outRow,
                        outPixel,
                        rows,
                        columns);
            }
            got[i] = a;
        }
        assertSame(got, out, at, channels, what);
        for (int p = 0; p < at.length; p++) {
            int c = random.nextInt(channels);
            Sum sum = Sum.of(b == null ? 0 : b[c]);
            for (int t = 0; t < taps; t++) {
                int y =
                        p / columns * window.strideRows()
                                + t / window.columns() * window.dilationRows();
                int z =
                        p % columns * window.strideColumns()
                                + t % window.columns() * window.dilationColumns();
                sum = sum.plus((double) w[c * taps + t] * x[(y * width + z) * channels + c]);
            }
            assertNear(got[1][out + at[p] + c], sum, what);
        }
    }

    /** Numbers around all corners of all functions, and those that are none. */
    private static float[] special(int base, int size) {
        float[] some = {
            Float.NaN,
            Float.intBitsToFloat(0xffc00001),
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            0f,
            -0f,
            Float.MIN_VALUE,
            -Float.MIN_VALUE,
            Float.MIN_NORMAL / 3,
            -Float.MIN_NORMAL / 3,
            Float.MAX_VALUE,
            -Float.MAX_VALUE,
            3,
            -3,
            Math.nextUp(3f),
            Math.nextDown(3f),
            Math.nextUp(-3f),
            Math.nextDown(-3f),
            2.5f,
            -2.5f,
            6,
            Math.nextUp(6f),
            Math.nextDown(6f),
            -100,
            100
        };
        float[] values = random(new Random(5), size);
        for (int i = 0; i < size; i++) {
            boolean corner = i >= base && i < base + some.length;
            values[i] = corner ? some[i - base] : values[i] * 4;
        }
        return values;
    }

    @ParameterizedTest
    @EnumSource(Nonlinearity.class)
    void functionsAreTheSameAndKeepWhatIsNotANumber(Nonlinearity function) {
        int width = 48;
        int[] at = {0, 50, 100, 151, 199};
        int base = 7;
        float[] x = special(base, base + 300);
        float[][] got = new float[2][];
        for (int i = 0; i < 2; i++) {
            got[i] = x.clone();
            BOTH[i].activate(got[i], function, base, at, 0, 1, width);
            BOTH[i].activate(got[i], function, base, at, 1, 4, width);
        }
        for (int i = 0; i < x.length; i++) {
            int place = i - base;
            boolean inside = IntStream.range(0, 4).anyMatch(p -> isIn(place - at[p], width));
            float expected = inside ? (float) apply(function, x[i]) : x[i];
            assertThat(Float.floatToIntBits(got[1][i]))
                    .as("%s(%s)", function, x[i])
                    .isEqualTo(Float.floatToIntBits(got[0][i]));
            if (Float.isNaN(expected) || Float.isInfinite(expected)) {
                assertThat(Float.floatToIntBits(got[1][i]))
                        .as("%s(%s)", function, x[i])
                        .isEqualTo(Float.floatToIntBits(expected));
            } else {
                double room = 1e-6 * Math.max(Math.abs(expected), Math.min(Math.abs(x[i]), 1));
                assertThat(Math.abs((double) got[1][i] - expected))
                        .as("%s(%s) is %s", function, x[i], got[1][i])
                        .isLessThanOrEqualTo(Math.max(room, 1e-7));
            }
        }
    }

    private static boolean isIn(int place, int width) {
        return place >= 0 && place < width;
    }

    private static double apply(Nonlinearity function, double x) {
        return switch (function) {
            case IDENTITY -> x;
            case RELU -> Math.max(x, 0);
            case RELU6 -> Math.min(Math.max(x, 0), 6);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case TANH -> Math.tanh(x);
            case SILU -> x * (1 / (1 + Math.exp(-x)));
            case PADDLE_HARD_SIGMOID -> Math.min(Math.max(0.2 * x + 0.5, 0), 1);
            case HARD_SIGMOID -> Math.min(Math.max(x + 3, 0), 6) / 6;
            case HARD_SWISH -> x * (Math.min(Math.max(x + 3, 0), 6) / 6);
        };
    }

    @Test
    void sumsProductsAndMeansOfPixelsAreTheSame() {
        Random random = new Random(6);
        for (int k = 0; k < CASES; k++) {
            int pixels = 1 + random.nextInt(60);
            int width = PADDED * (1 + random.nextInt(6));
            int stride = width + PADDED * random.nextInt(3);
            int size = pixels * stride;
            float[] x = random(random, 4 * size + width);
            int from = random.nextInt(pixels);
            int gate = 4 * size;
            int[] at = Places.plain(pixels, stride);
            String what = "%s to %s pixels, %s of %s".formatted(from, pixels, width, stride);
            float[][] got = new float[2][];
            for (int i = 0; i < 2; i++) {
                got[i] = x.clone();
                BOTH[i].add(got[i], 0, size, at, from, pixels, width);
                BOTH[i].scale(got[i], size, gate, 2 * size, stride, pixels, width);
                BOTH[i].mean(got[i], size, stride, pixels, 3 * size, width);
            }
            assertThat(got[1]).as(what).isEqualTo(got[0]);
            for (int i = 0; i < size; i++) {
                boolean real = i % stride < width;
                boolean added = real && i / stride >= from;
                assertThat(got[0][i]).as(what).isEqualTo(added ? x[i] + x[size + i] : x[i]);
                float product = real ? x[size + i] * x[gate + i % stride] : x[2 * size + i];
                assertThat(got[0][2 * size + i]).as(what).isEqualTo(product);
            }
            for (int c = 0; c < width; c++) {
                Sum sum = Sum.of(0);
                for (int p = 0; p < pixels; p++) {
                    sum = sum.plus(x[size + p * stride + c] / (double) pixels);
                }
                assertNear(got[0][3 * size + c], sum, what);
            }
        }
    }
}
