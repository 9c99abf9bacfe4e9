package org.mobilenetv3.train.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.mobilenetv3.image.DecodingMemory;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.train.data.ImageFiles.Labelled;
import org.mobilenetv3.zoo.Fit;

/**
 * Reads a folder of images by class: {@code root/CLASS/*.png} (jpg, jpeg, bmp, gif; folders within
 * a class belong to it), or the same under {@code root/train}, {@code root/val} (or valid,
 * validation) and {@code root/test}. A part that is missing is carved out of the training images.
 * Grey if every image is, otherwise RGB, if nothing else is asked for. Broken files are left out.
 */
public final class ImageFolder {
    private static final List<String> VALIDATION_NAMES = List.of("val", "valid", "validation");

    private ImageFolder() {}

    /** Whether a directory has class folders with images, itself or under {@code train}. */
    public static boolean isAt(Path root) {
        try {
            Path train = root.resolve("train");
            Path classes = ImageFiles.hasFolders(train) ? train : root;
            for (Path folder : ImageFiles.folders(classes)) {
                if (!ImageFiles.images(folder).isEmpty()) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Reads the images and brings them to one size, as in prediction.
     *
     * @param fit how, or null: all images have one size
     * @param channels 1 or 3, or null: 1 if every image is grey, otherwise 3
     * @param seed chooses the validation images; carved test images are the same for every seed
     * @param listener hears which files are left out, and how far reading is
     * @throws IOException in one sentence, if there are not two classes, a class has no image that
     *     can be read, most images cannot or, without {@code fit}, sizes differ
     */
    public static Splits read(
            Path root, Fit fit, Integer channels, long seed, DataListener listener)
            throws IOException {
        if (!Files.isDirectory(root)) {
            throw new IOException(
                    "'" + root + "' is no directory; give one with a folder of images per class.");
        }
        boolean split = ImageFiles.hasFolders(root.resolve("train"));
        Path trainRoot = split ? root.resolve("train") : root;
        List<Path> roots = new ArrayList<>();
        roots.add(trainRoot);
        roots.add(split ? validationFolder(root) : null);
        roots.add(split && Files.isDirectory(root.resolve("test")) ? root.resolve("test") : null);
        List<String> classes = ImageFiles.classes(trainRoot);
        List<List<Labelled>> files = new ArrayList<>();
        for (Path part : roots) {
            files.add(part == null ? null : ImageFiles.list(part, classes));
        }
        int total = files.stream().filter(Objects::nonNull).mapToInt(List::size).sum();
        Fitting fitting = new Fitting(fit, fit == null ? readable(files.get(0)) : null);
        fitting.requireMemoryFor(total);
        ImageDecoder decoder =
                new ImageDecoder(
                        fitting::fit, channels, total, listener, fitting.memoryBeside(total));
        List<Part> parts = new ArrayList<>();
        for (List<Labelled> part : files) {
            parts.add(part == null ? null : new Part(decoder.decode(part)));
        }
        decoder.finish(roots.stream().filter(Objects::nonNull).toList());
        boolean grey = parts.stream().filter(Objects::nonNull).allMatch(Part::isGrey);
        int wanted = channels != null ? channels : grey ? 1 : 3;
        return splits(classes, wanted, parts.get(0), parts.get(1), parts.get(2), seed);
    }

    /** The first image that can be read, for its size; if there is none, the first. */
    private static Path readable(List<Labelled> files) {
        for (Labelled one : files) {
            try {
                Pixels.read(one.file());
                return one.file();
            } catch (IOException e) {
                // told of later, with all the others
            }
        }
        return files.get(0).file();
    }

    private static Splits splits(
            List<String> classes, int channels, Part train, Part validation, Part test, long seed) {
        ImageSet trainSet = train.toSet(classes, channels);
        if (validation == null && test == null) {
            return Splits.carveTestAndValidation(trainSet, seed);
        }
        if (validation == null) {
            return Splits.carveValidation(trainSet, test.toSet(classes, channels), seed);
        }
        ImageSet validationSet = validation.toSet(classes, channels);
        return test == null
                ? Splits.carveTest(trainSet, validationSet)
                : new Splits(trainSet, validationSet, test.toSet(classes, channels));
    }

    private record Part(List<ImageDecoder.Decoded> images) {
        boolean isGrey() {
            return images.stream().allMatch(image -> image.pixels().channels() == 1);
        }

        ImageSet toSet(List<String> classes, int channels) {
            byte[][] data =
                    images.stream()
                            .map(i -> i.pixels().toChannels(channels).data())
                            .toArray(byte[][]::new);
            int[] labels = images.stream().mapToInt(ImageDecoder.Decoded::label).toArray();
            Pixels first = images.get(0).pixels();
            return new ImageSet(
                    "folder", classes, channels, first.height(), first.width(), data, labels);
        }
    }

    /** Brings images to one size, or requires that they have it. */
    private static final class Fitting {
        private final Fit fit;
        private final Path first;
        private final int height;
        private final int width;

        Fitting(Fit fit, Path first) throws IOException {
            this.fit = fit;
            this.first = first;
            Pixels image = fit == null ? Pixels.read(first) : null;
            height = image == null ? fit.height() : image.height();
            width = image == null ? fit.width() : image.width();
        }

        /** A quarter of what Java may take, less as more images are kept. */
        DecodingMemory memoryBeside(int images) {
            long heap = Runtime.getRuntime().maxMemory();
            return new DecodingMemory(Math.max(heap / 16, heap / 4 - bytes(images) / 2));
        }

        private long bytes(int images) {
            return 3L * height * width * images;
        }

        void requireMemoryFor(int images) throws IOException {
            long bytes = bytes(images);
            if (bytes > Runtime.getRuntime().maxMemory() / 2) {
                throw new IOException(
                        "%,d images of %d x %d pixels take %,d MB, more than half of Java's memory; give a smaller --input-size or a larger -Xmx."
                                .formatted(images, height, width, bytes >> 20));
            }
        }

        Pixels fit(Pixels image, Path file) {
            if (fit != null) {
                return fit.apply(image);
            }
            if (image.height() != height || image.width() != width) {
                throw new UncheckedIOException(
                        new IOException(
                                "'%s' is %d x %d pixels and '%s' is %d x %d; give --input-size to make them alike."
                                        .formatted(
                                                first,
                                                height,
                                                width,
                                                file,
                                                image.height(),
                                                image.width())));
            }
            return image;
        }
    }

    private static Path validationFolder(Path root) {
        return VALIDATION_NAMES.stream()
                .map(root::resolve)
                .filter(Files::isDirectory)
                .findFirst()
                .orElse(null);
    }
}
