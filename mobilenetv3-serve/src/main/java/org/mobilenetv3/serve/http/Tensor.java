package org.mobilenetv3.serve.http;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.mobilenetv3.zoo.ExportedDescription;
import org.mobilenetv3.zoo.Preprocessing;

/** Makes a net's input of a protocol request. */
final class Tensor {

    private Tensor() {}

    /**
     * Checks and unpacks.
     *
     * @param binary the body behind the JSON
     * @return {@code (N, C, H, W)}
     * @throws HttpError 400 if the net does not take it
     */
    static float[] input(
            InferRequest request, ByteBuffer binary, ExportedDescription net, int maxBatch) {
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
        float[] values = values(request, binary, count, pixels);
        if (!finite(values)) {
            throw new HttpError(400, "The tensor has values that are not finite.");
        }
        return pixels ? normalised(values, net) : values;
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
                    "The shape must be [N, %d, %d, %d] with N from 1 to %d."
                            .formatted(net.channels(), net.height(), net.width(), maxBatch));
        }
        return (int) (shape[0] * shape[1] * shape[2] * shape[3]);
    }

    private static float[] values(
            InferRequest request, ByteBuffer binary, int count, boolean bytes) {
        if (request.binarySize() < 0) {
            if (request.data().length != count || binary.hasRemaining()) {
                throw new HttpError(
                        400,
                        "The shape wants %d values but there are %d."
                                .formatted(count, request.data().length));
            }
            return request.data();
        }
        int size = bytes ? count : 4 * count;
        if (request.binarySize() != size
                || binary.remaining() != size
                || request.data().length > 0) {
            throw new HttpError(
                    400,
                    "The shape wants %d bytes behind the JSON but there are %d."
                            .formatted(size, binary.remaining()));
        }
        float[] values = new float[count];
        if (bytes) {
            for (int i = 0; i < count; i++) {
                values[i] = Byte.toUnsignedInt(binary.get());
            }
        } else {
            binary.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
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

    private static float[] normalised(float[] samples, ExportedDescription net) {
        Preprocessing shape = net.preprocessing();
        int plane = shape.height() * shape.width();
        int image = plane * shape.channels();
        byte[] bytes = new byte[samples.length];
        for (int i = 0; i < samples.length; i++) {
            int sample = (int) samples[i];
            if (sample != samples[i] || sample < 0 || sample > 255) {
                throw new HttpError(400, "UINT8 values are whole numbers from 0 to 255.");
            }
            bytes[i] = (byte) sample;
        }
        for (int from = 0; from < samples.length; from += image) {
            byte[] one = Arrays.copyOfRange(bytes, from, from + image);
            net.inputNormalization().apply(one, plane, samples, from);
        }
        return samples;
    }
}
