package org.mobilenetv3.train.command.pruning;

import java.io.IOException;
import java.nio.file.Path;
import org.mobilenetv3.download.Environment;
import org.mobilenetv3.train.command.DataOptions;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.trained.NetDescription;
import picocli.CommandLine.Option;

/** The images that a net is judged by. */
final class ScoringOptions {

    @Option(
            names = "--dataset",
            paramLabel = "NAME",
            description =
                    "Images to judge channels by, as in train: fashion-mnist, cifar10, folder, shapes ..."
                            + " (default: none, or folder with --data).")
    private String dataset;

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "Where the data lies: a directory, or CIFAR's tar.gz.")
    private Path data;

    @Option(
            names = "--images",
            paramLabel = "N",
            description =
                    "Training images that taylor looks at, in batches of 64 (default:"
                            + " ${DEFAULT-VALUE}).",
            defaultValue = "2048")
    private int images;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description =
                    "Seed of the random control and of the choice of images (default: as in training,"
                            + " so that validation images are those which the net has not seen).")
    private Long seed;

    boolean areGiven() {
        return dataset != null || data != null;
    }

    String dataset() {
        return dataset == null ? "folder" : dataset;
    }

    String data() {
        return data == null ? null : data.toAbsolutePath().normalize().toString();
    }

    int images() {
        if (images < 1) {
            throw new IllegalArgumentException("--images must be at least 1.");
        }
        return images;
    }

    /** The seed that was given, or the one that a net was trained with. */
    long seed(NetDescription net) {
        if (seed != null) {
            return seed;
        }
        return net.provenance().get("seed") instanceof Number trained ? trained.longValue() : 1;
    }

    /**
     * Reads the images at a net's input size.
     *
     * @param net what they are for
     * @param weights its place, for messages
     * @throws IOException if they cannot be read, or are not of the net's classes or channels
     */
    Splits read(NetDescription net, Path weights) throws IOException {
        return read(dataset(), data, net, weights, seed(net));
    }

    /** Reads images at a net's input size, and refuses those of other classes or channels. */
    static Splits read(String dataset, Path data, NetDescription net, Path weights, long seed)
            throws IOException {
        Splits splits =
                DataOptions.read(
                        dataset,
                        data,
                        net.preprocessing().fit(),
                        net.preprocessing().channels(),
                        Environment.system().isOffline(),
                        seed);
        DataOptions.requireOf(net, weights, splits.train());
        return splits;
    }
}
