package org.mobilenetv3.zoo;

import java.util.Map;
import org.mobilenetv3.MobileNetV3Config;

/**
 * The content of a package's {@code model.json}.
 *
 * @param format version of this form, {@value #FORMAT}
 * @param architecture the net's configuration
 * @param input how an image becomes the net's input
 * @param provenance where the weights come from: data set, recipe, seed, metrics, versions
 * @param parametersSha256 checksum of the parameter file, in hexadecimal
 */
public record ModelDescription(
        int format,
        MobileNetV3Config architecture,
        Preprocessing input,
        Map<String, Object> provenance,
        String parametersSha256) {

    /** The form that this version writes and reads. */
    public static final int FORMAT = 1;

    /**
     * Describes a net that is about to be saved.
     *
     * @param architecture the net's configuration
     * @param input how an image becomes the net's input
     * @param provenance data set, recipe, seed, metrics, versions
     * @return a description without checksum, which saving fills in
     */
    public static ModelDescription of(
            MobileNetV3Config architecture, Preprocessing input, Map<String, Object> provenance) {
        return new ModelDescription(FORMAT, architecture, input, provenance, "");
    }

    ModelDescription withChecksum(String sha256) {
        return new ModelDescription(format, architecture, input, provenance, sha256);
    }
}
