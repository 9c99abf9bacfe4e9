package org.mobilenetv3.train.data.source;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;

/**
 * Reads MNIST and Fashion-MNIST: idx files, gzipped or not, as on the authors' pages and in
 * Debian's {@code dataset-fashion-mnist}. Images are {@code (1, 28, 28)}.
 */
final class Idx {
    /** Fashion-MNIST's classes in label order. */
    static final List<String> FASHION_MNIST_CLASSES =
            List.of(
                    "T-shirt/top",
                    "Trouser",
                    "Pullover",
                    "Dress",
                    "Coat",
                    "Sandal",
                    "Shirt",
                    "Sneaker",
                    "Bag",
                    "Ankle boot");

    /** MNIST's classes in label order. */
    static final List<String> MNIST_CLASSES =
            List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

    private static final int IMAGES_MAGIC = 0x00000803; // unsigned byte, three dimensions
    private static final int LABELS_MAGIC = 0x00000801; // unsigned byte, one dimension
    private static final int MAX_SIDE = 4096;

    private Idx() {}

    /** Whether a directory holds the training images of an idx data set. */
    static boolean isAt(Path directory) {
        return find(directory, "train", "images", 3) != null;
    }

    /**
     * Reads the four files of a directory, {@code train-images-idx3-ubyte[.gz]} and so on, and
     * carves a validation set out of the training images.
     *
     * @param name what the sets are called
     * @throws IOException in one sentence, if a file is missing, truncated or no idx file
     */
    static Splits read(String name, Path directory, List<String> classes, long seed)
            throws IOException {
        ImageSet train = part(name, directory, "train", classes);
        ImageSet test = part(name, directory, "t10k", classes);
        return Splits.carveValidation(train, test, seed);
    }

    private static ImageSet part(String name, Path directory, String part, List<String> classes)
            throws IOException {
        Path imageFile = require(directory, part, "images", 3);
        Path labelFile = require(directory, part, "labels", 1);
        Images images = images(imageFile);
        int[] labels = labels(labelFile);
        if (labels.length != images.data.length) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "'%s' has %d labels but '%s' has %d images; take both from one download.",
                            labelFile,
                            labels.length,
                            imageFile,
                            images.data.length));
        }
        for (int label : labels) {
            if (label >= classes.size()) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "'%s' holds the label %d; expected 0 to %d, as this data set has.",
                                labelFile,
                                label,
                                classes.size() - 1));
            }
        }
        return new ImageSet(name, classes, 1, images.height, images.width, images.data, labels);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Images(int height, int width, byte[][] data) {}

    static Images images(Path file) throws IOException {
        return reading(
                file,
                in -> {
                    int[] header = header(file, in, IMAGES_MAGIC, 3);
                    int height = header[1];
                    int width = header[2];
                    if (height < 1 || width < 1 || height > MAX_SIDE || width > MAX_SIDE) {
                        throw new IOException(
                                String.format(
                                        Locale.ROOT,
                                        "'%s' claims images of %d x %d pixels; expected 1 to %d a side.",
                                        file,
                                        height,
                                        width,
                                        MAX_SIDE));
                    }
                    List<byte[]> images = new ArrayList<>(); // grows with the data, not the claim
                    for (int i = 0; i < header[0]; i++) {
                        images.add(exactly(in, height * width));
                    }
                    requireEnd(file, in, header[0] + " images");
                    return new Images(height, width, images.toArray(byte[][]::new));
                });
    }

    static int[] labels(Path file) throws IOException {
        return reading(
                file,
                in -> {
                    int count = header(file, in, LABELS_MAGIC, 1)[0];
                    byte[] bytes = exactly(in, count);
                    requireEnd(file, in, count + " labels");
                    int[] labels = new int[count];
                    for (int i = 0; i < count; i++) {
                        labels[i] = bytes[i] & 0xFF;
                    }
                    return labels;
                });
    }

    private static int[] header(Path file, InputStream in, int magic, int dimensions)
            throws IOException {
        ByteBuffer header = ByteBuffer.wrap(exactly(in, 4 + 4 * dimensions));
        int found = header.getInt();
        if (found != magic) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "'%s' starts with 0x%08x; an idx file of %s starts with 0x%08x: give that file.",
                            file,
                            found,
                            dimensions == 3 ? "images" : "labels",
                            magic));
        }
        int[] sizes = new int[dimensions];
        for (int i = 0; i < dimensions; i++) {
            sizes[i] = header.getInt();
        }
        if (sizes[0] < 1) {
            throw new IOException("'" + file + "' claims " + sizes[0] + " items; fetch it again.");
        }
        return sizes;
    }

    private interface Reader<T> {
        T read(InputStream in) throws IOException;
    }

    private static <T> T reading(Path file, Reader<T> reader) throws IOException {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            raw.mark(2);
            boolean gzip = raw.read() == 0x1F && raw.read() == 0x8B;
            raw.reset();
            return reader.read(gzip ? new GZIPInputStream(raw, 1 << 16) : raw);
        } catch (EOFException e) {
            throw new IOException("'" + file + "' is truncated; fetch it again.", e);
        } catch (ZipException e) {
            String why = e.getMessage().toLowerCase(Locale.ROOT);
            throw new IOException("'" + file + "' is damaged (" + why + "); fetch it again.", e);
        }
    }

    private static byte[] exactly(InputStream in, int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException();
        }
        return bytes;
    }

    private static void requireEnd(Path file, InputStream in, String claimed) throws IOException {
        if (in.read() >= 0) {
            throw new IOException(
                    "'" + file + "' goes on after its " + claimed + "; fetch it again.");
        }
    }

    private static Path require(Path directory, String part, String kind, int dimensions)
            throws IOException {
        Path file = find(directory, part, kind, dimensions);
        if (file == null) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "'%s' holds no %s-%s-idx%d-ubyte[.gz]; put the data set's four files there.",
                            directory,
                            part,
                            kind,
                            dimensions));
        }
        return file;
    }

    private static Path find(Path directory, String part, String kind, int dimensions) {
        for (String dash : new String[] {"-", "."}) {
            String name = part + "-" + kind + dash + "idx" + dimensions + "-ubyte";
            for (String candidate : new String[] {name, name + ".gz"}) {
                if (Files.isRegularFile(directory.resolve(candidate))) {
                    return directory.resolve(candidate);
                }
            }
        }
        return null;
    }
}
