package org.mobilenetv3.train.data.annotation.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mobilenetv3.io.DataPart;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.train.data.DataListener;

/**
 * COCO: {@code annotations/instances_train2017.json} and images in {@code train2017/} or {@code
 * images/train2017/}; Roboflow's {@code train/_annotations.coco.json} beside its images; one file
 * of any name, with {@code images/} beside it.
 */
final class CocoFolder {
    private static final String INSTANCES = "instances_";

    private final Path root;
    private final Map<DataPart, Path> files;

    private CocoFolder(Path root, Map<DataPart, Path> files) {
        this.root = root;
        this.files = files;
    }

    /**
     * Finds the files.
     *
     * @param path a directory or a file
     * @return null if there are none
     * @throws IOException in one sentence, if two files are the same part
     */
    static CocoFolder at(Path path) throws IOException {
        if (Files.isRegularFile(path)) {
            Path folder = path.toAbsolutePath().normalize().getParent();
            boolean nested = folder.endsWith("annotations") && folder.getParent() != null;
            return FileNames.extension(path).equals("json") && CocoFile.isAt(path)
                    ? new CocoFolder(
                            nested ? folder.getParent() : folder, Map.of(DataPart.TRAIN, path))
                    : null;
        }
        Path annotations = FolderFiles.child(path, "annotations");
        List<Path> files = annotations == null ? List.of() : instances(annotations);
        if (files.isEmpty()) {
            files = instances(path);
        }
        Map<DataPart, Path> parts = new EnumMap<>(DataPart.class);
        if (files.size() == 1) {
            parts.put(Layout.named(files.get(0)).orElse(DataPart.TRAIN), files.get(0));
        } else {
            for (Path file : files) {
                Optional<DataPart> part = Layout.named(file);
                if (part.isPresent()) {
                    Layout.put(parts, part.get(), file);
                }
            }
            if (parts.isEmpty() && !files.isEmpty()) {
                throw new IOException(
                        "'%s' and '%s' may both be the annotations; give one of them as the data."
                                .formatted(files.get(0), files.get(1)));
            }
        }
        if (files.isEmpty()) {
            for (Map.Entry<DataPart, Path> part : Layout.parts(path).entrySet()) {
                for (Path file : instances(part.getValue())) {
                    Layout.put(parts, part.getKey(), file);
                }
            }
        }
        return parts.isEmpty() ? null : new CocoFolder(path, parts);
    }

    /** Those with instances in their names if there are any, as COCO has captions beside them. */
    private static List<Path> instances(Path folder) throws IOException {
        List<Path> all = FolderFiles.ending(folder, "json");
        List<Path> named =
                all.stream()
                        .filter(file -> file.getFileName().toString().startsWith(INSTANCES))
                        .toList();
        return (named.isEmpty() ? all : named).stream().filter(CocoFile::isAt).toList();
    }

    /**
     * Reads the files.
     *
     * @param outlines whether polygons and run lengths are wanted
     * @throws IOException in one sentence, if one breaks off or is no such file
     */
    Annotations read(boolean outlines, Flaws flaws, DataListener listener) throws IOException {
        Map<DataPart, List<AnnotatedImage>> parts = new EnumMap<>(DataPart.class);
        Set<String> classes = new LinkedHashSet<>();
        for (Map.Entry<DataPart, Path> part : files.entrySet()) { // train comes first
            Path json = part.getValue();
            CocoFile file = CocoFile.read(json, outlines, flaws, listener);
            if (classes.isEmpty()) {
                classes.addAll(file.classes());
            }
            parts.put(part.getKey(), images(file, finder(part.getKey(), json), flaws));
        }
        return new Annotations("COCO", List.copyOf(classes), parts);
    }

    private FolderFiles finder(DataPart part, Path json) throws IOException {
        String stem = FolderFiles.stem(json);
        String own = stem.startsWith(INSTANCES) ? stem.substring(INSTANCES.length()) : stem;
        List<Path> folders = new ArrayList<>();
        Path beside = json.toAbsolutePath().normalize().getParent();
        if (!beside.equals(root.toAbsolutePath().normalize())) { // as Roboflow's
            folders.add(beside);
        }
        folders.addAll(Layout.imageFolders(root, part, own));
        return new FolderFiles(root, folders);
    }

    private static List<AnnotatedImage> images(CocoFile file, FolderFiles finder, Flaws flaws) {
        List<AnnotatedImage> images = new ArrayList<>();
        Set<Path> taken = new HashSet<>();
        for (CocoFile.Image image : file.images()) {
            Path path = finder.find(image.file(), flaws);
            if (path == null) {
                continue;
            }
            String name = finder.name(path);
            if (!taken.add(path)) {
                flaws.add(Flaw.IMAGE_TWICE, name);
                continue;
            }
            List<AnnotatedObject> objects = image.objects();
            images.add(
                    new AnnotatedImage(
                            name,
                            path,
                            image.height(),
                            image.width(),
                            (height, width) -> objects,
                            null));
        }
        return images;
    }
}
