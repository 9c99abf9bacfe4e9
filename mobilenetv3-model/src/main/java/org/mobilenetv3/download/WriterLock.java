package org.mobilenetv3.download;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The right to write a file, of one thread in one process: a lock on {@code NAME.lock} beside it.
 * Directories that had to be made for it and stayed empty are removed with it.
 */
final class WriterLock {
    /** Targets of this process: the system's locks are a process's, not a thread's. */
    private static final Set<Path> HELD = new HashSet<>();

    private static final int TRIES = 100;

    private final Path target;
    private final Path file;
    private final List<Path> made = new ArrayList<>();
    private final DownloadListener listener;
    private FileChannel channel;
    private boolean waited;

    private WriterLock(Path target, DownloadListener listener) {
        this.target = target;
        this.listener = listener;
        file = target.resolveSibling(target.getFileName() + ".lock");
    }

    /**
     * Waits for the right.
     *
     * @param target the file to write; its directory is made
     * @param listener is told if another writer is waited for
     * @throws IOException in one sentence, if nothing can be written there
     */
    static WriterLock take(Path target, DownloadListener listener) throws IOException {
        WriterLock lock = new WriterLock(target.toAbsolutePath().normalize(), listener);
        lock.hold();
        try {
            lock.lock();
            return lock;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private void hold() throws IOException {
        synchronized (HELD) {
            while (!HELD.add(target)) {
                tell();
                try {
                    HELD.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException(
                            "Waiting for '" + target + "' was interrupted; run it again.");
                }
            }
        }
    }

    private void lock() throws IOException {
        for (int i = 0; i < TRIES && channel == null; i++) {
            try {
                makeDirectory();
                FileChannel opened =
                        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                if (isOurs(opened)) {
                    channel = opened;
                } else {
                    opened.close();
                }
            } catch (NoSuchFileException e) {
                // Another one has just removed the empty directory.
            } catch (FileAlreadyExistsException e) {
                throw new IOException(
                        "'" + target.getParent() + "' is a file; give a directory.", e);
            } catch (IOException e) {
                throw Part.unwritable(target, e);
            }
        }
        if (channel == null) {
            throw Part.unwritable(target, new NoSuchFileException(file.toString()));
        }
    }

    private void makeDirectory() throws IOException {
        for (Path p = target.getParent(); p != null && !Files.exists(p); p = p.getParent()) {
            if (!made.contains(p)) {
                made.add(p); // the deepest first
            }
        }
        Files.createDirectories(target.getParent());
    }

    /** Waits for the lock; false if the file was deleted by the writer that was waited for. */
    private boolean isOurs(FileChannel opened) throws IOException {
        FileLock lock;
        try {
            lock = opened.tryLock();
        } catch (IOException e) {
            return true; // a file system without locks: this process's own must do
        }
        if (lock == null) {
            tell();
            opened.lock();
        }
        return opened.size() == 0;
    }

    private void tell() {
        if (!waited) {
            waited = true;
            listener.message("Waiting for another download of '" + target + "'.");
        }
    }

    /** Whoever waits for it sees by the mark that it is no longer the file of this name. */
    private boolean mark() {
        try {
            return channel.write(ByteBuffer.wrap(new byte[] {1})) == 1;
        } catch (IOException e) {
            return false; // a full disk: the file stays, for whoever waits for it
        }
    }

    /** Gives the right back. */
    void close() throws IOException {
        try {
            if (channel != null) {
                if (!mark() || !delete()) {
                    channel.truncate(0);
                }
                channel.close();
            }
        } finally {
            removeEmpty();
            synchronized (HELD) {
                HELD.remove(target);
                HELD.notifyAll();
            }
        }
    }

    private boolean delete() {
        try {
            Files.delete(file);
            return true;
        } catch (IOException e) {
            return false; // Windows does not, while another one has it open
        }
    }

    private void removeEmpty() {
        try {
            for (Path directory : made) {
                Files.deleteIfExists(directory);
            }
        } catch (IOException e) {
            // It holds something, the file most of all.
        }
    }
}
