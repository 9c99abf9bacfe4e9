package org.mobilenetv3.train.data.annotation.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.mobilenetv3.image.ImageFiles;
import org.mobilenetv3.io.DataPart;

/**
 * YOLO: {@code images/} and {@code labels/}, or labels beside the images; parts and names by {@code
 * data.yaml}, otherwise by folders and {@code classes.txt}. An image without labels holds nothing.
 *
 * @param root the data's folder
 * @param yaml null if there is none
 */
record YoloFolder(Path root, DataYaml yaml) {
    private static final String[] NAMES = {"classes.txt", "obj.names", "labels.txt", "names.txt"};

    /** Texts that are no labels. */
    private static final Set<String> LISTS =
            Set.of("classes", "labels", "names", "train", "val", "valid", "test", "README");

    /**
     * Recognizes the folder.
     *
     * @param path a directory or a YAML file
     * @return null if it is none
     * @throws IOException if it cannot be read
     */
    static YoloFolder at(Path path) throws IOException {
        List<Path> files =
                Files.isRegularFile(path)
                        ? Stream.of(path).filter(p -> p.toString().matches(".*\\.ya?ml")).toList()
                        : FolderFiles.ending(path, "yaml", "yml");
        for (Path file : files) {
            DataYaml yaml = DataYaml.read(file);
            if (!yaml.get("names").isEmpty()) {
                return new YoloFolder(file.toAbsolutePath().normalize().getParent(), yaml);
            }
        }
        if (!Files.isDirectory(path)) {
            return null;
        }
        for (Layout.Pair pair : Layout.pairs(path, "labels").values()) {
            Set<String> stems = new HashSet<>();
            ImageFiles.stray(pair.images()).forEach(i -> stems.add(FolderFiles.stem(i)));
            for (Path text : FolderFiles.ending(pair.beside(), "txt")) {
                if (stems.contains(FolderFiles.stem(text))) {
                    return new YoloFolder(path, null);
                }
            }
        }
        return null;
    }

    /**
     * Reads the labels.
     *
     * @param outlines whether polygons are wanted
     * @throws IOException in one sentence, if the classes have no names or no image is found
     */
    Annotations read(boolean outlines, Flaws flaws) throws IOException {
        List<String> classes = classes();
        Map<DataPart, List<AnnotatedImage>> parts = new EnumMap<>(DataPart.class);
        for (Map.Entry<DataPart, Set<Path>> part : images(flaws).entrySet()) {
            parts.put(part.getKey(), annotated(part.getValue(), classes, outlines, flaws));
        }
        return new Annotations("YOLO", classes, parts);
    }

    private List<String> classes() throws IOException {
        if (yaml != null) {
            return ClassNames.distinct(
                    yaml.get("names").stream().map(n -> ClassNames.line(n, "?")).toList(), root);
        }
        List<Path> folders = new ArrayList<>(List.of(root));
        Path labels = FolderFiles.child(root, "labels");
        if (labels != null) {
            folders.add(labels);
        }
        Layout.pairs(root, "labels").values().forEach(pair -> folders.add(pair.beside()));
        List<String> names = ClassNames.read(folders, NAMES);
        if (names == null) {
            throw new IOException(
                    "'%s' holds YOLO's labels, but nothing names their classes; add data.yaml or classes.txt, a name a line."
                            .formatted(root));
        }
        return names;
    }

    private Map<DataPart, Set<Path>> images(Flaws flaws) throws IOException {
        Map<DataPart, Set<Path>> parts = new EnumMap<>(DataPart.class);
        if (yaml != null) {
            addListed(parts, DataPart.TRAIN, "train", flaws);
            addListed(parts, DataPart.VALIDATION, "val", flaws);
            addListed(parts, DataPart.VALIDATION, "valid", flaws);
            addListed(parts, DataPart.TEST, "test", flaws);
            // The same images for validation as for training, as in Ultralytics' coco8: no part.
            Set<Path> train = parts.getOrDefault(DataPart.TRAIN, Set.of());
            parts.entrySet()
                    .removeIf(p -> p.getKey() != DataPart.TRAIN && p.getValue().equals(train));
        }
        if (!parts.containsKey(DataPart.TRAIN)) {
            for (Map.Entry<DataPart, Layout.Pair> pair : Layout.pairs(root, "labels").entrySet()) {
                List<Path> found = ImageFiles.images(pair.getValue().images());
                if (!found.isEmpty()) {
                    parts.putIfAbsent(pair.getKey(), new LinkedHashSet<>(found));
                }
            }
        }
        return parts;
    }

    /** Folders of images, or lists of their names. */
    private void addListed(Map<DataPart, Set<Path>> parts, DataPart part, String key, Flaws flaws)
            throws IOException {
        Set<Path> images = new LinkedHashSet<>();
        for (String value : yaml.get(key)) {
            Path path = inside(value);
            if (path == null) {
                continue;
            }
            if (Files.isDirectory(path)) {
                images.addAll(ImageFiles.images(path));
                continue;
            }
            FolderFiles files = new FolderFiles(root, List.of(base(), path.getParent()));
            for (String line : YoloFile.lines(path)) {
                if (!line.isBlank()) {
                    Path image = files.find(line.strip(), flaws);
                    if (image != null && !images.add(image)) {
                        flaws.add(Flaw.IMAGE_TWICE, files.name(image));
                    }
                }
            }
        }
        if (!images.isEmpty()) {
            parts.putIfAbsent(part, images);
        }
    }

    /** What {@code path} says, if that is in the root. */
    private Path base() {
        Path path = yaml.get("path").isEmpty() ? null : resolve(root, yaml.get("path").get(0));
        return path != null && path.startsWith(root) && Files.isDirectory(path) ? path : root;
    }

    /**
     * Where an entry leads: from {@code path}, or from the file's folder, or there in place of the
     * folder above, which Roboflow writes. Null if that is not in the root.
     */
    private Path inside(String value) {
        for (Path from : List.of(base(), root)) {
            for (String written : List.of(value, value.replaceFirst("^(\\.\\./)+", ""))) {
                Path path = resolve(from, written);
                if (path != null && path.startsWith(root) && Files.exists(path)) {
                    return path;
                }
            }
        }
        return null;
    }

    private static Path resolve(Path from, String name) {
        try {
            return from.resolve(name).normalize();
        } catch (InvalidPathException e) {
            return null;
        }
    }

    private List<AnnotatedImage> annotated(
            Set<Path> images, List<String> classes, boolean outlines, Flaws flaws)
            throws IOException {
        Set<Path> folders = new LinkedHashSet<>();
        Set<Path> labels = new HashSet<>();
        for (Path image : images) {
            folders.add(image.getParent());
            labels.add(labelFile(image));
        }
        labels.forEach(file -> folders.add(file.getParent()));
        FolderFiles files = new FolderFiles(root, List.copyOf(folders));
        List<AnnotatedImage> annotated = new ArrayList<>();
        for (Path image : images) {
            Path text = labelFile(image);
            boolean labeled = Files.isRegularFile(text);
            if (!files.inside(image, flaws) || (labeled && !files.inside(text, flaws))) {
                continue;
            }
            String name = files.name(image);
            AnnotatedImage.Objects objects =
                    (height, width) ->
                            YoloFile.read(text, name, height, width, classes, outlines, flaws);
            annotated.add(
                    new AnnotatedImage(
                            name, image, 0, 0, labeled ? objects : AnnotatedImage.NONE, null));
        }
        for (Path folder : folders) {
            for (Path text : FolderFiles.ending(folder, "txt")) {
                if (!labels.contains(text) && !LISTS.contains(FolderFiles.stem(text))) {
                    flaws.add(Flaw.ANNOTATION_LOST, files.name(text));
                }
            }
        }
        return annotated;
    }

    /** In the folder labels in place of the last folder images of the path; or beside the image. */
    private Path labelFile(Path image) {
        String text = FolderFiles.stem(image) + ".txt";
        Path below = root.relativize(image.startsWith(root) ? image : root.resolve(image));
        for (int i = below.getNameCount() - 2; i >= 0; i--) {
            if (below.getName(i).toString().equalsIgnoreCase("images")) {
                Path top = i == 0 ? root : root.resolve(below.subpath(0, i));
                Path folder = top.resolve("labels");
                if (i + 1 < below.getNameCount() - 1) {
                    folder = folder.resolve(below.subpath(i + 1, below.getNameCount() - 1));
                }
                if (Files.isDirectory(top.resolve("labels"))) {
                    return folder.resolve(text);
                }
            }
        }
        return image.resolveSibling(text);
    }
}
