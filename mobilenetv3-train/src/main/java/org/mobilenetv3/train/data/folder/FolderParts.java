package org.mobilenetv3.train.data.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mobilenetv3.image.ImageFiles;
import org.mobilenetv3.io.DataPart;

/**
 * Where the parts of a folder of images lie, by the names of its folders, in any letters, so that
 * it is the same where file systems tell small letters from large ones and where they do not.
 *
 * @param root the folder
 * @param train class folders to learn from; the folder itself if it has no parts
 * @param validation class folders, or null
 * @param test class folders, or null
 * @param unused folders beside the parts
 */
record FolderParts(Path root, Path train, Path validation, Path test, List<Path> unused) {

    /**
     * Finds the parts.
     *
     * @throws IOException in one sentence, if the folders look like parts and cannot be told apart,
     *     or if they may be parts or classes
     */
    static FolderParts of(Path root) throws IOException {
        List<Path> folders = ImageFiles.folders(root);
        Path train = one(nested(folders, DataPart.TRAIN));
        if (train == null) {
            requireClasses(root, folders);
            return new FolderParts(root, root, null, null, List.of());
        }
        Path validation = one(named(folders, DataPart.VALIDATION));
        Path test = one(named(folders, DataPart.TEST));
        List<Path> unused = new ArrayList<>(folders);
        unused.removeIf(f -> f.equals(train) || f.equals(validation) || f.equals(test));
        if (validation == null && test == null) {
            requireNoClasses(train, unused);
        }
        return new FolderParts(root, train, validation, test, unused);
    }

    /** Those to test with, of a folder that may have no train. */
    static FolderParts forTesting(Path root) throws IOException {
        List<Path> folders = ImageFiles.folders(root);
        Path validation = one(nested(folders, DataPart.VALIDATION));
        Path test = one(nested(folders, DataPart.TEST));
        boolean alone = nested(folders, DataPart.TRAIN).isEmpty();
        boolean onlyParts = folders.stream().allMatch(f -> DataPart.of(f).isPresent());
        return alone && onlyParts && (validation != null || test != null)
                ? new FolderParts(root, null, validation, test, List.of())
                : of(root);
    }

    /** Whether there are parts at all. */
    boolean isSplit() {
        return !root.equals(train);
    }

    /** Where a part's class folders lie; null if it is to be carved out of train. */
    Path folder(DataPart part) {
        return switch (part) {
            case TRAIN -> train;
            case VALIDATION -> validation;
            case TEST -> test;
        };
    }

    /** The folders of class folders. */
    List<Path> roots() {
        return Stream.of(train, validation, test).filter(Objects::nonNull).toList();
    }

    private static List<Path> named(List<Path> folders, DataPart part) {
        return folders.stream().filter(f -> DataPart.of(f).equals(Optional.of(part))).toList();
    }

    private static List<Path> nested(List<Path> folders, DataPart part) throws IOException {
        List<Path> nested = new ArrayList<>();
        for (Path folder : named(folders, part)) {
            if (ImageFiles.hasFolders(folder)) {
                nested.add(folder);
            }
        }
        return nested;
    }

    private static Path one(List<Path> candidates) throws IOException {
        if (candidates.size() > 1) {
            throw new IOException(
                    "'%s' and '%s' would be the same part of the data; keep one of them."
                            .formatted(candidates.get(0), candidates.get(1)));
        }
        return candidates.isEmpty() ? null : candidates.get(0);
    }

    /** Folders that are named as parts are never classes. */
    private static void requireClasses(Path root, List<Path> folders) throws IOException {
        boolean parts =
                folders.stream().allMatch(f -> DataPart.of(f).isPresent() || DataPart.isMeantBy(f));
        if (parts && !folders.isEmpty()) {
            throw new IOException(
                    "'%s' holds %s, which look like the parts of a data set and not like classes; make them train, val and test, each with a folder per class."
                            .formatted(root, quoted(folders)));
        }
        for (Path folder : folders) {
            List<Path> within = ImageFiles.folders(folder);
            if (named(within, DataPart.TRAIN).isEmpty() || within.size() < 2) {
                return;
            }
        }
        if (!folders.isEmpty()) {
            throw new IOException(
                    "The class folders of '%s' hold train and other parts of a data set; put the classes into the parts, as train/%s."
                            .formatted(root, folders.get(0).getFileName()));
        }
    }

    /** A vehicle may be a train. */
    private static void requireNoClasses(Path train, List<Path> beside) throws IOException {
        for (Path folder : beside) {
            if (!ImageFiles.images(folder).isEmpty()) {
                throw new IOException(
                        "'%s' has folders in it and '%s' beside it, so it may be the training part or a class; add val or test, or move its images out of the folders in it."
                                .formatted(train, folder.getFileName()));
            }
        }
    }

    static String quoted(List<Path> folders) {
        return folders.stream()
                .map(folder -> "'" + folder.getFileName() + "'")
                .collect(Collectors.joining(", "));
    }
}
