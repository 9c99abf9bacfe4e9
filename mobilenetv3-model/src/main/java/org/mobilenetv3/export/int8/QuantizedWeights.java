package org.mobilenetv3.export.int8;

/**
 * The weights of a layer as integers: {@code weight = scale * integer} for each output channel.
 *
 * @param weights −127 to 127, in the order of the floats
 * @param scales one per output channel
 * @param bias one per output channel
 * @param biasScales what one step of a bias is worth: the product of the input's and the weights'
 */
@SuppressWarnings("ArrayRecordComponent") // on their way into a file
record QuantizedWeights(byte[] weights, float[] scales, int[] bias, float[] biasScales) {

    private static final int LARGEST = 127;

    /** The largest bias as an integer; sums of products still fit beside it. */
    private static final double LARGEST_BIAS = 0x1p30;

    /**
     * Rounds weights.
     *
     * @param weights output channel by output channel
     * @param bias one per output channel
     * @param inputScale what one step of the layer's input is worth
     */
    static QuantizedWeights of(float[] weights, float[] bias, float inputScale) {
        int channels = bias.length;
        int filter = weights.length / channels;
        byte[] rounded = new byte[weights.length];
        float[] scales = new float[channels];
        int[] roundedBias = new int[channels];
        float[] biasScales = new float[channels];
        for (int c = 0; c < channels; c++) {
            scales[c] = scale(weights, c * filter, filter, bias[c], inputScale);
            for (int i = c * filter; i < (c + 1) * filter; i++) {
                rounded[i] = (byte) Math.rint(weights[i] / (double) scales[c]);
            }
            biasScales[c] = inputScale * scales[c];
            roundedBias[c] = (int) Math.rint(bias[c] / (double) biasScales[c]);
        }
        return new QuantizedWeights(rounded, scales, roundedBias, biasScales);
    }

    /** As fine as the largest weight allows, and coarse enough for the bias to be an integer. */
    private static float scale(float[] weights, int from, int count, float bias, float inputScale) {
        float largest = 0;
        for (int i = from; i < from + count; i++) {
            largest = Math.max(largest, Math.abs(weights[i]));
        }
        double finest = Math.abs(bias) / (inputScale * LARGEST_BIAS);
        float scale = (float) Math.max((double) largest / LARGEST, finest);
        return inputScale * scale < Float.MIN_NORMAL ? 1 / inputScale : scale;
    }
}
