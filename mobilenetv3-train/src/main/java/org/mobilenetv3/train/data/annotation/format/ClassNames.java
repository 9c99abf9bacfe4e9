package org.mobilenetv3.train.data.annotation.format;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.io.TextFile;

/** Names of classes, which are lines. */
public final class ClassNames {
    /** Pascal VOC's objects, in the order of its masks' values from 1. */
    static final List<String> VOC =
            List.of(
                    "aeroplane",
                    "bicycle",
                    "bird",
                    "boat",
                    "bottle",
                    "bus",
                    "car",
                    "cat",
                    "chair",
                    "cow",
                    "diningtable",
                    "dog",
                    "horse",
                    "motorbike",
                    "person",
                    "pottedplant",
                    "sheep",
                    "sofa",
                    "train",
                    "tvmonitor");

    static final String BACKGROUND = "background";

    private static final long LARGEST = 1 << 20;

    private ClassNames() {}

    /**
     * Returns a name as one line in one form of Unicode.
     *
     * @param name any text, or null
     * @param otherwise the name if there is none
     */
    static String line(String name, String otherwise) {
        String line = name == null ? "" : name.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.isEmpty() ? otherwise : FileNames.composed(line);
    }

    /**
     * Returns the classes of pixels.
     *
     * @param objects the classes of objects
     * @return the background, then the objects
     */
    public static List<String> withBackground(List<String> objects) {
        List<String> all = new ArrayList<>(List.of(BACKGROUND));
        all.addAll(objects);
        return List.copyOf(all);
    }

    /**
     * Returns names where nothing names the classes.
     *
     * @param count of classes
     * @return the background, then {@code class_1} and so on, as many in all
     */
    public static List<String> numbered(int count) {
        List<String> names = new ArrayList<>(List.of(BACKGROUND));
        for (int i = 1; i < count; i++) {
            names.add(String.format(Locale.ROOT, "class_%d", i));
        }
        return List.copyOf(names);
    }

    /**
     * Reads the first file of those that exist: a name a line; of CVAT's {@code labelmap.txt}, what
     * stands before the first colon.
     *
     * @param folders where to look
     * @param files their names
     * @return null if there is none
     * @throws IOException in one sentence, if it cannot be read or names a class twice
     */
    static List<String> read(List<Path> folders, String... files) throws IOException {
        for (Path folder : folders) {
            for (String file : files) {
                Path path = folder.resolve(file);
                if (Files.isRegularFile(path)) {
                    return distinct(lines(path), path);
                }
            }
        }
        return null;
    }

    private static List<String> lines(Path path) throws IOException {
        List<String> lines;
        if (Files.size(path) > LARGEST) {
            throw new IOException("'%s' is too large for names of classes.".formatted(path));
        }
        try {
            lines = TextFile.lines(path);
        } catch (CharacterCodingException e) {
            throw new IOException("'%s' is no text in UTF-8; save it as one.".formatted(path), e);
        }
        boolean map = path.getFileName().toString().equals("labelmap.txt");
        List<String> names = new ArrayList<>();
        for (String line : lines) {
            String name = map ? line.split(":", 2)[0] : line;
            if (!name.isBlank() && !(map && name.startsWith("#"))) {
                names.add(line(name, ""));
            }
        }
        return names;
    }

    /**
     * Requires names, each of them once.
     *
     * @throws IOException in one sentence, if there are none or one is there twice
     */
    static List<String> distinct(List<String> names, Path source) throws IOException {
        if (names.isEmpty()) {
            throw new IOException("'%s' names no classes; write one a line.".formatted(source));
        }
        Set<String> set = new HashSet<>();
        for (String name : names) {
            if (!set.add(name)) {
                throw new IOException(
                        "'%s' names the class '%s' twice; remove one."
                                .formatted(source, Flaws.printable(name)));
            }
        }
        return List.copyOf(names);
    }
}
