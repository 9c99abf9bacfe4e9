package org.mobilenetv3.train.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.cli.ConsoleProgress;
import org.mobilenetv3.download.Environment;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.data.scene.ShapeScenes;
import org.mobilenetv3.train.data.source.Datasets;
import org.mobilenetv3.trained.NetDescription;
import picocli.CommandLine.Option;

/** Options that choose the data set. */
public final class DataOptions {

    @Option(
            names = "--dataset",
            paramLabel = "NAME",
            description =
                    "auto, cifar10, cifar100, fashion-mnist, mnist, folder (images by class), imagenet"
                            + " (its validation images, for evaluate only), shapes"
                            + " (synthetic, needs no files), or djl:cifar10, djl:fashion-mnist or"
                            + " djl:mnist (from DJL's repository). auto is cifar10 if it is there or"
                            + " can be fetched, otherwise shapes (default: ${DEFAULT-VALUE}).",
            defaultValue = "auto")
    private String dataset;

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "Where the data lies: a directory, or CIFAR's tar.gz.")
    private Path data;

    String dataset() {
        return dataset;
    }

    Path data() {
        return data;
    }

    boolean offline() {
        return Environment.system().isOffline(); // Main's --offline sees to it
    }

    /**
     * Reads the data set.
     *
     * @param name its name
     * @param path where it lies, or null
     * @param fit how to bring the images to one size, or null
     * @param seed chooses the validation images
     */
    Splits load(String name, Path path, Fit fit, long seed) throws IOException {
        return read(name, path, fit, null, offline(), seed);
    }

    /**
     * Reads a data set.
     *
     * @param name its name
     * @param path where it lies, or null
     * @param fit how to bring the images to one size, or null
     * @param channels to bring a folder's images to, or null
     * @param offline whether the network must not be tried
     * @param seed chooses the validation images
     */
    public static Splits read(
            String name, Path path, Fit fit, Integer channels, boolean offline, long seed)
            throws IOException {
        try (Listener listener = new Listener()) {
            return Datasets.load(
                    new Datasets.Request(name, path, fit, channels, offline, seed, listener));
        }
    }

    /**
     * Returns training scenes.
     *
     * @param masks whether masks are learned, otherwise boxes
     * @return drawn ones
     * @throws IllegalArgumentException if the data set has neither
     */
    SceneSet scenes(boolean masks) {
        if (!List.of("auto", "shapes").contains(dataset) || data != null) {
            throw new IllegalArgumentException(
                    "The data set '%s' has classes but no %s; give --dataset shapes."
                            .formatted(dataset, masks ? "masks" : "boxes"));
        }
        return ShapeScenes.train(masks);
    }

    /**
     * Refuses images that are not of a net's channels and classes.
     *
     * @param net what it was trained on
     * @param weights its place, for messages
     * @param images the images
     * @throws IOException says what differs
     */
    public static void requireOf(NetDescription net, Path weights, ImageSet images)
            throws IOException {
        int channels = net.preprocessing().channels();
        if (images.channels() != channels) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s has images of %d channels but %s was trained for %d.",
                            images.name(),
                            images.channels(),
                            weights,
                            channels));
        }
        List<String> classes = net.classes();
        if (!images.classes().equals(classes)) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s has %d classes (%s ...) but %s knows %d (%s ...)%s.",
                            images.name(),
                            images.classes().size(),
                            images.classes().get(0),
                            weights,
                            classes.size(),
                            classes.get(0),
                            classes.get(0).equals("class_0")
                                    ? "; give their names with 'convert --class-names FILE'"
                                    : ""));
        }
    }

    /** Messages and progress on standard error. */
    static final class Listener implements DataListener, AutoCloseable {
        private final ConsoleProgress console = new ConsoleProgress();

        @Override
        public void message(String text) {
            console.message(text);
        }

        @Override
        public void progress(String what, long done, long total) {
            console.progress(what, done, total);
        }

        @Override
        public void decoded(String what, long done, long total) {
            console.show(what, done, total, " images", 1);
        }

        @Override
        public void close() {
            console.close();
        }
    }
}
