package org.mobilenetv3.train.command;

import java.io.PrintStream;
import java.util.Locale;
import org.mobilenetv3.cli.InputSize;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.data.ImageSet;
import picocli.CommandLine.Option;

/** The option that says what size images are brought to. */
public final class InputOptions {

    @Option(
            names = "--input-size",
            paramLabel = "PIXELS",
            converter = InputSize.class,
            description = InputSize.DESCRIPTION)
    private Fit size;

    /** Creates the option; picocli fills it in. */
    public InputOptions() {}

    /**
     * Returns what was asked for.
     *
     * @return the size, or null for that of the images
     */
    public Fit size() {
        return size;
    }

    /**
     * Says what images are brought to: as asked; otherwise as they are, or as large as the net
     * needs.
     *
     * @param train the images
     * @param minimum side that the net takes
     * @param log told if images are enlarged
     * @return the size
     * @throws IllegalArgumentException if the net needs larger images, or they are not square and
     *     the user has not said what is to become of them
     */
    public Fit fit(ImageSet train, int minimum, PrintStream log) {
        if (train.height() != train.width() && size == null) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "The images are %dx%d pixels: give --input-size %dx%d to train on them as they are, or one number for squares.",
                            train.width(),
                            train.height(),
                            train.height(),
                            train.width()));
        }
        int side = Math.min(train.height(), train.width());
        if (side < minimum) {
            if (size != null) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "--input-size is %s but this net takes at least %d.",
                                InputSize.text(size),
                                minimum));
            }
            log.printf(
                    Locale.ROOT,
                    "%s has %dx%d images but this net takes at least %dx%d: they are enlarged.%n",
                    train.name(),
                    side,
                    side,
                    minimum,
                    minimum);
            side = minimum;
        }
        boolean photographs = "folder".equals(train.name()) && size != null;
        return photographs || size instanceof Fit.PadRight
                ? size
                : new Fit.CenterCrop(side, side); // no margin to crop
    }
}
