package org.mobilenetv3.train.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.Task;
import org.mobilenetv3.cli.ConsoleProgress;
import org.mobilenetv3.download.Environment;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.annotation.AnnotatedFolder;
import org.mobilenetv3.train.data.folder.TestRequest.Choice;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.data.scene.SceneSplits;
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
            description =
                    "Where the data lies: a directory, CIFAR's tar.gz, or, to detect or segment,"
                            + " annotated images (COCO, Pascal VOC, YOLO, masks).")
    private Path data;

    /** Creates the options; picocli fills them in. */
    public DataOptions() {}

    /**
     * Returns the data set's name.
     *
     * @return as it was given, or "auto"
     */
    public String dataset() {
        return dataset;
    }

    /**
     * Returns where the data lies.
     *
     * @return a directory or an archive, or null
     */
    public Path data() {
        return data;
    }

    /**
     * Returns whether the network must not be tried.
     *
     * @return whether {@code --offline} was given
     */
    public boolean offline() {
        return Environment.system().isOffline(); // Main's --offline sees to it
    }

    /**
     * Reads the data set.
     *
     * @param name its name
     * @param path where it lies, or null
     * @param fit how to bring the images to one size, or null
     * @param seed chooses the validation images
     * @return its parts
     * @throws IOException in one sentence, if it is not there or damaged
     */
    public Splits load(String name, Path path, Fit fit, long seed) throws IOException {
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
     * Reads scenes.
     *
     * @param task what is learned: boxes or masks
     * @param path where they lie, or null for drawn ones
     * @param seed chooses the validation images
     * @return the parts
     * @throws IOException in one sentence, if there is nothing to learn from
     */
    static SceneSplits scenes(Task task, Path path, long seed) throws IOException {
        if (path == null) {
            boolean masks = task == Task.SEGMENT;
            return new SceneSplits(
                    ShapeScenes.train(masks),
                    ShapeScenes.validation(masks),
                    ShapeScenes.test(masks));
        }
        try (Listener listener = new Listener()) {
            AnnotatedFolder folder = AnnotatedFolder.open(path, task, seed, listener);
            return new SceneSplits(folder.train(), folder.validation(), folder.test());
        }
    }

    /**
     * Reads scenes to score a trained net on.
     *
     * @param net what it detects or segments
     * @param path where they lie, or null for drawn ones
     * @param part which of them
     * @param seed that chose the validation images, where they were carved out
     * @return the part
     * @throws IOException in one sentence, if it is not there, or has other classes
     */
    static SceneSet scenes(NetDescription net, Path path, Choice part, long seed)
            throws IOException {
        Task task = net.architecture().task();
        if (part == Choice.ALL) {
            throw new IllegalArgumentException(
                    "--split all is for a folder of images by class; give train, validation or test.");
        }
        SceneSet given = path == null ? null : given(net, path, part);
        SceneSet scenes = given == null ? part(scenes(task, path, seed), part) : given;
        if (!scenes.classes().equals(net.classes())) {
            throw new IOException(
                    "%s has the classes %s, but the net knows %s."
                            .formatted(scenes.name(), scenes.classes(), net.classes()));
        }
        return scenes;
    }

    /** The part as it lies on disk, with the net's classes, or null. */
    private static SceneSet given(NetDescription net, Path path, Choice part) throws IOException {
        try (Listener listener = new Listener()) {
            AnnotatedFolder parts =
                    AnnotatedFolder.openParts(
                            path, net.architecture().task(), net.classes(), listener);
            return switch (part) {
                case TRAIN -> parts.train();
                case VALIDATION -> parts.validation();
                default -> parts.test();
            };
        }
    }

    private static SceneSet part(SceneSplits splits, Choice part) {
        return switch (part) {
            case TRAIN -> splits.train();
            case VALIDATION -> splits.validation();
            default -> splits.test();
        };
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
