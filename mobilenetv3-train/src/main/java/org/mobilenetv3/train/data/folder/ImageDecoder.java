package org.mobilenetv3.train.data.folder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mobilenetv3.image.DecodingMemory;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.folder.ClassFolders.Labeled;

/** Decodes image files on all processors and keeps account of those that cannot be read. */
final class ImageDecoder {
    private static final int NAMED = 5;

    /** Brings a decoded image to the size wanted. */
    @FunctionalInterface
    interface Scaling {
        /**
         * Scales.
         *
         * @param image as decoded, brought to the number of channels if one is asked for
         * @param file its name in messages
         * @throws UncheckedIOException if it cannot be brought to that size
         */
        Pixels scale(Pixels image, Path file);
    }

    /** An image that could be read. */
    record Decoded(Pixels pixels, int label) {}

    private final Scaling scaling;
    private final Integer channels;
    private final int total;
    private final DataListener listener;
    private final DecodingMemory memory;
    private final AtomicInteger done = new AtomicInteger();
    private final Map<Path, String> broken = new ConcurrentSkipListMap<>();

    /**
     * Prepares.
     *
     * @param scaling brings images to one size
     * @param channels 1 or 3, or null for as they are
     * @param total images in all parts
     * @param listener is told how far it is and what is left out
     * @param memory that images take while they are decoded side by side
     */
    ImageDecoder(
            Scaling scaling,
            Integer channels,
            int total,
            DataListener listener,
            DecodingMemory memory) {
        this.scaling = scaling;
        this.channels = channels;
        this.total = total;
        this.listener = listener;
        this.memory = memory;
    }

    /**
     * Decodes one part's images, in their order, without those that cannot be read.
     *
     * @throws IOException in one sentence, if no image of a class folder can be read or one does
     *     not fit
     */
    List<Decoded> decode(List<Labeled> files) throws IOException {
        List<Decoded> images;
        try {
            images =
                    IntStream.range(0, files.size())
                            .parallel()
                            .boxed()
                            .flatMap(i -> decode(files.get(i)))
                            .toList();
        } catch (UncheckedIOException e) {
            throw new IOException(FileErrors.sentence(e.getCause()), e.getCause());
        }
        Set<Integer> left = images.stream().map(Decoded::label).collect(Collectors.toSet());
        for (Labeled one : files) {
            if (!left.contains(one.label())) {
                throw new IOException(
                        "No image of the class folder '%s' can be read (the first: %s); replace them or remove the folder."
                                .formatted(one.folder(), clause(broken.get(one.file()))));
            }
        }
        return images;
    }

    private Stream<Decoded> decode(Labeled one) {
        Pixels image = null;
        try (DecodingMemory.Share share = memory.share()) {
            Pixels read = Pixels.read(one.file(), share);
            Pixels own = channels == null ? read : read.toChannels(channels);
            image = scaling.scale(own, one.file());
        } catch (IOException e) {
            broken.put(one.file(), FileErrors.sentence(e));
        } catch (OutOfMemoryError e) {
            broken.put(one.file(), "'" + one.file() + "' is too large for Java's memory.");
        }
        int count = done.incrementAndGet();
        if (count % 16 == 0 || count == total) {
            synchronized (listener) {
                listener.decoded("reading images", count, total);
            }
        }
        if (image == null) {
            return Stream.empty();
        }
        return Stream.of(new Decoded(image, one.label()));
    }

    /**
     * Tells of what could not be read.
     *
     * @throws IOException in one sentence, if that is more than half of the images
     */
    void finish() throws IOException {
        if (2 * broken.size() > total) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%,d of %,d images cannot be read, more than half (the first: %s); is this the right folder?",
                            broken.size(),
                            total,
                            clause(broken.values().iterator().next())));
        }
        if (!broken.isEmpty()) {
            listener.message(
                    String.format(
                            Locale.ROOT,
                            "%,d of %,d images cannot be read and are left out:",
                            broken.size(),
                            total));
            broken.values().stream().limit(NAMED).forEach(why -> listener.message("  " + why));
            if (broken.size() > NAMED) {
                listener.message(
                        String.format(Locale.ROOT, "  ... and %,d more.", broken.size() - NAMED));
            }
        }
    }

    /** A sentence as a part of another one. */
    private static String clause(String sentence) {
        return sentence.replaceAll("[.]$", "");
    }
}
