package org.mobilenetv3.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Set;
import java.util.stream.StreamSupport;

/** What names of files and folders mean, whatever the system that wrote them. */
public final class FileNames {

    /** What Java puts where bytes of a name are no character. */
    private static final String REPLACEMENT = "\uFFFD";

    /** Folders and files that systems put beside the user's own, in small letters. */
    private static final Set<String> OF_SYSTEMS =
            Set.of(
                    "@eadir", // Synology: thumbnails
                    "@__thumb", // QNAP: thumbnails
                    "@recycle",
                    "@recently-snapshot",
                    "#recycle",
                    "#snapshot",
                    "__macosx", // in every zip that macOS makes
                    "lost+found",
                    "$recycle.bin",
                    "system volume information",
                    "thumbs.db",
                    "ehthumbs.db",
                    "desktop.ini");

    private FileNames() {}

    /**
     * Returns whether a name is none of the user's: hidden, or a system's own, as {@code @eaDir}
     * and {@code __MACOSX}.
     *
     * @param path a name, or several below each other
     * @return whether any of them is
     */
    public static boolean isHidden(Path path) {
        return StreamSupport.stream(path.spliterator(), false)
                .map(Path::toString)
                .anyMatch(
                        name ->
                                name.startsWith(".")
                                        || OF_SYSTEMS.contains(name.toLowerCase(Locale.ROOT)));
    }

    /**
     * Returns the end of a file's name.
     *
     * @param file any file
     * @return what follows the last dot, in small letters; empty if there is none
     */
    public static String extension(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    /**
     * Finds the file that a path goes on within, as {@code package.zip/subnets/small} does.
     *
     * @param path any path
     * @return the file; null if there is something at the path itself, or no file above it
     */
    public static Path fileAbove(Path path) {
        if (Files.exists(path)) {
            return null;
        }
        Path above = path.getParent();
        while (above != null && !Files.exists(above)) {
            above = above.getParent();
        }
        return above != null && Files.isRegularFile(above) ? above : null;
    }

    /**
     * Returns a folder's name as the name of a class: in Unicode's composed form, so that é is one
     * name, whether the folder comes from a Mac, where it may be e and an accent, or from
     * elsewhere.
     *
     * @param folder a folder
     * @return its name
     * @throws IOException if Java cannot read the name, which would make different names one, or if
     *     it is more than a line
     */
    public static String asClass(Path folder) throws IOException {
        requireReadable(folder);
        String name = composed(folder.getFileName().toString());
        if (name.lines().count() != 1) {
            throw new IOException(
                    "The name of the folder '%s' has a line break, but names of classes are lines; rename it."
                            .formatted(folder));
        }
        return name;
    }

    /**
     * Gives Unicode's composed form, in which names are compared.
     *
     * @param name a name
     * @return the same name in Normalization Form C
     */
    public static String composed(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFC);
    }

    /**
     * Refuses names that Java cannot read.
     *
     * @param file a file or folder
     * @throws IOException if the last name of the path has bytes that are no letters in this locale
     */
    public static void requireReadable(Path file) throws IOException {
        if (!isReadable(file.getFileName())) {
            throw new IOException(
                    "The name of '%s' cannot be read: %s.".formatted(file, unreadable()));
        }
    }

    /** Whether a name's bytes can be had back from its characters. */
    static boolean isReadable(Path name) {
        try {
            return name.getFileSystem().getPath(name.toString()).equals(name);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * Explains a message that holds names which Java could not read.
     *
     * @param message any text
     * @return the text, with a sentence more if it needs one
     */
    public static String explained(String message) {
        return message.contains(REPLACEMENT) && !message.contains(unreadable())
                ? message + " Where it says " + REPLACEMENT + ", " + unreadable() + "."
                : message;
    }

    private static String unreadable() {
        String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
        return encoding.equalsIgnoreCase("UTF-8")
                ? "its bytes are no UTF-8; rename it"
                : "Java takes names for "
                        + encoding
                        + " here; start it with LC_ALL=C.UTF-8 in the environment";
    }
}
