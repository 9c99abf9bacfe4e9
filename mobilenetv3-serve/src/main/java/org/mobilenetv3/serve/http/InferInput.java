package org.mobilenetv3.serve.http;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.Task;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;

/** Makes a net's input from a protocol request. */
final class InferInput {

    private InferInput() {}

    /**
     * Checks and unpacks a request's tensor.
     *
     * @param binary the body after the JSON
     * @param batcher which knows the limits
     * @return the images
     * @throws HttpError 400 if it does not fit the net
     */
    static Images of(InferRequest request, ByteBuffer binary, NetDescription net, Batcher batcher) {
        boolean pixels = "pixels".equals(request.input());
        if (!pixels && !"input".equals(request.input())) {
            throw new HttpError(400, "The inputs are called input (FP32) or pixels (UINT8).");
        }
        String type = pixels ? "UINT8" : "FP32";
        if (!type.equals(request.datatype())) {
            throw new HttpError(400, "The datatype of this input is " + type + ".");
        }
        requireOutputs(request, net);
        requireShape(request.shape(), net, batcher);
        int n = (int) request.shape()[0];
        int channels = (int) request.shape()[1];
        int height = (int) request.shape()[2];
        int width = (int) request.shape()[3];
        int count = n * channels * height * width;
        requireSize(request, binary, pixels ? count : Float.BYTES * count, count);
        if (pixels) {
            ByteBuffer samples =
                    request.binarySize() >= 0 ? binary : ByteBuffer.wrap(samples(request.data()));
            return Images.of(n, channels, height, width, samples, net.inputNormalization());
        }
        FloatBuffer values =
                request.binarySize() >= 0
                        ? binary.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer()
                        : FloatBuffer.wrap(request.data());
        if (request.binarySize() >= 0 ? !finite(binary) : !finite(request.data())) {
            throw new HttpError(400, "The tensor has values that are not finite.");
        }
        return Images.of(n, channels, height, width, values);
    }

    private static void requireOutputs(InferRequest request, NetDescription net) {
        List<String> names = NetOutputs.of(net).stream().map(NetOutputs.Output::name).toList();
        if (!names.containsAll(request.outputs().keySet())) {
            throw new HttpError(
                    400,
                    names.size() == 1
                            ? "The only output is called %s.".formatted(names.get(0))
                            : "The outputs are called %s.".formatted(String.join(" and ", names)));
        }
    }

    /** The number of values then fits an int by the batch's limit. */
    private static void requireShape(long[] shape, NetDescription net, Batcher batcher) {
        Preprocessing input = net.preprocessing();
        boolean any = net.architecture().task() == Task.SEGMENT;
        boolean images =
                shape.length == 4
                        && shape[0] >= 1
                        && shape[0] <= batcher.maxBatch()
                        && shape[1] == input.channels();
        if (!any) {
            if (!images || shape[2] != input.height() || shape[3] != input.width()) {
                throw new HttpError(
                        400,
                        String.format(
                                Locale.ROOT,
                                "The shape must be [N, %d, %d, %d] with N from 1 to %d.",
                                input.channels(),
                                input.height(),
                                input.width(),
                                batcher.maxBatch()));
            }
            return;
        }
        int least = net.architecture().minimumInputSize();
        int most = batcher.values();
        boolean fits =
                images
                        && shape[2] >= least
                        && shape[3] >= least
                        && shape[2] <= most
                        && shape[3] <= most / shape[2]
                        && shape[2] * shape[3] <= most / (shape[0] * shape[1]);
        if (!fits) {
            throw new HttpError(
                    400,
                    String.format(
                            Locale.ROOT,
                            "The shape must be [N, %d, H, W] with N from 1 to %d, H and W at least %d, and %d values at most.",
                            input.channels(),
                            batcher.maxBatch(),
                            least,
                            most));
        }
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

    private static byte[] samples(float[] values) {
        byte[] samples = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            int sample = (int) values[i];
            if (sample != values[i] || sample < 0 || sample > 255) {
                throw new HttpError(400, "UINT8 values are whole numbers from 0 to 255.");
            }
            samples[i] = (byte) sample;
        }
        return samples;
    }

    /** As {@link #finite(float[])}, in half the time. */
    static boolean finite(ByteBuffer floats) {
        IntBuffer bits = floats.duplicate().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
        int[] some = new int[Math.min(bits.remaining(), 2048)];
        int all = 0;
        while (bits.hasRemaining()) {
            int size = Math.min(bits.remaining(), some.length);
            bits.get(some, 0, size);
            all |= carries(some, size);
        }
        return all >= 0;
    }

    /** The exponent of what is not finite is all ones: with one more, it runs into the sign. */
    private static int carries(int[] floats, int size) {
        int all = 0;
        for (int i = 0; i < size; i++) {
            all |= (floats[i] & Integer.MAX_VALUE) + 0x0080_0000;
        }
        return all;
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
