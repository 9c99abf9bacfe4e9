package org.mobilenetv3.train.data.source;

import java.util.Locale;
import java.util.stream.IntStream;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;

/** Brings a data set of square images to another size, in memory and ahead of training. */
final class Resizing {
    private Resizing() {}

    static Splits to(Fit fit, Splits splits) {
        ImageSet train = splits.train();
        if (train.height() == fit.height() && train.width() == fit.width()) {
            return splits;
        }
        long images = (long) train.size() + splits.validation().size() + splits.test().size();
        long bytes = images * train.channels() * fit.height() * fit.width();
        if (bytes > Runtime.getRuntime().maxMemory() / 2) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            ("An input size of %dx%d brings '%s' to %d MB, more than half of Java's"
                                    + " memory; give a smaller size or a larger -Xmx."),
                            fit.height(),
                            fit.width(),
                            train.name(),
                            bytes >> 20));
        }
        return new Splits(
                resize(train, fit), resize(splits.validation(), fit), resize(splits.test(), fit));
    }

    private static ImageSet resize(ImageSet set, Fit fit) {
        byte[][] images =
                IntStream.range(0, set.size())
                        .parallel()
                        .mapToObj(i -> resize(set.image(i), fit).data())
                        .toArray(byte[][]::new);
        return new ImageSet(
                set.name(),
                set.classes(),
                set.channels(),
                fit.height(),
                fit.width(),
                images,
                set.labels());
    }

    private static Pixels resize(Pixels image, Fit fit) {
        // These images show nothing but the object: there is no margin to crop.
        return fit instanceof Fit.CenterCrop crop
                ? image.resizeShorterSide(crop.size(), crop.interpolation())
                : fit.apply(image);
    }
}
