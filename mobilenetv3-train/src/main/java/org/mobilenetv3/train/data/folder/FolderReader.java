package org.mobilenetv3.train.data.folder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.mobilenetv3.image.DecodingMemory;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.folder.ClassFolders.Labeled;

/**
 * Reads folders of class folders into sets of one size and one number of channels.
 *
 * @param fit how images are brought to one size, or null: all have one
 * @param channels 1 or 3, or null: 1 if every image is gray, otherwise 3
 * @param listener is told which files are left out, and how far reading is
 */
record FolderReader(Fit fit, Integer channels, DataListener listener) {

    /**
     * Reads.
     *
     * @param roots folders of class folders; null for parts that there are not
     * @param classes the classes
     * @return a set for each, null for null
     * @throws IOException in one sentence
     */
    List<ImageSet> read(List<Path> roots, KnownClasses classes) throws IOException {
        List<List<Labeled>> files = new ArrayList<>();
        for (Path root : roots) {
            files.add(root == null ? null : ClassFolders.list(root, classes));
        }
        List<Labeled> all = files.stream().filter(Objects::nonNull).flatMap(List::stream).toList();
        Fitting fitting = new Fitting(fit, fit == null ? readable(all) : null);
        fitting.requireMemoryFor(all.size());
        ImageDecoder decoder =
                new ImageDecoder(
                        fitting::fit,
                        channels,
                        all.size(),
                        listener,
                        fitting.memoryBeside(all.size()));
        List<Part> parts = new ArrayList<>();
        for (List<Labeled> part : files) {
            parts.add(part == null ? null : new Part(decoder.decode(part)));
        }
        decoder.finish();
        new LeftOut(listener).tellOfFiles(roots.stream().filter(Objects::nonNull).toList());
        boolean gray = parts.stream().filter(Objects::nonNull).allMatch(Part::isGray);
        int wanted = channels != null ? channels : gray ? 1 : 3;
        List<ImageSet> sets = new ArrayList<>();
        for (Part part : parts) {
            sets.add(part == null ? null : part.toSet(classes.names(), wanted));
        }
        return sets;
    }

    /** The first image that can be read, for its size; if there is none, the first. */
    private static Path readable(List<Labeled> files) {
        for (Labeled one : files) {
            try {
                Pixels.read(one.file());
                return one.file();
            } catch (IOException e) {
                // told of later, with all the others
            }
        }
        return files.get(0).file();
    }

    private record Part(List<ImageDecoder.Decoded> images) {
        boolean isGray() {
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
                        String.format(
                                Locale.ROOT,
                                "%,d images of %d x %d pixels take %,d MB, more than half of Java's memory; give a smaller --input-size or a larger -Xmx.",
                                images,
                                height,
                                width,
                                bytes >> 20));
            }
        }

        Pixels fit(Pixels image, Path file) {
            if (fit != null) {
                return fit.apply(image);
            }
            if (image.height() != height || image.width() != width) {
                throw new UncheckedIOException(
                        new IOException(
                                String.format(
                                        Locale.ROOT,
                                        "'%s' is %d x %d pixels and '%s' is %d x %d; give --input-size to make them alike.",
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
}
