package org.mobilenetv3.weights.onnx;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.mobilenetv3.format.onnx.OnnxNode;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.weights.onnx.Term.Image;
import org.mobilenetv3.weights.onnx.Term.Input;

/**
 * What a file does to its input before the first layer, and so which pixels it takes: from 0 to 1
 * or from 0 to 255. No pixels in [0, 1] have a mean above 1; a file says its scale by that.
 */
final class InputNormalization {

    private static final float BYTE = 255;

    /** Means or deviations from here on are of pixels up to 255; those up to 1, of pixels to 1. */
    private static final float LEAST_OF_BYTES = 16;

    private Input found;

    /** Notes it and gives the image that the net sees. */
    Image record(OnnxNode reader, Input input) throws IOException {
        if (found != null && !found.equals(input)) {
            throw reader.refuse("normalizes the input a second time in another way");
        }
        found = input;
        return input.image();
    }

    /**
     * Returns what happens to pixels in [0, 1], whichever the file takes.
     *
     * @param channels of the input, or -1
     * @param bytes whether the file's input are whole numbers
     * @param facts takes a sentence if there is anything to know
     */
    Optional<Normalization> get(long channels, boolean bytes, Set<String> facts)
            throws IOException {
        if (found == null && !bytes) {
            return Optional.empty();
        }
        Normalization own = found == null ? Normalization.unit((int) channels) : own(channels);
        if (!bytes && isWithin(own, 1)) {
            facts.add(
                    "The file normalizes its input itself, with mean %s and deviation %s; the net here takes normalized images."
                            .formatted(Arrays.toString(own.mean()), Arrays.toString(own.std())));
            return Optional.of(own);
        }
        if (!bytes && !isOfBytes(own)) {
            throw new IOException(
                    "it normalizes its input with mean %s and deviation %s, which fits neither pixels from 0 to 1 nor pixels from 0 to 255; export it for one of them"
                            .formatted(Arrays.toString(own.mean()), Arrays.toString(own.std())));
        }
        Normalization unit = new Normalization(overByte(own.mean()), overByte(own.std()));
        facts.add(
                "The file takes pixels from 0 to 255 and normalizes them itself; for pixels from 0 to 1 that is mean %s and deviation %s, which the net here takes normalized."
                        .formatted(Arrays.toString(unit.mean()), Arrays.toString(unit.std())));
        return Optional.of(unit);
    }

    private static boolean isWithin(Normalization normalization, float most) {
        return all(normalization.mean(), 0, most) && all(normalization.std(), 0, most);
    }

    private static boolean isOfBytes(Normalization normalization) {
        boolean large =
                !all(normalization.mean(), 0, LEAST_OF_BYTES)
                        || !all(normalization.std(), 0, LEAST_OF_BYTES);
        return large && isWithin(normalization, BYTE);
    }

    private static boolean all(float[] values, float least, float most) {
        boolean all = true;
        for (float value : values) {
            all &= value >= least && value <= most;
        }
        return all;
    }

    private static float[] overByte(float... values) {
        for (int c = 0; c < values.length; c++) {
            values[c] /= BYTE;
        }
        return values;
    }

    private Normalization own(long channels) throws IOException {
        int known = found.scale().size();
        int count = known;
        if (count == 1 && channels > 0) {
            count = (int) channels;
        }
        float[] mean = new float[count];
        float[] std = new float[count];
        for (int c = 0; c < count; c++) {
            double scale = found.scale().get(known == 1 ? 0 : c);
            double shift = found.shift().get(known == 1 ? 0 : c);
            mean[c] = (float) (-shift / scale);
            std[c] = (float) (1 / scale);
        }
        try {
            return new Normalization(mean, std);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "it normalizes its input in a way that is not possible: " + e.getMessage(), e);
        }
    }
}
