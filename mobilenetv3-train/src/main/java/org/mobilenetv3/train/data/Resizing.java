package org.mobilenetv3.train.data;

import java.util.stream.IntStream;
import org.mobilenetv3.image.Pixels;

/** Brings a data set of square images to another size, in memory and ahead of training. */
final class Resizing {
    private Resizing() {}

    static Splits to(int size, Splits splits) {
        ImageSet train = splits.train();
        if (train.height() == size && train.width() == size) {
            return splits;
        }
        long images = (long) train.size() + splits.validation().size() + splits.test().size();
        long bytes = images * train.channels() * size * size;
        if (bytes > Runtime.getRuntime().maxMemory() / 2) {
            throw new IllegalArgumentException(
                    ("An input size of %d brings '%s' to %d MB, more than half of Java's memory;"
                                    + " give a smaller size or a larger -Xmx.")
                            .formatted(size, train.name(), bytes >> 20));
        }
        return new Splits(
                resize(train, size),
                resize(splits.validation(), size),
                resize(splits.test(), size));
    }

    private static ImageSet resize(ImageSet set, int size) {
        byte[][] images =
                IntStream.range(0, set.size())
                        .parallel()
                        .mapToObj(
                                i ->
                                        new Pixels(
                                                        set.images()[i],
                                                        set.channels(),
                                                        set.height(),
                                                        set.width())
                                                .resizeShorterSide(size)
                                                .data())
                        .toArray(byte[][]::new);
        return new ImageSet(
                set.name(), set.classes(), set.channels(), size, size, images, set.labels());
    }
}
