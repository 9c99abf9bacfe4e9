package org.mobilenetv3.download;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * The right to write a file, of one thread in one process: a lock on an empty file that stands for
 * it. That file is never deleted, so that there is nothing to mend after a crash.
 */
final class WriterLock {
    /** Targets of this process: the system's locks are a process's, not a thread's. */
    private static final Set<Path> HELD = new HashSet<>();

    private static final long PAUSE = 100; // milliseconds

    private final Path target;
    private final DownloadListener listener;
    private FileChannel channel;
    private boolean waited;

    private WriterLock(Path target, DownloadListener listener) {
        this.target = target;
        this.listener = listener;
    }

    /**
     * Waits for the right.
     *
     * @param target the file to write
     * @param locks the directory of the files that stand for others; made when needed
     * @param listener is told if another writer is waited for
     * @throws IOException in one sentence, if no lock can be had
     */
    static WriterLock take(Path target, Path locks, DownloadListener listener) throws IOException {
        WriterLock lock = new WriterLock(real(target), listener);
        lock.hold();
        try {
            lock.channel = lock.open(locks);
            while (!lock.isLocked()) {
                lock.tell();
                Thread.sleep(PAUSE);
            }
            return lock;
        } catch (InterruptedException e) {
            lock.close();
            throw lock.interrupted();
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** The one path of a file to which links may lead. */
    private static Path real(Path target) throws IOException {
        Path path = target.toAbsolutePath().normalize();
        Path there = Part.existing(path);
        return there.toRealPath().resolve(there.relativize(path));
    }

    private void hold() throws IOException {
        synchronized (HELD) {
            while (!HELD.add(target)) {
                tell();
                try {
                    HELD.wait();
                } catch (InterruptedException e) {
                    throw interrupted();
                }
            }
        }
    }

    private FileChannel open(Path locks) throws IOException {
        try {
            return open(locks, Fetcher.hash(target.toString()));
        } catch (IOException e) {
            try {
                return open(target.getParent(), target.getFileName().toString());
            } catch (IOException beside) {
                throw Part.unwritable(target, beside);
            }
        }
    }

    private static FileChannel open(Path directory, String name) throws IOException {
        Files.createDirectories(directory);
        return FileChannel.open(
                directory.resolve(name + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
    }

    private boolean isLocked() {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // held by this class of another class loader
        } catch (IOException e) {
            return true; // a file system without locks: this process's own must do
        }
    }

    private void tell() {
        if (!waited) {
            waited = true;
            listener.message("Waiting for another download of '" + target + "'.");
        }
    }

    private IOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException(
                "Waiting for '" + target + "' was interrupted; run it again.");
    }

    /** Gives the right back. */
    void close() throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            synchronized (HELD) {
                HELD.remove(target);
                HELD.notifyAll();
            }
        }
    }
}
