package org.mobilenetv3.train.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.ModelPackage;

/**
 * Where a run's teacher lies.
 *
 * @param path of a package or a file of weights, absolute
 * @param sha256 of its parameters, in hexadecimal: a resumed run has the same teacher
 */
public record TeacherFile(String path, String sha256) {

    /**
     * Reads a teacher's checksum.
     *
     * @param path a package, a ZIP of one, or a file of weights
     * @return the file
     * @throws IOException in one sentence, if it cannot be read
     */
    public static TeacherFile of(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        String sha256 =
                FileKind.of(absolute).isPackage()
                        ? ModelPackage.find(absolute).parametersSha256()
                        : Checksums.sha256(absolute);
        return new TeacherFile(absolute.toString(), sha256);
    }

    /**
     * Refuses another teacher than the run began with.
     *
     * @throws IOException in one sentence, if it is gone, damaged or has changed
     */
    public void requireSame() throws IOException {
        if (!Files.exists(Path.of(path))) {
            throw new IOException(
                    "The run's teacher %s is gone; put it back or start another run."
                            .formatted(path));
        }
        if (!of(Path.of(path)).sha256.equals(sha256)) {
            throw new IOException(
                    "The run's teacher %s has changed since the run began; put the one with SHA-256 %s back or start another run."
                            .formatted(path, sha256));
        }
    }
}
