package org.mobilenetv3.train.data.annotation;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.mobilenetv3.Task;
import org.mobilenetv3.image.DecodingMemory;
import org.mobilenetv3.io.DataPart;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.annotation.format.AnnotationFormat;
import org.mobilenetv3.train.data.annotation.format.Annotations;
import org.mobilenetv3.train.data.annotation.format.ClassNames;
import org.mobilenetv3.train.data.annotation.format.Flaw;
import org.mobilenetv3.train.data.annotation.format.Flaws;

/** Reads a data set of whatever format and checks it. */
final class Opening {
    private static final int VALUES = 256;

    private final Path path;
    private final boolean masks;
    private final DataListener listener;
    private final Flaws flaws = new Flaws();
    private final DecodingMemory memory = new DecodingMemory(Runtime.getRuntime().maxMemory() / 4);

    Opening(Path path, Task task, DataListener listener) {
        if (task == Task.CLASSIFY) {
            throw new IllegalArgumentException(
                    "'%s' is opened for boxes or masks; to classify, give --dataset folder."
                            .formatted(path));
        }
        this.path = path;
        masks = task == Task.SEGMENT;
        this.listener = listener;
    }

    /** What was left out; the listener has heard it. */
    List<String> leftOut() {
        return flaws.sentences();
    }

    /**
     * Reads and checks.
     *
     * @param known a net's classes; null for the data's own
     * @return the parts that there are
     * @throws IOException in one sentence
     */
    Map<DataPart, FileScenes> read(List<String> known) throws IOException {
        if (!Files.exists(path)) {
            throw new IOException("'%s' does not exist; check the path.".formatted(path));
        }
        Annotations annotations;
        try {
            Path whole = path.toAbsolutePath().normalize();
            annotations = AnnotationFormat.read(whole, masks, flaws, listener);
        } catch (FileSystemException e) {
            throw new IOException(FileErrors.sentence(e), e);
        }
        Map<DataPart, FileScenes> parts = checked(annotations, known);
        String counts =
                parts.entrySet().stream()
                        .map(
                                part ->
                                        String.format(
                                                Locale.ROOT,
                                                "%,d for %s",
                                                part.getValue().size(),
                                                part.getKey().name().toLowerCase(Locale.ROOT)))
                        .collect(Collectors.joining(", "));
        listener.message("'%s' is %s: images %s.".formatted(path, annotations.format(), counts));
        flaws.sentences().forEach(listener::message);
        return parts;
    }

    private Map<DataPart, FileScenes> checked(Annotations annotations, List<String> known)
            throws IOException {
        boolean files =
                annotations.parts().values().stream()
                        .flatMap(List::stream)
                        .anyMatch(image -> image.mask() != null);
        List<String> own =
                masks && !files && annotations.classes() != null
                        ? ClassNames.withBackground(annotations.classes())
                        : annotations.classes();
        List<String> classes = known == null ? own : known;
        requireClasses(classes);
        int total = annotations.parts().values().stream().mapToInt(List::size).sum();
        if (total == 0) {
            return Map.of();
        }
        Checker checker =
                new Checker(
                        masks,
                        classes == null ? List.of() : classes,
                        total,
                        memory,
                        flaws,
                        listener);
        Map<DataPart, List<CheckedImage>> images = new EnumMap<>(DataPart.class);
        annotations.parts().forEach((part, list) -> images.put(part, checker.check(list)));
        checker.finish();
        requireOutlines(images);
        if (files) {
            own = own == null ? numbered(images, known) : own;
            classes = known == null ? own : known;
        }
        byte[] values = masks ? values(own, classes) : null;
        if (files) {
            images.replaceAll((part, list) -> list.stream().map(i -> known(i, values)).toList());
        }
        Map<DataPart, FileScenes> parts = new EnumMap<>(DataPart.class);
        String name = String.valueOf(path.toAbsolutePath().normalize().getFileName());
        for (Map.Entry<DataPart, List<CheckedImage>> part : images.entrySet()) {
            if (!part.getValue().isEmpty()) {
                parts.put(
                        part.getKey(),
                        new FileScenes(name, classes, part.getValue(), values, memory));
            }
        }
        return parts;
    }

    private void requireClasses(List<String> classes) throws IOException {
        if (classes != null && classes.size() < (masks ? 2 : 1)) {
            throw new IOException(
                    "'%s' holds no object of any class%s.".formatted(path, reason(Flaw.values())));
        }
        if (classes != null && masks && classes.size() > Mask.IGNORED) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "'%s' has %,d classes with the background, but masks hold %d at most.",
                            path,
                            classes.size(),
                            Mask.IGNORED));
        }
    }

    /** Boxes alone make no masks. */
    private void requireOutlines(Map<DataPart, List<CheckedImage>> images) throws IOException {
        boolean none =
                images.values().stream()
                        .flatMap(List::stream)
                        .allMatch(image -> image.mask() == null && image.areas().isEmpty());
        if (masks && none && flaws.count(Flaw.OUTLINE_MISSING) > 0) {
            throw new IOException(
                    "'%s' holds boxes and no outlines or masks; train it with --task detect."
                            .formatted(path));
        }
    }

    /** The classes of masks that nothing names: as many as the highest value says. */
    private List<String> numbered(Map<DataPart, List<CheckedImage>> images, List<String> known) {
        if (known != null) {
            return known;
        }
        int highest =
                images.values().stream()
                        .flatMap(List::stream)
                        .flatMapToInt(image -> IntStream.of(image.labels()))
                        .max()
                        .orElse(0);
        listener.message(
                "Nothing names the classes of '%s'; they get numbers. Write classes.txt, a name a line, the background first."
                        .formatted(path));
        return ClassNames.numbered(Math.max(2, highest + 1));
    }

    /** The class of each value that a mask may have. */
    private static byte[] values(List<String> own, List<String> classes) {
        Map<String, Integer> byName = new HashMap<>();
        for (int i = 0; i < classes.size(); i++) {
            byName.put(FileNames.composed(classes.get(i)), i);
        }
        byte[] values = new byte[VALUES];
        Arrays.fill(values, (byte) Mask.IGNORED);
        for (int i = 0; i < own.size(); i++) {
            Integer label = byName.get(own.get(i));
            values[i] = (byte) (label == null ? Mask.IGNORED : label);
        }
        return values;
    }

    /** An image whose labels are classes; counts values that are none. */
    private CheckedImage known(CheckedImage image, byte[] values) {
        TreeSet<Integer> labels = new TreeSet<>();
        boolean unknown = false;
        for (int value : image.labels()) {
            int label = values[value] & 0xFF;
            unknown |= label == Mask.IGNORED;
            if (label != Mask.IGNORED) {
                labels.add(label);
            }
        }
        if (unknown) {
            flaws.add(Flaw.MASK_VALUE, image.name());
        }
        return image.with(labels.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Why so much is missing, as the end of a sentence. */
    String reason(Flaw... kinds) {
        return Arrays.stream(kinds)
                .filter(flaw -> flaws.count(flaw) > 0)
                .findFirst()
                .map(flaw -> flaw.sentence(flaws.count(flaw), flaws.first(flaw)))
                .map(sentence -> " (" + Flaws.printable(sentence) + ")")
                .orElse("");
    }
}
