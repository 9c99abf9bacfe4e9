package org.mobilenetv3.train.data.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.mobilenetv3.image.ImageFiles;
import org.mobilenetv3.io.FileNames;

/** A folder of images by class: one folder for each, whose name is the class's. */
final class ClassFolders {

    private ClassFolders() {}

    /** An image file, the folder of its class, and that class. */
    record Labeled(Path file, Path folder, int label) {}

    /** Names of the class folders, at least two. */
    static List<String> classes(Path root) throws IOException {
        List<String> names = new ArrayList<>();
        for (Path folder : ImageFiles.folders(root)) {
            String name = FileNames.asClass(folder);
            if (names.contains(name)) {
                throw new IOException(
                        "Two folders in '%s' have the name '%s', written with other letters of Unicode; put their images into one."
                                .formatted(root, name));
            }
            names.add(name);
        }
        Collections.sort(names);
        if (names.size() < 2) {
            throw new IOException(
                    "'%s' has %s; give at least two folders, one per class."
                            .formatted(
                                    root,
                                    names.isEmpty()
                                            ? "no class folder"
                                            : "only the class folder " + names));
        }
        return names;
    }

    /**
     * Lists the images of every class folder.
     *
     * @param root holds the class folders
     * @param classes names by label, and what to say of others
     * @throws IOException in one sentence, if a folder is of no class or holds no image
     */
    static List<Labeled> list(Path root, KnownClasses classes) throws IOException {
        List<Labeled> files = new ArrayList<>();
        for (Path folder : ImageFiles.folders(root)) {
            int label = classes.label(folder);
            List<Path> images = ImageFiles.images(folder);
            if (images.isEmpty()) {
                throw new IOException(
                        "The class folder '%s' holds no image (%s); add some or remove it."
                                .formatted(
                                        folder,
                                        String.join(
                                                ", ",
                                                ImageFiles.EXTENSIONS.stream().sorted().toList())));
            }
            images.forEach(image -> files.add(new Labeled(image, folder, label)));
        }
        if (files.isEmpty()) {
            throw new IOException("'" + root + "' has no class folder; add them or remove it.");
        }
        return files;
    }
}
