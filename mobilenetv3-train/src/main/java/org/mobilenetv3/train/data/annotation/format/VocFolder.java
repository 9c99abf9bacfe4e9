package org.mobilenetv3.train.data.annotation.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.mobilenetv3.image.ImageFiles;
import org.mobilenetv3.io.DataPart;
import org.mobilenetv3.train.data.DataListener;

/**
 * Pascal VOC: {@code JPEGImages/}, {@code Annotations/} and {@code SegmentationClass/}, with lists
 * of the parts in {@code ImageSets/Main} and {@code ImageSets/Segmentation}, also within {@code
 * VOCdevkit/VOC2012}; or XML files beside the images, in {@code train/}, {@code valid/} and {@code
 * test/} or all in one folder.
 *
 * @param root the folder of JPEGImages, or of the XML files
 * @param classic whether it is VOC's own layout
 */
record VocFolder(Path root, boolean classic) {
    private static final int DEEPEST = 2;

    /**
     * Finds the folder.
     *
     * @return null if it is none
     * @throws IOException in one sentence, if there are several
     */
    static VocFolder at(Path path) throws IOException {
        List<Path> found = new ArrayList<>();
        search(path, 0, found);
        if (found.size() > 1) {
            throw new IOException(
                    "'%s' holds '%s' and '%s'; give one of them as the data."
                            .formatted(
                                    path, found.get(0).getFileName(), found.get(1).getFileName()));
        }
        if (!found.isEmpty()) {
            return new VocFolder(found.get(0), true);
        }
        Map<DataPart, Layout.Pair> pairs = Layout.pairs(path, "Annotations", "labels", "xml");
        for (Layout.Pair pair : pairs.values()) {
            if (!FolderFiles.ending(pair.beside(), "xml").isEmpty()) {
                return new VocFolder(path, false);
            }
        }
        return null;
    }

    private static void search(Path folder, int depth, List<Path> found) throws IOException {
        Path xml = FolderFiles.child(folder, "Annotations");
        boolean annotated = xml != null && !FolderFiles.ending(xml, "xml").isEmpty();
        boolean masked = FolderFiles.child(folder, "SegmentationClass") != null;
        if (FolderFiles.child(folder, "JPEGImages") != null && (annotated || masked)) {
            found.add(folder);
        } else if (depth < DEEPEST) {
            for (Path within : ImageFiles.folders(folder)) {
                if (within.getFileName().toString().matches("(?i)voc.*")) {
                    search(within, depth + 1, found);
                }
            }
        }
    }

    /**
     * Reads the boxes, or finds the masks.
     *
     * @param masks which of them
     * @throws IOException in one sentence, if there are none
     */
    Annotations read(boolean masks, Flaws flaws, DataListener listener) throws IOException {
        if (masks) {
            return masks(flaws);
        }
        Map<DataPart, List<AnnotatedImage>> parts = new EnumMap<>(DataPart.class);
        if (classic) {
            Path images = FolderFiles.child(root, "JPEGImages");
            Path xml = FolderFiles.child(root, "Annotations");
            if (xml == null) {
                throw new IOException(
                        "'%s' holds masks and no boxes (no Annotations); train it with --task segment."
                                .formatted(root));
            }
            List<Path> all = FolderFiles.ending(xml, "xml");
            for (Map.Entry<DataPart, List<String>> part : lists("Main", all).entrySet()) {
                parts.put(part.getKey(), boxes(images, xml, part.getValue(), flaws, listener));
            }
        } else {
            Map<DataPart, Layout.Pair> pairs = Layout.pairs(root, "Annotations", "labels", "xml");
            for (Map.Entry<DataPart, Layout.Pair> part : pairs.entrySet()) {
                Layout.Pair pair = part.getValue();
                List<String> stems =
                        FolderFiles.ending(pair.beside(), "xml").stream()
                                .map(FolderFiles::stem)
                                .toList();
                parts.put(
                        part.getKey(), boxes(pair.images(), pair.beside(), stems, flaws, listener));
            }
        }
        List<String> names = ClassNames.read(List.of(root), "classes.txt", "labels.txt");
        return new Annotations("Pascal VOC", names == null ? classes(parts) : names, parts);
    }

    /** Those of the training images, or of all if there are none, by the alphabet. */
    private static List<String> classes(Map<DataPart, List<AnnotatedImage>> parts)
            throws IOException {
        Set<String> names = new TreeSet<>();
        for (List<AnnotatedImage> images : parts.values()) { // train comes first
            for (AnnotatedImage image : images) {
                for (AnnotatedObject object : image.objects().in(1, 1)) {
                    if (object.name() != null) {
                        names.add(object.name());
                    }
                }
            }
            if (!names.isEmpty()) {
                break;
            }
        }
        return List.copyOf(names);
    }

    private List<AnnotatedImage> boxes(
            Path images, Path xml, List<String> stems, Flaws flaws, DataListener listener)
            throws IOException {
        FolderFiles files = new FolderFiles(root, List.of(images, xml));
        Map<String, Path> byStem = byStem(images);
        List<AnnotatedImage> read = new ArrayList<>();
        int done = 0;
        for (String stem : stems) {
            AnnotatedImage image = boxes(files, byStem, xml.resolve(stem + ".xml"), stem, flaws);
            if (image != null) {
                read.add(image);
            }
            if (++done % 256 == 0 || done == stems.size()) {
                listener.decoded("reading annotations", done, stems.size());
            }
        }
        return read;
    }

    private AnnotatedImage boxes(
            FolderFiles files, Map<String, Path> byStem, Path xml, String stem, Flaws flaws) {
        if (!Files.isRegularFile(xml)) {
            flaws.add(Flaw.IMAGE_UNANNOTATED, stem);
            return null;
        }
        if (!files.inside(xml, flaws)) {
            return null;
        }
        VocFile file;
        try {
            file = VocFile.read(xml, files.name(xml), flaws);
        } catch (IOException e) {
            flaws.add(Flaw.FILE_BROKEN, String.valueOf(e.getMessage()));
            return null;
        }
        Path image = byStem.get(stem);
        if (image != null) {
            image = files.inside(image, flaws) ? image : null;
        } else {
            image = files.find(file.image() == null ? stem : file.image(), flaws);
        }
        List<AnnotatedObject> objects = file.objects();
        return image == null
                ? null
                : new AnnotatedImage(
                        files.name(image),
                        image,
                        file.height(),
                        file.width(),
                        (height, width) -> objects,
                        null);
    }

    /** The images of a folder by their names without ending; of two, the first. */
    private static Map<String, Path> byStem(Path images) throws IOException {
        Map<String, Path> byStem = new HashMap<>();
        for (Path image : ImageFiles.stray(images)) {
            byStem.putIfAbsent(FolderFiles.stem(image), image);
        }
        return byStem;
    }

    private Annotations masks(Flaws flaws) throws IOException {
        Path masks = FolderFiles.child(root, "SegmentationClass");
        if (!classic || masks == null) {
            throw new IOException(
                    "'%s' holds boxes and no masks (no SegmentationClass); train it with --task detect."
                            .formatted(root));
        }
        Path images = FolderFiles.child(root, "JPEGImages");
        FolderFiles files = new FolderFiles(root, List.of(images, masks));
        Map<String, Path> byStem = byStem(images);
        Map<DataPart, List<AnnotatedImage>> parts = new EnumMap<>(DataPart.class);
        List<Path> all = FolderFiles.ending(masks, "png");
        for (Map.Entry<DataPart, List<String>> part : lists("Segmentation", all).entrySet()) {
            List<AnnotatedImage> found = new ArrayList<>();
            for (String stem : part.getValue()) {
                Path image = byStem.get(stem);
                Path mask = masks.resolve(stem + ".png");
                if (!Files.isRegularFile(mask)) {
                    flaws.add(Flaw.IMAGE_UNANNOTATED, stem);
                } else if (image == null) {
                    flaws.add(Flaw.MASK_LOST, stem + ".png");
                } else if (files.inside(mask, flaws) && files.inside(image, flaws)) {
                    String name = files.name(image);
                    found.add(new AnnotatedImage(name, image, 0, 0, AnnotatedImage.NONE, mask));
                }
            }
            parts.put(part.getKey(), found);
        }
        return new Annotations("Pascal VOC", maskClasses(), parts);
    }

    /** VOC's own names if the objects beside the masks have them. */
    private List<String> maskClasses() throws IOException {
        List<String> names =
                ClassNames.read(List.of(root), "classes.txt", "labels.txt", "labelmap.txt");
        Path xml = FolderFiles.child(root, "Annotations");
        if (names != null || xml == null) {
            return names;
        }
        Set<String> found = new HashSet<>();
        for (Path file : FolderFiles.ending(xml, "xml").stream().limit(200).toList()) {
            try {
                VocFile.read(file, "", new Flaws()).objects().forEach(o -> found.add(o.name()));
            } catch (IOException e) {
                // it names nothing
            }
        }
        return !found.isEmpty() && ClassNames.VOC.containsAll(found)
                ? ClassNames.withBackground(ClassNames.VOC)
                : null;
    }

    /** The names of images by part; all as training images if no list says otherwise. */
    private Map<DataPart, List<String>> lists(String task, List<Path> all) throws IOException {
        Map<DataPart, List<String>> parts = new EnumMap<>(DataPart.class);
        Path sets = FolderFiles.child(root, "ImageSets");
        Path folder = sets == null ? null : FolderFiles.child(sets, task);
        if (folder == null && sets != null) {
            folder = FolderFiles.child(sets, "Main");
        }
        if (folder != null) {
            Map<DataPart, String> names = new LinkedHashMap<>();
            names.put(DataPart.TRAIN, "train.txt");
            names.put(DataPart.VALIDATION, "val.txt");
            names.put(DataPart.TEST, "test.txt");
            Set<String> there = new HashSet<>(all.stream().map(FolderFiles::stem).toList());
            for (Map.Entry<DataPart, String> part : names.entrySet()) {
                List<String> stems = list(folder.resolve(part.getValue()));
                // VOC's test lists name images whose annotations were never published.
                if (!Collections.disjoint(stems, there)) {
                    parts.put(part.getKey(), stems);
                }
            }
            if (!parts.containsKey(DataPart.TRAIN) && !parts.containsKey(DataPart.VALIDATION)) {
                List<String> stems = list(folder.resolve("trainval.txt"));
                if (!stems.isEmpty()) {
                    parts.put(DataPart.TRAIN, stems);
                }
            }
        }
        if (parts.isEmpty()) {
            parts.put(DataPart.TRAIN, all.stream().map(FolderFiles::stem).toList());
        }
        return parts;
    }

    /**
     * The first word of each line; the second, if there is one, says whether an object is there.
     */
    private static List<String> list(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        return YoloFile.lines(file).stream()
                .map(line -> line.strip().split("\\s+", 2)[0])
                .filter(stem -> stem.matches("[^/\\\\\\p{Cntrl}\uFFFD]+"))
                .distinct()
                .toList();
    }
}
