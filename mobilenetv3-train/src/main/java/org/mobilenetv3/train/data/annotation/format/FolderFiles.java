package org.mobilenetv3.train.data.annotation.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.mobilenetv3.image.ImageFiles;
import org.mobilenetv3.io.FileNames;

/**
 * Finds the files that annotations name, in the folders of a data set only: neither {@code ..} nor
 * links lead out of them.
 */
final class FolderFiles {
    private final Path root;
    private final List<Path> folders;
    private final List<Path> real = new ArrayList<>();

    /**
     * Prepares.
     *
     * @param root the data's folder
     * @param folders to look in, in this order; those that do not exist are passed over
     * @throws IOException if they cannot be read
     */
    FolderFiles(Path root, List<Path> folders) throws IOException {
        this.root = root;
        Set<Path> there = new LinkedHashSet<>();
        real.add(root.toRealPath());
        for (Path folder : folders) {
            if (Files.isDirectory(folder) && there.add(folder)) {
                real.add(folder.toRealPath());
            }
        }
        this.folders = List.copyOf(there);
    }

    /**
     * Finds a file.
     *
     * @param name as an annotation names it, from one of the folders
     * @param flaws counts it if it is not there, or not in the data's folder
     * @return null if it was counted
     */
    Path find(String name, Flaws flaws) {
        for (String written : List.of(name, name.replace('\\', '/'))) {
            for (Path folder : folders) {
                Path file = resolve(folder, written);
                if (file != null && Files.isRegularFile(file)) {
                    return inside(file, flaws) ? file : null;
                }
            }
        }
        flaws.add(Flaw.IMAGE_MISSING, name);
        return null;
    }

    private static Path resolve(Path folder, String name) {
        try {
            return name.isBlank() ? null : folder.resolve(name).normalize();
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** Whether a file lies in the data's folder or one that it links to; counts it otherwise. */
    boolean inside(Path file, Flaws flaws) {
        try {
            Path target = file.toRealPath();
            if (real.stream().anyMatch(target::startsWith)) {
                return true;
            }
        } catch (IOException e) {
            // a link to nowhere, or a folder that cannot be looked into
        }
        flaws.add(Flaw.IMAGE_OUTSIDE, name(file));
        return false;
    }

    /** A file's path below the data's folder, with slashes. */
    String name(Path file) {
        return name(root, file);
    }

    static String name(Path root, Path file) {
        Path below = file.startsWith(root) ? root.relativize(file) : file.getFileName();
        return below.toString().replace('\\', '/');
    }

    /** The files in a folder, not below it, whose names end so; in the order of their names. */
    static List<Path> ending(Path folder, String... extensions) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> !FileNames.isHidden(entry.getFileName()))
                    .filter(entry -> List.of(extensions).contains(FileNames.extension(entry)))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        }
    }

    /** A file's name without what follows its last dot. */
    static String stem(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }

    /** A folder in another one by name, in any letters; null if there is none. */
    static Path child(Path folder, String... names) throws IOException {
        List<Path> all = Files.isDirectory(folder) ? ImageFiles.folders(folder) : List.of();
        for (String name : names) {
            for (Path one : all) {
                if (one.getFileName().toString().equalsIgnoreCase(name)) {
                    return one;
                }
            }
        }
        return null;
    }
}
