package org.mobilenetv3.train.data.annotation.format;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.annotation.outline.Outline;

/**
 * A file of COCO's annotations, read as a stream in one pass: what is kept of one of 450 MB takes a
 * few hundred MB with outlines, and a hundred without.
 */
final class CocoFile {
    private static final Set<String> LISTS = Set.of("images", "annotations", "categories");

    /** Entries from one look at the progress to the next. */
    private static final int STEP = 1 << 14;

    /** An image, its annotations, or both. */
    static final class Image {
        private String file;
        private int height;
        private int width;
        private final List<Instance> instances = new ArrayList<>(4);

        /** As the file names it. */
        String file() {
            return file;
        }

        int height() {
            return height;
        }

        int width() {
            return width;
        }

        /** What is in it, with the names of their categories. */
        List<AnnotatedObject> objects() {
            return instances.stream()
                    .map(
                            i ->
                                    new AnnotatedObject(
                                            i.category.name, i.box, i.outline, i.crowd, i.area))
                    .toList();
        }
    }

    private static final class Category {
        private final String id;
        private String name;
        private String group;
        private boolean used;

        Category(String id) {
            this.id = id;
        }
    }

    private record Instance(
            Category category, Box box, Outline outline, boolean crowd, double area) {}

    private final Path path;
    private final boolean outlines;
    private final Flaws flaws;
    private final DataListener listener;
    private final Map<String, Image> images = new LinkedHashMap<>();
    private final Map<String, Category> categories = new HashMap<>();

    private CocoFile(Path path, boolean outlines, Flaws flaws, DataListener listener) {
        this.path = path;
        this.outlines = outlines;
        this.flaws = flaws;
        this.listener = listener;
    }

    /** Whether a file's first lists are COCO's; cheap even for a large one. */
    static boolean isAt(Path file) {
        try (JsonReader json = JsonValues.open(Files.newInputStream(file))) {
            json.beginObject();
            while (json.hasNext()) {
                boolean known = LISTS.contains(json.nextName());
                if (known && json.peek() == JsonToken.BEGIN_ARRAY) {
                    return true;
                }
                json.skipValue();
            }
            return false;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /**
     * Reads a file.
     *
     * @param path the file
     * @param outlines whether polygons and run lengths are kept
     * @param flaws counts the annotations that make no sense
     * @param listener is told how many megabytes of a large file are read
     * @throws IOException in one sentence, if the file breaks off or is no such file
     */
    static CocoFile read(Path path, boolean outlines, Flaws flaws, DataListener listener)
            throws IOException {
        CocoFile file = new CocoFile(path, outlines, flaws, listener);
        try (FileChannel channel = FileChannel.open(path);
                JsonReader json = JsonValues.open(Channels.newInputStream(channel))) {
            file.read(json, channel);
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            String reason =
                    e.getMessage() == null ? "" : e.getMessage().lines().findFirst().orElse("");
            throw new IOException(
                    "'%s' breaks off or holds no annotations as COCO's (%s); copy or export it again."
                            .formatted(path, Flaws.printable(reason)),
                    e);
        }
        if (file.categories.values().stream().allMatch(c -> c.name == null)) {
            throw new IOException(
                    "'%s' names no categories, so its objects have no classes; give COCO's instances file."
                            .formatted(path));
        }
        return file;
    }

    private void read(JsonReader json, FileChannel channel) throws IOException {
        int read = 0;
        json.beginObject();
        while (json.hasNext()) {
            String name = json.nextName();
            if (!LISTS.contains(name) || json.peek() != JsonToken.BEGIN_ARRAY) {
                json.skipValue();
                continue;
            }
            json.beginArray();
            while (json.hasNext()) {
                if (++read % STEP == 0) {
                    listener.decoded(
                            "reading MB of " + path.getFileName(),
                            channel.position() >> 20,
                            channel.size() >> 20);
                }
                if (json.peek() != JsonToken.BEGIN_OBJECT) {
                    flaws.add(Flaw.ANNOTATION_BROKEN, place());
                    json.skipValue();
                    continue;
                }
                json.beginObject();
                switch (name) {
                    case "images" -> readImage(json);
                    case "annotations" -> readInstance(json);
                    default -> readCategory(json);
                }
                json.endObject();
            }
            json.endArray();
        }
        json.endObject();
    }

    private void readImage(JsonReader json) throws IOException {
        String id = null;
        String file = null;
        int height = 0;
        int width = 0;
        while (json.hasNext()) {
            switch (json.nextName()) {
                case "id" -> id = JsonValues.text(json);
                case "file_name" -> file = JsonValues.text(json);
                case "height" -> height = JsonValues.size(json);
                case "width" -> width = JsonValues.size(json);
                default -> json.skipValue();
            }
        }
        if (id == null || file == null) {
            flaws.add(Flaw.ANNOTATION_BROKEN, file == null ? place() : file);
            return;
        }
        Image image = images.computeIfAbsent(id, k -> new Image());
        if (image.file != null) {
            flaws.add(Flaw.IMAGE_TWICE, file);
            return;
        }
        image.file = file;
        image.height = height;
        image.width = width;
    }

    private void readInstance(JsonReader json) throws IOException {
        String imageId = null;
        String categoryId = null;
        double[] corner = null;
        boolean boxed = false;
        Outline outline = null;
        boolean crowd = false;
        double area = Double.NaN;
        while (json.hasNext()) {
            switch (json.nextName()) {
                case "image_id" -> imageId = JsonValues.text(json);
                case "category_id" -> categoryId = JsonValues.text(json);
                case "bbox" -> {
                    boxed = json.peek() != JsonToken.NULL;
                    corner = JsonValues.fourNumbers(json);
                }
                case "iscrowd" -> crowd = JsonValues.flag(json);
                case "area" -> area = JsonValues.number(json);
                case "segmentation" -> {
                    if (outlines) {
                        outline = CocoOutline.read(json);
                    } else {
                        json.skipValue();
                    }
                }
                default -> json.skipValue();
            }
        }
        if (imageId == null || categoryId == null) {
            flaws.add(Flaw.ANNOTATION_BROKEN, place());
            return;
        }
        Category category = categories.computeIfAbsent(categoryId, Category::new);
        category.used = true;
        Box box = null;
        if (corner != null) {
            box = new Box(corner[0], corner[1], corner[0] + corner[2], corner[1] + corner[3]);
        } else if (boxed && !outlines) {
            flaws.add(Flaw.BOX_BROKEN, place());
            return;
        }
        images.computeIfAbsent(imageId, k -> new Image())
                .instances
                .add(new Instance(category, box, outline, crowd, area));
    }

    private void readCategory(JsonReader json) throws IOException {
        String id = null;
        String name = null;
        String group = null;
        while (json.hasNext()) {
            switch (json.nextName()) {
                case "id" -> id = JsonValues.text(json);
                case "name" -> name = JsonValues.text(json);
                case "supercategory" -> group = JsonValues.text(json);
                default -> json.skipValue();
            }
        }
        if (id == null) {
            flaws.add(Flaw.ANNOTATION_BROKEN, name == null ? place() : name);
            return;
        }
        Category category = categories.computeIfAbsent(id, Category::new);
        category.name = ClassNames.line(name, "category " + id);
        category.group = group;
    }

    private String place() {
        return path.getFileName().toString();
    }

    /** All images that have a name, in the file's order; annotations of others are counted. */
    List<Image> images() {
        for (Map.Entry<String, Image> entry : images.entrySet()) {
            if (entry.getValue().file == null) {
                entry.getValue()
                        .instances
                        .forEach(i -> flaws.add(Flaw.ANNOTATION_LOST, "image " + entry.getKey()));
            }
        }
        return images.values().stream().filter(image -> image.file != null).toList();
    }

    /**
     * The names of the categories by their ids. A category that only groups others (Roboflow writes
     * one) and has no object is no class; several of one name are one class.
     */
    List<String> classes() {
        Set<String> groups =
                categories.values().stream()
                        .filter(c -> c.group != null && !c.group.equals(c.name))
                        .map(c -> c.group)
                        .collect(Collectors.toSet());
        return categories.values().stream()
                .filter(c -> c.name != null && (c.used || !groups.contains(c.name)))
                .sorted(BY_ID)
                .map(c -> c.name)
                .distinct()
                .toList();
    }

    private static final Comparator<Category> BY_ID =
            Comparator.<Category>comparingDouble(category -> asNumber(category.id))
                    .thenComparing(category -> category.id);

    private static double asNumber(String id) {
        try {
            return Double.parseDouble(id);
        } catch (NumberFormatException e) {
            return Double.POSITIVE_INFINITY;
        }
    }
}
