package org.mobilenetv3.runtime;

/**
 * A two-dimensional convolution with stride 1 and its gradients, in plain Java and double
 * precision.
 */
final class ReferenceConvolution {

    /**
     * The sizes of a convolution that keeps height and width.
     *
     * @param in input channels
     * @param out output channels
     * @param kernel height and width of the kernel, odd
     * @param size height and width of the image
     * @param groups groups of channels
     */
    record Sizes(int in, int out, int kernel, int size, int groups) {

        int inputLength() {
            return in * size * size;
        }

        int outputLength() {
            return out * size * size;
        }

        int weightLength() {
            return out * (in / groups) * kernel * kernel;
        }
    }

    /** {@code (1, out, size, size)}. */
    final double[] output;

    /** {@code (1, in, size, size)}. */
    final double[] inputGradient;

    /** {@code (out, in / groups, kernel, kernel)}. */
    final double[] weightGradient;

    private final Sizes sizes;
    private final float[] input;
    private final float[] gradient;

    /**
     * Computes output and gradients.
     *
     * @param sizes the sizes
     * @param input {@code (1, in, size, size)}
     * @param weight {@code (out, in / groups, kernel, kernel)}
     * @param gradient the gradient of the output, {@code (1, out, size, size)}
     */
    ReferenceConvolution(Sizes sizes, float[] input, float[] weight, float[] gradient) {
        this.sizes = sizes;
        this.input = input;
        this.gradient = gradient;
        output = new double[sizes.outputLength()];
        inputGradient = new double[sizes.inputLength()];
        weightGradient = new double[sizes.weightLength()];
        int inPerGroup = sizes.in / sizes.groups;
        int outPerGroup = sizes.out / sizes.groups;
        int half = sizes.kernel / 2;
        int tap = 0;
        for (int o = 0; o < sizes.out; o++) {
            for (int i = 0; i < inPerGroup; i++) {
                int from = o / outPerGroup * inPerGroup + i;
                for (int dy = -half; dy <= half; dy++) {
                    for (int dx = -half; dx <= half; dx++) {
                        weightGradient[tap] = addTap(o, from, dy, dx, weight[tap]);
                        tap++;
                    }
                }
            }
        }
    }

    // One weight joins each output pixel with the input pixel at a fixed distance.
    private double addTap(int outChannel, int inChannel, int dy, int dx, double weight) {
        int n = sizes.size;
        double sum = 0;
        for (int y = Math.max(0, -dy); y < Math.min(n, n - dy); y++) {
            int to = (outChannel * n + y) * n;
            int from = (inChannel * n + y + dy) * n + dx;
            for (int x = Math.max(0, -dx); x < Math.min(n, n - dx); x++) {
                output[to + x] += weight * input[from + x];
                inputGradient[from + x] += weight * gradient[to + x];
                sum += (double) gradient[to + x] * input[from + x];
            }
        }
        return sum;
    }
}
