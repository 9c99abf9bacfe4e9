package org.mobilenetv3.io;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** What went wrong with a file; the JDK's exceptions say no more than a path. */
public final class FileErrors {

    private FileErrors() {}

    /**
     * Finds what lies behind an exception.
     *
     * @param e any exception
     * @return its deepest cause; itself if it has none
     */
    public static Throwable root(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /**
     * Returns one sentence, or what the exception says itself.
     *
     * @param e any exception
     * @return the message; null if there is none
     */
    public static String sentence(Throwable e) {
        String temporary = System.getProperty("java.io.tmpdir");
        if (e instanceof FileSystemException file
                && String.valueOf(file.getFile()).startsWith(temporary)
                && !Files.isWritable(Path.of(temporary))) {
            return "The temporary directory %s is missing or cannot be written; give another: -Djava.io.tmpdir=DIR."
                    .formatted(temporary);
        }
        if (e instanceof AccessDeniedException denied) {
            return denied.getFile() + " cannot be read or written: permission denied.";
        }
        if (e instanceof FileSystemException file && file.getReason() != null) {
            return file.getFile() + ": " + file.getReason() + ".";
        }
        if (e instanceof NoSuchFileException file) {
            return file.getFile() + " does not exist.";
        }
        if (e instanceof FileAlreadyExistsException file) {
            return file.getFile() + " exists already and is not a directory.";
        }
        if (e instanceof NotDirectoryException file) {
            return file.getFile() + " is not a directory.";
        }
        return e.getMessage();
    }
}
