package org.mobilenetv3.train.data.source;

import ai.djl.basicdataset.cv.classification.ImageClassificationDataset;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.mobilenetv3.train.data.ImageSet;

/**
 * Reads the records of a DJL data set as 8-bit images with one class each. DJL's own sets give them
 * as {@code (H, W, C)} of 0 to 255; {@code (C, H, W)} and {@code (H, W)} are read, too.
 */
final class DjlRecords {
    /** Above any data set's: what is larger is a quantity and not a class. */
    private static final int MAX_CLASSES = 1 << 20;

    private final String name;
    private final List<String> classes;
    private Layout layout;
    private float most;
    private boolean fractions;

    /** Reads into a set of that name; {@code classes} is null if the data set is to be asked. */
    DjlRecords(String name, List<String> classes) {
        this.name = name;
        this.classes = classes;
    }

    ImageSet read(RandomAccessDataset dataset) throws IOException {
        try {
            dataset.prepare();
        } catch (TranslateException e) {
            throw new IOException(
                    "DJL cannot prepare the data set '%s' (%s).".formatted(name, e.getMessage()),
                    e);
        }
        int size = Math.toIntExact(dataset.size());
        if (size == 0) {
            throw refused("has no records; give one with at least one image");
        }
        byte[][] images = new byte[size][];
        int[] labels = new int[size];
        try (NDManager manager = NDManager.newBaseManager()) {
            for (int i = 0; i < size; i++) {
                try (NDManager each = manager.newSubManager()) {
                    Record record = record(dataset, each, i);
                    labels[i] = label(i, record.getLabels());
                    images[i] = image(i, record.getData(), size);
                }
            }
        }
        if (fractions && most <= 1) {
            throw refused(
                    "has samples of 0 to 1; give the pixels as they are, 0 to 255, and leave scaling"
                            + " to the normalization");
        }
        return new ImageSet(
                name,
                names(dataset, labels),
                layout.channels,
                layout.height,
                layout.width,
                images,
                labels);
    }

    private Record record(RandomAccessDataset dataset, NDManager manager, int index)
            throws IOException {
        try {
            return dataset.get(manager, index);
        } catch (IOException e) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "DJL cannot read record %d of the data set '%s' (%s).",
                            index,
                            name,
                            e.getMessage()),
                    e);
        }
    }

    private List<String> names(RandomAccessDataset dataset, int[] labels) {
        if (classes != null) {
            return classes;
        }
        if (dataset instanceof ImageClassificationDataset named && !named.getClasses().isEmpty()) {
            return named.getClasses();
        }
        int count = Arrays.stream(labels).max().orElseThrow() + 1;
        return IntStream.range(0, count).mapToObj(i -> "class_" + i).toList();
    }

    private int label(int index, NDList labels) {
        if (labels.size() != 1 || labels.get(0).size() != 1) {
            throw refused(
                    "has arrays %s as label of record %d; expected one class index",
                    Arrays.toString(labels.getShapes()), index);
        }
        double label = labels.get(0).toType(DataType.FLOAT64, false).toDoubleArray()[0];
        if (!(label >= 0 && label < MAX_CLASSES) || label != Math.rint(label)) {
            throw refused("has the label %s in record %d; expected a class index", label, index);
        }
        return (int) label;
    }

    private byte[] image(int index, NDList data, int size) {
        Shape shape = data.size() == 1 ? data.get(0).getShape() : null;
        Layout found = shape == null ? null : Layout.of(shape);
        if (found == null) {
            throw refused(
                    "has arrays %s as data of record %d; expected one image (H, W, C) or (C, H, W) with 1 or"
                            + " 3 channels",
                    Arrays.toString(data.getShapes()), index);
        }
        if (layout == null) {
            layout = found;
            requireMemory(size);
        }
        if (!found.equals(layout)) {
            throw refused(
                    "has images of different shapes, %s in record %d and not %s; resize them to one,"
                            + " e.g. with optImageSize",
                    shape, index, layout);
        }
        float[] samples = data.get(0).toType(DataType.FLOAT32, false).toFloatArray();
        byte[] planes = new byte[samples.length];
        for (int i = 0; i < samples.length; i++) {
            planes[layout.place(i)] = (byte) rounded(samples[i], index);
        }
        return planes;
    }

    private int rounded(float sample, int index) {
        if (!(sample > -0.5f && sample < 255.5f)) {
            throw refused(
                    "has the sample %s in record %d; give the pixels as they are, 0 to 255, and leave"
                            + " scaling to the normalization",
                    sample, index);
        }
        most = Math.max(most, sample);
        fractions |= sample != Math.rint(sample);
        return Math.round(sample);
    }

    private void requireMemory(int size) {
        long bytes = (long) size * layout.channels * layout.height * layout.width;
        if (bytes > Runtime.getRuntime().maxMemory() / 2) {
            throw refused(
                    "takes %d MB, more than half of Java's memory; give a limit or a larger -Xmx",
                    bytes >> 20);
        }
    }

    private IllegalArgumentException refused(String why, Object... values) {
        return new IllegalArgumentException(
                "The DJL data set '%s' %s."
                        .formatted(name, String.format(Locale.ROOT, why, values)));
    }

    /** How an image lies in its array. */
    private record Layout(int channels, int height, int width, boolean channelsLast) {

        /** Returns null if it is no image. */
        static Layout of(Shape shape) {
            long[] sides = shape.getShape();
            if (Arrays.stream(sides).anyMatch(side -> side < 1 || side > 1 << 16)) {
                return null;
            }
            if (sides.length == 2) {
                return new Layout(1, (int) sides[0], (int) sides[1], false);
            }
            if (sides.length != 3) {
                return null;
            }
            if (sides[2] == 1 || sides[2] == 3) {
                return new Layout((int) sides[2], (int) sides[0], (int) sides[1], true);
            }
            return sides[0] == 1 || sides[0] == 3
                    ? new Layout((int) sides[0], (int) sides[1], (int) sides[2], false)
                    : null;
        }

        /** Returns where the sample at {@code i} is in {@code (C, H, W)}. */
        int place(int i) {
            return channelsLast ? i % channels * height * width + i / channels : i;
        }

        /** As the array's shape. */
        @Override
        public String toString() {
            return channelsLast
                    ? String.format(Locale.ROOT, "(%d, %d, %d)", height, width, channels)
                    : String.format(Locale.ROOT, "(%d, %d, %d)", channels, height, width);
        }
    }
}
