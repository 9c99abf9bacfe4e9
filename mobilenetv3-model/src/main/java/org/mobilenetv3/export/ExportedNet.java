package org.mobilenetv3.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A net opened from an exported file, run by that format's own runtime on the CPU. */
public sealed interface ExportedNet extends TrainedNet permits OnnxNet, TorchScriptNet {

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
