package org.mobilenetv3.serve.http;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;

/** Makes a net's input from a protocol request. */
final class InferInput {

    private InferInput() {}

    /**
     * Checks and unpacks a request's tensor.
     *
     * @param binary the body after the JSON
     * @return {@code (N, C, H, W)}
     * @throws HttpError 400 if it does not fit the net
     */
    static float[] of(InferRequest request, ByteBuffer binary, NetDescription net, int maxBatch) {
        boolean pixels = "pixels".equals(request.input());
        if (!pixels && !"input".equals(request.input())) {
            throw new HttpError(400, "The inputs are called input (FP32) or pixels (UINT8).");
        }
        String type = pixels ? "UINT8" : "FP32";
        if (!type.equals(request.datatype())) {
            throw new HttpError(400, "The datatype of this input is " + type + ".");
        }
        if (request.output() != null && !"logits".equals(request.output())) {
            throw new HttpError(400, "The only output is called logits.");
        }
        int count = count(request.shape(), net.preprocessing(), maxBatch);
        requireSize(request, binary, pixels ? count : Float.BYTES * count, count);
        if (pixels) {
            return normalized(samples(request, binary, count), net);
        }
        float[] values = request.data();
        if (request.binarySize() >= 0) {
            values = new float[count];
            binary.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        }
        if (!finite(values)) {
            throw new HttpError(400, "The tensor has values that are not finite.");
        }
        return values;
    }

    /** Images by the shape; the number of values fits an int by the batch's limit. */
    private static int count(long[] shape, Preprocessing net, int maxBatch) {
        boolean fits =
                shape.length == 4
                        && shape[0] >= 1
                        && shape[0] <= maxBatch
                        && shape[1] == net.channels()
                        && shape[2] == net.height()
                        && shape[3] == net.width();
        if (!fits) {
            throw new HttpError(
                    400,
                    String.format(
                            Locale.ROOT,
                            "The shape must be [N, %d, %d, %d] with N from 1 to %d.",
                            net.channels(),
                            net.height(),
                            net.width(),
                            maxBatch));
        }
        return (int) (shape[0] * shape[1] * shape[2] * shape[3]);
    }

    private static void requireSize(InferRequest request, ByteBuffer binary, int bytes, int count) {
        boolean json = request.binarySize() < 0;
        if (json && (request.data().length != count || binary.hasRemaining())) {
            throw new HttpError(
                    400,
                    String.format(
                            Locale.ROOT,
                            "The shape needs %d values but there are %d.",
                            count,
                            request.data().length));
        }
        boolean fits = request.binarySize() == bytes && binary.remaining() == bytes;
        if (!json && (!fits || request.data().length > 0)) {
            throw new HttpError(
                    400,
                    String.format(
                            Locale.ROOT,
                            "The shape needs %d bytes after the JSON but there are %d.",
                            bytes,
                            binary.remaining()));
        }
    }

    private static byte[] samples(InferRequest request, ByteBuffer binary, int count) {
        byte[] samples = new byte[count];
        if (request.binarySize() >= 0) {
            binary.get(samples);
            return samples;
        }
        for (int i = 0; i < count; i++) {
            float value = request.data()[i];
            int sample = (int) value;
            if (sample != value || sample < 0 || sample > 255) {
                throw new HttpError(400, "UINT8 values are whole numbers from 0 to 255.");
            }
            samples[i] = (byte) sample;
        }
        return samples;
    }

    private static float[] normalized(byte[] samples, NetDescription net) {
        Preprocessing shape = net.preprocessing();
        int plane = shape.height() * shape.width();
        int image = plane * shape.channels();
        float[] values = new float[samples.length];
        for (int from = 0; from < samples.length; from += image) {
            byte[] one = Arrays.copyOfRange(samples, from, from + image);
            net.inputNormalization().apply(one, plane, values, from);
        }
        return values;
    }

    static boolean finite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }
}
