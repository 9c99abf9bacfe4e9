package org.mobilenetv3.train.data.annotation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.zip.CRC32C;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.image.DecodingMemory;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.data.scene.Scene;
import org.mobilenetv3.train.data.scene.SceneSet;

/** Scenes of image files, decoded when they are asked for. */
final class FileScenes implements SceneSet {
    private final String name;
    private final List<String> classes;
    private final List<CheckedImage> images;
    private final byte[] values;
    private final DecodingMemory memory;

    /**
     * Makes a set.
     *
     * @param name for people
     * @param classes of boxes, or of mask values
     * @param images all of them checked
     * @param values the classes of a mask file's values, 256 of them; null for sets of boxes
     * @param memory that images take while they are decoded side by side
     */
    FileScenes(
            String name,
            List<String> classes,
            List<CheckedImage> images,
            byte[] values,
            DecodingMemory memory) {
        this.name = name;
        this.classes = List.copyOf(classes);
        this.images = List.copyOf(images);
        this.values = values;
        this.memory = memory;
    }

    FileScenes with(List<CheckedImage> others) {
        return new FileScenes(name, classes, others, values, memory);
    }

    List<CheckedImage> images() {
        return images;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public Scene scene(int index) throws IOException {
        CheckedImage image = images.get(index);
        Pixels pixels;
        try (DecodingMemory.Share share = memory.share()) {
            pixels = Pixels.read(image.file(), share);
        }
        int factor = 1; // an image too large for the memory is halved
        while (ceil(image.height(), factor) > pixels.height()) {
            factor *= 2;
        }
        if (ceil(image.height(), factor) != pixels.height()
                || ceil(image.width(), factor) != pixels.width()) {
            throw new IOException(
                    "'%s' has another size than when its annotations were read; start again."
                            .formatted(image.file()));
        }
        return new Scene(pixels, boxes(image, pixels), mask(image, pixels));
    }

    private static int ceil(int length, int factor) {
        return (length + factor - 1) / factor;
    }

    private static List<LabeledBox> boxes(CheckedImage image, Pixels pixels) {
        double x = (double) pixels.width() / image.width();
        double y = (double) pixels.height() / image.height();
        if (x == 1 && y == 1) {
            return image.boxes();
        }
        return image.boxes().stream()
                .map(
                        one ->
                                new LabeledBox(
                                        scaled(one.box(), x, y),
                                        one.label(),
                                        one.ignored(),
                                        one.area() * x * y))
                .toList();
    }

    private static Box scaled(Box box, double x, double y) {
        return new Box(box.left() * x, box.top() * y, box.right() * x, box.bottom() * y);
    }

    private Mask mask(CheckedImage image, Pixels pixels) throws IOException {
        if (values == null) {
            return null;
        }
        Mask mask;
        if (image.mask() == null) {
            mask = image.paint();
        } else {
            Mask read = image.mask().read();
            byte[] known = new byte[read.classes().length];
            for (int i = 0; i < known.length; i++) {
                known[i] = values[read.classes()[i] & 0xFF];
            }
            mask = Turning.upright(new Mask(known, read.height(), read.width()), image.turn());
        }
        return Turning.resized(mask, pixels.height(), pixels.width());
    }

    /**
     * Sums up the classes, the names and sizes of all files, the boxes and the outlines; not the
     * samples, as that would read every file of the set.
     */
    @Override
    public long checksum() throws IOException {
        CRC32C sum = new CRC32C();
        update(sum, classes.toString());
        for (CheckedImage image : images) {
            update(sum, image.name());
            ByteBuffer numbers = ByteBuffer.allocate(40);
            numbers.putLong(Files.size(image.file()));
            numbers.putLong(image.mask() == null ? -1 : Files.size(image.mask().file()));
            numbers.putInt(image.height()).putInt(image.width()).putInt(image.turn());
            numbers.putInt(image.boxes().size()).putInt(image.areas().size());
            sum.update(numbers.flip());
            for (int label : image.labels()) {
                sum.update(label);
            }
            for (LabeledBox one : image.boxes()) {
                ByteBuffer box = ByteBuffer.allocate(48);
                box.putInt(one.label()).putInt(one.ignored() ? 1 : 0);
                box.putDouble(one.box().left()).putDouble(one.box().top());
                box.putDouble(one.box().right()).putDouble(one.box().bottom());
                box.putDouble(one.area());
                sum.update(box.flip());
            }
            for (CheckedImage.Area area : image.areas()) {
                sum.update(area.label());
                area.outline().update(sum);
            }
        }
        return sum.getValue();
    }

    private static void update(CRC32C sum, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        sum.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
        sum.update(bytes);
    }

    /** For people. */
    @Override
    public String toString() {
        return name + ": " + size() + " images, classes " + classes;
    }
}
