package org.mobilenetv3.train.command;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options of {@code evaluate} that only ImageNet's validation images need. */
final class ImageNetOptions {

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description =
                    "imagenet: the classes of images that lie in one folder, a line each of NAME"
                            + " INDEX or NAME WNID (default: val.txt or LOC_val_solution.csv beside"
                            + " them).")
    private Path labels;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description =
                    "imagenet: where to keep the prediction of each image, from which the same"
                            + " command goes on after an interruption (default: in DJL's cache,"
                            + " until the result is there).")
    private Path state;

    /** A list of labels, or null. */
    Path labels() {
        return labels;
    }

    /** Where the predictions are kept, or null. */
    Path state() {
        return state;
    }

    /**
     * Refuses the options for another data set.
     *
     * @throws IllegalArgumentException if one is given
     */
    void requireNone() {
        if (labels != null || state != null) {
            throw new IllegalArgumentException(
                    "%s is for --dataset imagenet; leave it out."
                            .formatted(labels != null ? "--labels" : "--state"));
        }
    }
}
