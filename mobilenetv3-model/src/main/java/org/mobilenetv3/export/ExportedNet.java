package org.mobilenetv3.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.mobilenetv3.zoo.ExportedDescription;

/** A net opened from an exported file, run by that format's own runtime on the CPU. */
public sealed interface ExportedNet extends TrainedNet permits OnnxNet, TorchScriptNet {

    /**
     * Tells files that this project exported from weights that are to be loaded into a net.
     *
     * @param path any path
     * @return whether {@link #open} is worth trying; not for others' ONNX files, which lack our
     *     metadata
     * @throws IOException if the file cannot be read
     */
    static boolean isAt(Path path) throws IOException {
        Optional<ExportFormat> format = ExportFormat.of(path);
        if (format.isEmpty() || format.get() != ExportFormat.ONNX) {
            return format.isPresent();
        }
        try {
            return ExportedDescription.isIn(OnnxMetadata.read(path));
        } catch (IOException e) { // damaged: opening it says how
            return true;
        }
    }

    /**
     * Opens an exported file by its content, whatever its name.
     *
     * @param file written by {@link Exporter}
     * @param threads within one operation, at least 1
     * @return the net
     * @throws IOException in one sentence, if the file is missing, damaged, foreign or of no known
     *     format
     */
    static ExportedNet open(Path file, int threads) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException("There is no exported net at " + file + ".");
        }
        ExportFormat format =
                ExportFormat.of(file)
                        .orElseThrow(
                                () ->
                                        new IOException(
                                                "%s is not an exported net: give a file that the export command wrote."
                                                        .formatted(file)));
        return format.open(file, threads);
    }
}
