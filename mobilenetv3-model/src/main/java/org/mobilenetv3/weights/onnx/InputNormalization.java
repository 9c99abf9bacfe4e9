package org.mobilenetv3.weights.onnx;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.weights.onnx.Term.Image;
import org.mobilenetv3.weights.onnx.Term.Input;

/** What a file does to its input before the first layer. */
final class InputNormalization {

    private Input found;

    /** Notes it and gives the image that the net sees. */
    Image record(OnnxNode reader, Input input) throws IOException {
        if (found != null && !found.equals(input)) {
            throw reader.refuse("normalises the input a second time in another way");
        }
        found = input;
        return input.image();
    }

    Optional<Normalization> get(long channels, Set<String> facts) throws IOException {
        if (found == null) {
            return Optional.empty();
        }
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
            Normalization normalization = new Normalization(mean, std);
            facts.add(
                    "The file normalises its input itself, with mean %s and deviation %s; the net here takes normalised images."
                            .formatted(Arrays.toString(mean), Arrays.toString(std)));
            return Optional.of(normalization);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "it normalises its input in a way that is not possible: " + e.getMessage(), e);
        }
    }
}
