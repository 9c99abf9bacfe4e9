package org.mobilenetv3.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.io.WholeFile;

/**
 * The beginning of a file that is being fetched: {@code NAME.part} beside the target, and in {@code
 * NAME.part.version} what the server called the version it is of (its ETag or date), so that two
 * versions are never mixed.
 */
final class Part {
    private final Path target;
    private final Path file;
    private final Path note;
    private final List<Path> made = new ArrayList<>(); // directories, the deepest first

    Part(Path target) {
        this.target = target;
        file = target.resolveSibling(target.getFileName() + ".part");
        note = target.resolveSibling(target.getFileName() + ".part.version");
    }

    Path file() {
        return file;
    }

    long size() throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /** Returns the version that the beginning is of; null if it was not told. */
    String version() throws IOException {
        return Files.exists(note) ? Files.readString(note).strip() : null;
    }

    void delete() throws IOException {
        Files.deleteIfExists(file);
        Files.deleteIfExists(note);
    }

    /** Deletes the directories that were made for it and are empty. */
    void removeEmpty() {
        try {
            for (Path directory : made) {
                Files.deleteIfExists(directory);
            }
        } catch (IOException e) {
            // It holds something, the file most of all.
        }
    }

    private Path directory() {
        return target.toAbsolutePath().getParent();
    }

    /** Returns a path, or the nearest directory above it that is there. */
    static Path existing(Path path) {
        Path there = path.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        return there;
    }

    /** Makes its directory and refuses one where nothing can be written. */
    void requireDirectory() throws IOException {
        Path directory = directory();
        for (Path p = directory; p != null && !Files.exists(p); p = p.getParent()) {
            made.add(p);
        }
        try {
            Files.createDirectories(directory);
        } catch (FileAlreadyExistsException e) {
            throw new IOException("'" + directory + "' is a file; give a directory.", e);
        } catch (IOException e) {
            throw unwritable(target, e);
        }
        if (!Files.isWritable(directory)) {
            throw unwritable(target, new AccessDeniedException(directory.toString()));
        }
    }

    /**
     * Opens it for writing.
     *
     * @param offset where; at 0 all that is there is given up
     * @param version what is noted at offset 0; null: nothing
     */
    FileChannel open(long offset, String version) throws IOException {
        requireDirectory(); // another one may have removed it, empty
        try {
            if (offset == 0) {
                Files.deleteIfExists(note);
            }
            FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (offset == 0) {
                channel.truncate(0);
                if (version != null) {
                    Files.writeString(note, version);
                }
            }
            channel.position(offset);
            return channel;
        } catch (IOException e) {
            throw unwritable(target, e);
        }
    }

    void write(FileChannel channel, byte[] chunk, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, count);
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw unwritable(target, e);
        }
    }

    /** Refuses what cannot fit. */
    void requireSpace(long length, RemoteFile wanted) throws IOException {
        Path directory = existing(directory());
        long usable = Files.getFileStore(directory).getUsableSpace();
        if (length > usable) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            ("'%s' has room for %d of the %d bytes of %s; free some or give another"
                                    + " directory."),
                            directory,
                            usable,
                            length,
                            wanted.address()));
        }
    }

    /** Puts the complete file in its place, lasting through a power failure. */
    void finish() throws IOException {
        try {
            WholeFile.flush(file);
            Files.move(
                    file,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            WholeFile.flushEntries(target.toAbsolutePath().getParent());
            Files.deleteIfExists(note);
        } catch (IOException e) {
            throw unwritable(target, e);
        }
    }

    static IOException unwritable(Path target, IOException cause) {
        return new IOException(
                "Cannot write '%s' (%s); free space or give another directory."
                        .formatted(
                                target,
                                String.valueOf(FileErrors.sentence(cause))
                                        .replaceFirst("\\.$", "")),
                cause);
    }
}
