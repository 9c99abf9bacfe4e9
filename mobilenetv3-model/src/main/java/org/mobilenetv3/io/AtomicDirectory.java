package org.mobilenetv3.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.io.function.IOConsumer;
import org.apache.commons.io.function.IOFunction;

/** Replaces a directory whole: written beside it, flushed to disk, then renamed into place. */
public final class AtomicDirectory {

    private AtomicDirectory() {}

    /**
     * Writes a directory or leaves the old one as it was.
     *
     * @param target the directory to make or to replace
     * @param writer fills a new directory beside it; may throw to give up
     * @throws IOException if writing or renaming fails
     */
    public static void replace(Path target, IOConsumer<Path> writer) throws IOException {
        make(
                target,
                staging -> {
                    writer.accept(staging);
                    return null;
                });
    }

    /**
     * Writes as {@link #replace} does and returns what the writer does.
     *
     * @param <T> what is told of the directory
     * @param target the directory to make or to replace
     * @param writer fills a new directory beside it; may throw to give up
     * @return what the writer returned
     * @throws IOException if writing or renaming fails
     */
    public static <T> T make(Path target, IOFunction<Path, T> writer) throws IOException {
        Path absolute = target.toAbsolutePath();
        Files.createDirectories(absolute.getParent());
        Path staging = sibling(absolute, ".new");
        Path old = sibling(absolute, ".old");
        delete(staging);
        try {
            Files.createDirectory(staging);
            T result = writer.apply(staging);
            flush(staging);
            delete(old);
            if (Files.exists(absolute)) {
                Files.move(absolute, old, StandardCopyOption.ATOMIC_MOVE);
            }
            try {
                Files.move(staging, absolute, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                recover(absolute);
                throw e;
            }
            WholeFile.flushEntries(absolute.getParent());
            deleteIfPossible(old);
            return result;
        } finally {
            deleteIfPossible(staging);
        }
    }

    /**
     * Puts the previous directory back if a crash fell between the two renames.
     *
     * @param target a directory that {@link #replace} writes
     * @throws IOException if renaming fails
     */
    public static void recover(Path target) throws IOException {
        Path absolute = target.toAbsolutePath();
        Path old = sibling(absolute, ".old");
        if (!Files.exists(absolute) && Files.exists(old)) {
            Files.move(old, absolute, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static Path sibling(Path directory, String suffix) {
        return directory.resolveSibling(directory.getFileName() + suffix);
    }

    private static void flush(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                WholeFile.flush(file);
            }
        }
    }

    private static void deleteIfPossible(Path directory) {
        try {
            delete(directory);
        } catch (IOException e) {
            // What is left over is removed by the next replacement.
        }
    }

    /**
     * Deletes a directory with all that is in it, if it is there.
     *
     * @param directory the directory
     * @throws IOException if it cannot be deleted
     */
    public static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> entries;
        try (Stream<Path> walk = Files.walk(directory)) {
            entries = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path entry : entries) {
            Files.delete(entry);
        }
    }
}
