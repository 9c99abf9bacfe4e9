package org.mobilenetv3.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.apache.commons.io.function.IOConsumer;
import org.apache.commons.io.function.IOFunction;

/** Files that are there whole or not at all: written beside their place, flushed, then renamed. */
public final class WholeFile {

    private WholeFile() {}

    /**
     * Writes text in UTF-8.
     *
     * @param file to make or to replace
     * @param text what it will hold
     * @throws IOException if it cannot be written; what stood there stays
     */
    public static void write(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Writes bytes.
     *
     * @param file to make or to replace
     * @param bytes what it will hold
     * @throws IOException if it cannot be written; what stood there stays
     */
    public static void write(Path file, byte[] bytes) throws IOException {
        write(file, (Path beside) -> Files.write(beside, bytes));
    }

    /**
     * Lets a writer make the file, and puts it in place when the writer is done.
     *
     * @param file to make or to replace
     * @param writer makes a file beside it, where nothing is; may throw to give up
     * @throws IOException if it cannot be written; what stood there stays
     */
    public static void write(Path file, IOConsumer<Path> writer) throws IOException {
        make(
                file,
                beside -> {
                    writer.accept(beside);
                    return null;
                });
    }

    /**
     * Writes as {@link #write(Path, IOConsumer)} does and returns what the writer does.
     *
     * @param <T> what is told of the file
     * @param file to make or to replace
     * @param writer makes a file beside it, where nothing is; may throw to give up
     * @return what the writer returned
     * @throws IOException if it cannot be written; what stood there stays
     */
    public static <T> T make(Path file, IOFunction<Path, T> writer) throws IOException {
        Path absolute = file.toAbsolutePath();
        if (Files.isDirectory(absolute)) {
            throw new IOException(file + " is a directory; give the name of a file.");
        }
        // A name of its own, so that neither a file of the user's nor another process is met.
        Path beside =
                absolute.resolveSibling(
                        String.format(
                                Locale.ROOT,
                                ".%s.%d.%x",
                                absolute.getFileName(),
                                ProcessHandle.current().pid(),
                                System.nanoTime()));
        Files.createDirectories(absolute.getParent());
        try {
            T result;
            try {
                result = writer.apply(beside);
                flush(beside);
            } catch (IOException e) {
                throw named(file, e);
            }
            Files.move(
                    beside,
                    absolute,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            flushEntries(absolute.getParent());
            return result;
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    /** A full disk tells no name. */
    private static IOException named(Path file, IOException e) {
        String message = e.getMessage();
        boolean bare = e.getClass() == IOException.class && e.getCause() == null;
        return bare && message != null && !message.contains(file.getFileName().toString())
                ? new IOException(
                        "%s cannot be written: %s."
                                .formatted(file, message.replaceFirst("\\.$", "")),
                        e)
                : e;
    }

    /**
     * Waits until a file's bytes are on the disk.
     *
     * @param file a regular file
     * @throws IOException if they cannot be written
     */
    public static void flush(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /**
     * Makes renames last through a power failure, where directories can be flushed.
     *
     * @param directory in which something was renamed
     */
    public static void flushEntries(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows cannot; the files themselves are flushed.
        }
    }
}
