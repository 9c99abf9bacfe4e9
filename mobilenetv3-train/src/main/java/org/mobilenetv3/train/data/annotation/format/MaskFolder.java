package org.mobilenetv3.train.data.annotation.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.image.ImageFiles;
import org.mobilenetv3.io.DataPart;

/**
 * A folder of images and a folder of masks with the same names, {@code images/} and {@code masks/},
 * each perhaps with {@code train/}, {@code val/} and {@code test/}, or within these. {@code
 * classes.txt} names the values from 0, the background first.
 *
 * @param root the data's folder
 * @param pairs by part
 */
record MaskFolder(Path root, Map<DataPart, Layout.Pair> pairs) {
    private static final String[] MASKS = {
        "masks", "mask", "annotations", "labels", "SegmentationClass", "segmentation", "gt"
    };

    /** What a mask's name may have behind the image's. */
    private static final List<String> SUFFIXES = List.of("", "_mask", "_label");

    /**
     * Recognizes the folder.
     *
     * @return null if it is none
     * @throws IOException in one sentence, if two folders are the same part
     */
    static MaskFolder at(Path root) throws IOException {
        Map<DataPart, Layout.Pair> pairs = new EnumMap<>(DataPart.class);
        for (Map.Entry<DataPart, Layout.Pair> pair : Layout.pairs(root, MASKS).entrySet()) {
            Path masks = pair.getValue().beside();
            if (!masks.equals(pair.getValue().images()) && !pngs(masks).isEmpty()) {
                pairs.put(pair.getKey(), pair.getValue());
            }
        }
        return pairs.isEmpty() ? null : new MaskFolder(root, pairs);
    }

    private static List<Path> pngs(Path folder) throws IOException {
        return ImageFiles.images(folder).stream()
                .filter(file -> file.toString().toLowerCase(Locale.ROOT).endsWith(".png"))
                .toList();
    }

    /**
     * Lists the images that have masks.
     *
     * @throws IOException in one sentence, if the names of the classes cannot be read
     */
    Annotations read(Flaws flaws) throws IOException {
        Map<DataPart, List<AnnotatedImage>> parts = new EnumMap<>(DataPart.class);
        List<Path> folders = new ArrayList<>(List.of(root));
        for (Map.Entry<DataPart, Layout.Pair> part : pairs.entrySet()) {
            Layout.Pair pair = part.getValue();
            folders.add(pair.beside());
            parts.put(part.getKey(), images(pair, flaws));
        }
        List<String> names = ClassNames.read(folders, "classes.txt", "labels.txt", "labelmap.txt");
        return new Annotations("masks", names, parts);
    }

    private List<AnnotatedImage> images(Layout.Pair pair, Flaws flaws) throws IOException {
        FolderFiles files = new FolderFiles(root, List.of(pair.images(), pair.beside()));
        Map<String, Path> masks = new HashMap<>();
        for (Path mask : pngs(pair.beside())) {
            masks.put(withoutEnding(pair.beside(), mask), mask);
        }
        List<AnnotatedImage> images = new ArrayList<>();
        for (Path image : ImageFiles.images(pair.images())) {
            String stem = withoutEnding(pair.images(), image);
            Path mask = null;
            for (String suffix : SUFFIXES) {
                mask = mask == null ? masks.remove(stem + suffix) : mask;
            }
            String name = files.name(image);
            if (mask == null) {
                flaws.add(Flaw.IMAGE_UNANNOTATED, name);
            } else if (files.inside(image, flaws) && files.inside(mask, flaws)) {
                images.add(new AnnotatedImage(name, image, 0, 0, AnnotatedImage.NONE, mask));
            }
        }
        masks.values().forEach(mask -> flaws.add(Flaw.MASK_LOST, files.name(mask)));
        return images;
    }

    private static String withoutEnding(Path folder, Path file) {
        String name = FolderFiles.name(folder, file);
        int dot = name.lastIndexOf('.');
        return dot > name.lastIndexOf('/') ? name.substring(0, dot) : name;
    }
}
