package org.mobilenetv3.pretrained;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.pretrained.Pretrained.RemoteWeights;

/**
 * Tells published files by their content, wherever they lie and whatever they are called: by the
 * registry's checksums, or, where none is published, by those noted when a file was fetched by its
 * name.
 */
public final class KnownFiles {

    private static final int BYTES_PER_PARAMETER = 4;

    /** Names, pickles and running statistics add less than this share, and this many bytes. */
    private static final double MOST_BESIDE = 1.1;

    private static final long FEW = 1 << 20;

    private KnownFiles() {}

    /**
     * What a file is.
     *
     * @param model the record
     * @param published whether its published checksum tells; otherwise it was noted when the file
     *     was found or fetched by name, which is worth less: the net must fit, too
     */
    public record Match(Pretrained model, boolean published) {}

    /**
     * Identifies a file.
     *
     * @param file any file
     * @return empty if it is not known
     * @throws IOException if it cannot be read
     */
    public static Optional<Match> identify(Path file) throws IOException {
        long size = Files.size(file);
        if (Pretrained.all().stream().noneMatch(one -> isPlausible(one, size))) {
            return Optional.empty();
        }
        String sum = Checksums.sha256(file);
        Optional<Match> known = Pretrained.ofChecksum(sum).map(one -> new Match(one, true));
        Path note = note(sum);
        return known.isPresent() || !Files.isRegularFile(note)
                ? known
                : Pretrained.find(Files.readString(note).strip()).map(one -> new Match(one, false));
    }

    /** Sums take a tenth of a second: only where the size is one of a published net. */
    private static boolean isPlausible(Pretrained one, long size) {
        double least = (double) BYTES_PER_PARAMETER * one.parameters();
        return size >= least && size <= MOST_BESIDE * least + FEW;
    }

    /**
     * Notes what a file is that was found or fetched by name, if no published checksum tells.
     *
     * @param path where it lies
     * @param known the record
     * @param file which of the record's files it is
     * @throws IOException if the file cannot be read
     */
    static void remember(Path path, Pretrained known, RemoteWeights file) throws IOException {
        if (file.sha256() != null) {
            return;
        }
        Path note = note(Checksums.sha256(path));
        if (Files.exists(note)) {
            return;
        }
        try {
            WholeFile.write(note, known.name() + "\n");
        } catch (IOException e) {
            return; // a cache that others made: the file tells less, and notes say so
        }
    }

    private static Path note(String sum) {
        return WeightsLocator.cache().resolve("known").resolve(sum);
    }
}
