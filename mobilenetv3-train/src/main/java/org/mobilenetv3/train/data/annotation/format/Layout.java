package org.mobilenetv3.train.data.annotation.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mobilenetv3.image.ImageFiles;
import org.mobilenetv3.io.DataPart;

/** Where the parts of a data set lie in its folder. */
final class Layout {
    private static final String[] IMAGES = {"images", "image", "imgs", "img", "JPEGImages"};

    private Layout() {}

    /** A folder of images, and the folder beside it in which the same names are annotated. */
    record Pair(Path images, Path beside) {}

    /**
     * Finds pairs of folders: {@code images/train} and {@code labels/train}, {@code train/images}
     * and {@code train/labels}, or {@code images} and {@code labels}; or images and annotations in
     * one folder, {@code train} or the root itself.
     *
     * @param root the data's folder
     * @param beside the second folder's name, several to choose from
     * @return by part; all as training images if there are no parts
     * @throws IOException in one sentence, if two folders are the same part
     */
    static Map<DataPart, Pair> pairs(Path root, String... beside) throws IOException {
        Map<DataPart, Pair> pairs = new EnumMap<>(DataPart.class);
        Path images = FolderFiles.child(root, IMAGES);
        Path others = FolderFiles.child(root, beside);
        if (images != null && others != null) {
            Map<DataPart, Path> parts = parts(images);
            for (Map.Entry<DataPart, Path> part : parts.entrySet()) {
                String name = part.getValue().getFileName().toString();
                Path same = FolderFiles.child(others, name);
                Path other = same == null ? parts(others).get(part.getKey()) : same;
                if (other != null) {
                    pairs.put(part.getKey(), new Pair(part.getValue(), other));
                }
            }
            return parts.isEmpty() ? Map.of(DataPart.TRAIN, new Pair(images, others)) : pairs;
        }
        for (Map.Entry<DataPart, Path> part : parts(root).entrySet()) {
            Path within = FolderFiles.child(part.getValue(), IMAGES);
            Path other = FolderFiles.child(part.getValue(), beside);
            pairs.put(
                    part.getKey(),
                    within != null && other != null
                            ? new Pair(within, other)
                            : new Pair(part.getValue(), part.getValue()));
        }
        return pairs.isEmpty() ? Map.of(DataPart.TRAIN, new Pair(root, root)) : pairs;
    }

    /**
     * Finds the folders that are named after parts.
     *
     * @throws IOException in one sentence, if two folders are the same part
     */
    static Map<DataPart, Path> parts(Path folder) throws IOException {
        Map<DataPart, Path> parts = new EnumMap<>(DataPart.class);
        for (Path one : ImageFiles.folders(folder)) {
            Optional<DataPart> part = DataPart.of(one);
            if (part.isPresent()) {
                put(parts, part.get(), one);
            }
        }
        return parts;
    }

    /**
     * Adds a part.
     *
     * @throws IOException in one sentence, if there is one already
     */
    static void put(Map<DataPart, Path> parts, DataPart part, Path path) throws IOException {
        Path other = parts.put(part, path);
        if (other != null) {
            throw new IOException(
                    "'%s' and '%s' would be the same part of the data; keep one of them."
                            .formatted(other, path));
        }
    }

    /** The part that a file's name speaks of, as {@code instances_train2017} does. */
    static Optional<DataPart> named(Path file) {
        for (String word : FolderFiles.stem(file).split("[^\\p{L}]+", -1)) {
            Optional<DataPart> part =
                    word.isEmpty() ? Optional.empty() : DataPart.of(Path.of(word));
            if (part.isPresent()) {
                return part;
            }
        }
        return Optional.empty();
    }

    /** Folders in which images of a part may lie. */
    static List<Path> imageFolders(Path root, DataPart part, String... names) throws IOException {
        List<Path> folders = new ArrayList<>();
        List<Path> tops = new ArrayList<>(List.of(root));
        Path images = FolderFiles.child(root, IMAGES);
        if (images != null) {
            tops.add(images);
        }
        for (Path top : tops) {
            Path named = FolderFiles.child(top, names);
            if (named != null) {
                folders.add(named);
            }
            Path folder = parts(top).get(part);
            if (folder != null) {
                Path within = FolderFiles.child(folder, IMAGES);
                folders.add(within == null ? folder : within);
            }
        }
        if (images != null) {
            folders.add(images);
        }
        folders.add(root);
        return folders;
    }
}
