package org.mobilenetv3.train.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.ModelPackage;

/**
 * Weights that a run depends on, as it found them.
 *
 * @param path of a package or a file of weights, absolute
 * @param sha256 of its parameters, in hexadecimal: a resumed run has the same
 */
public record RecordedWeights(String path, String sha256) {

    /**
     * Reads the checksum of weights.
     *
     * @param path a package, a ZIP of one, or a file of weights
     * @return what is recorded
     * @throws IOException in one sentence, if it cannot be read
     */
    public static RecordedWeights of(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        String sha256 =
                FileKind.of(absolute).isPackage()
                        ? ModelPackage.find(absolute).parametersSha256()
                        : Checksums.sha256(absolute);
        return new RecordedWeights(absolute.toString(), sha256);
    }

    /**
     * Refuses other weights than the run began with.
     *
     * @param what they are to the run, for instance {@code teacher}
     * @throws IOException in one sentence, if they are gone, damaged or have changed
     */
    public void requireSame(String what) throws IOException {
        if (!Files.exists(Path.of(path)) && FileNames.fileAbove(Path.of(path)) == null) {
            throw new IOException(
                    "The run's %s %s is gone; put it back or start another run."
                            .formatted(what, path));
        }
        if (!of(Path.of(path)).sha256.equals(sha256)) {
            throw new IOException(
                    "The run's %s %s has changed since the run began; put the one with SHA-256 %s back or start another run."
                            .formatted(what, path, sha256));
        }
    }
}
