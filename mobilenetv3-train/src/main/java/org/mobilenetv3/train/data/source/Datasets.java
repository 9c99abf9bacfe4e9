package org.mobilenetv3.train.data.source;

import ai.djl.basicdataset.BasicDatasets;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.util.Utils;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.mobilenetv3.download.Environment;
import org.mobilenetv3.download.Fetcher;
import org.mobilenetv3.download.RemoteFile;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.folder.ImageFolder;

/**
 * The front door to data: finds a data set by name, fetches CIFAR if need be, and reads it into
 * train, validation and test images.
 */
public final class Datasets {
    /** What {@link Request#name()} may be. */
    public static final List<String> NAMES =
            List.of(
                    "auto",
                    "cifar10",
                    "cifar100",
                    "fashion-mnist",
                    "mnist",
                    "folder",
                    "shapes",
                    "djl:cifar10",
                    "djl:fashion-mnist",
                    "djl:mnist");

    /** Before the name of a set that DJL fetches and reads. */
    private static final String DJL = "djl:";

    private Datasets() {}

    /**
     * Which data set, and from where.
     *
     * @param name one of {@link #NAMES}
     * @param data the directory or archive to read, where a download goes too; null: the usual
     *     places
     * @param fit how images are brought to one size; null: as they are
     * @param channels 1 or 3, to which a folder's images are brought; null: as they are
     * @param offline whether the network must not be tried
     * @param seed chooses the validation images
     * @param listener is told of fallbacks and downloads
     */
    public record Request(
            String name,
            Path data,
            Fit fit,
            Integer channels,
            boolean offline,
            long seed,
            DataListener listener) {
        /** Asks for images with the channels that they have. */
        public Request(
                String name,
                Path data,
                Fit fit,
                boolean offline,
                long seed,
                DataListener listener) {
            this(name, data, fit, null, offline, seed, listener);
        }

        /**
         * Checks the name.
         *
         * @throws IllegalArgumentException if there is no such data set
         */
        public Request {
            Objects.requireNonNull(listener, "listener");
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException(
                        "There is no data set '%s'; give one of %s."
                                .formatted(name, String.join(", ", NAMES)));
            }
        }
    }

    /** Where data may be; tests give their own. */
    record Places(
            URI server,
            URI djlServer,
            Path downloads,
            Path djlCache,
            Path system,
            Environment environment) {
        static Places usual() {
            Path cache = Utils.getCacheDir();
            return new Places(
                    URI.create("https://www.cs.toronto.edu/~kriz/"),
                    BasicDatasets.DJL_REPO_URL,
                    cache.resolve("data"),
                    cache.resolve("cache/repo"),
                    Path.of("/usr/share/datasets"),
                    Environment.system());
        }
    }

    /**
     * Reads a data set. {@code auto} is CIFAR-10 if it is there or can be fetched; otherwise the
     * listener is told that {@code shapes} takes its place, within 20 seconds without a network.
     * CIFAR-10 is fetched from its authors or, if that fails, from DJL's repository.
     *
     * @throws IOException in one sentence, if the data is missing, damaged or cannot be fetched
     * @throws IllegalArgumentException in one sentence, if the request does not fit the data
     */
    public static Splits load(Request request) throws IOException {
        return load(request, Places.usual());
    }

    static Splits load(Request request, Places places) throws IOException {
        Splits splits =
                switch (request.name()) {
                    case "auto" -> auto(request, places);
                    case "cifar10" -> cifar10(request, places);
                    case "cifar100" -> cifar(CifarKind.CIFAR100, request, places);
                    case "fashion-mnist", "mnist" -> idx(request, places);
                    case "folder" -> folder(request);
                    case "shapes" -> SyntheticShapes.standard(request.seed());
                    default -> djl(request, places);
                };
        return request.fit() == null ? splits : Resizing.to(request.fit(), splits);
    }

    /**
     * Reads any data set of DJL's that has one image and one class index in each record, with the
     * class names that it tells; without them they are {@code class_0} and so on. Its transforms
     * are not applied.
     *
     * @param name what the set is called
     * @param dataset images of one shape, {@code (H, W, C)} or {@code (C, H, W)}, of 0 to 255
     * @throws IOException if DJL cannot read it
     * @throws IllegalArgumentException naming the first record that is not such an image
     */
    public static ImageSet of(String name, RandomAccessDataset dataset) throws IOException {
        return new DjlRecords(name, null).read(dataset);
    }

    /**
     * Reads a data set of DJL's that does not tell its class names, as {@link #of(String,
     * RandomAccessDataset)} does.
     *
     * @param classes names in the order of the class indices
     */
    public static ImageSet of(String name, List<String> classes, RandomAccessDataset dataset)
            throws IOException {
        return new DjlRecords(name, List.copyOf(classes)).read(dataset);
    }

    /**
     * The customary normalization of a set that {@link #load} gave: the data set's own mean and
     * deviation, ImageNet's for a folder of images.
     */
    public static Normalization normalization(ImageSet set) {
        boolean color = set.channels() == 3;
        return switch (set.name()) {
            case "cifar10" -> Normalization.CIFAR10;
            case "cifar100" -> Normalization.CIFAR100;
            case "fashion-mnist" -> Normalization.FASHION_MNIST;
            case "mnist" -> Normalization.MNIST;
            case "folder" ->
                    color ? Normalization.IMAGENET : Normalization.uniform(1, 0.449f, 0.226f);
            default -> Normalization.uniform(set.channels(), 0.5f, 0.29f);
        };
    }

    private static Splits auto(Request request, Places places) throws IOException {
        Path data = request.data();
        if (data != null && !CifarBinary.isAt(CifarKind.CIFAR10, data)) {
            requireNothingElse(data);
        }
        try {
            return cifar10(request, places);
        } catch (UnavailableException e) {
            request.listener()
                    .message(
                            e.getMessage()
                                    + " Falling back to 'shapes', a synthetic set: its figures say"
                                    + " nothing about photographs.");
            return SyntheticShapes.standard(request.seed());
        }
    }

    /** Keeps auto from passing over the user's own images. */
    private static void requireNothingElse(Path data) {
        String other =
                CifarBinary.isAt(CifarKind.CIFAR100, data)
                        ? "cifar100"
                        : Idx.isAt(data) ? "fashion-mnist or mnist" : null;
        if (other == null && Files.isDirectory(data) && ImageFolder.isAt(data)) {
            other = "folder";
        }
        if (other != null) {
            throw new IllegalArgumentException(
                    "'%s' holds no CIFAR-10, which 'auto' looks for; name the data set: %s."
                            .formatted(data, other));
        }
    }

    private static Splits cifar10(Request request, Places places) throws IOException {
        try {
            return cifar(CifarKind.CIFAR10, request, places);
        } catch (UnavailableException e) {
            if (isOffline(request)) {
                throw e;
            }
            request.listener().message(e.getMessage() + " DJL's repository is tried instead.");
            return djl("cifar10", request, places);
        }
    }

    private static Splits djl(Request request, Places places) throws IOException {
        String name = request.name().substring(DJL.length());
        if (request.data() != null) {
            throw new IllegalArgumentException(
                    "DJL keeps '%s' in its cache; leave out --data, or give --dataset %s to read '%s'."
                            .formatted(name, name, request.data()));
        }
        return djl(name, request, places);
    }

    private static Splits djl(String name, Request request, Places places) throws IOException {
        DjlRepository repository =
                new DjlRepository(
                        places.djlServer(),
                        places.djlCache(),
                        isOffline(request),
                        new Fetcher(
                                places.djlCache(),
                                isOffline(request),
                                request.listener(),
                                places.environment()));
        return repository.read(name, classes(name), request.seed());
    }

    private static List<String> classes(String name) {
        return switch (name) {
            case "cifar10" -> CifarKind.CIFAR10.classes();
            case "fashion-mnist" -> Idx.FASHION_MNIST_CLASSES;
            default -> Idx.MNIST_CLASSES;
        };
    }

    private static boolean isOffline(Request request) {
        return request.offline() || Environment.system().isOffline();
    }

    private static Splits cifar(CifarKind kind, Request request, Places places) throws IOException {
        List<Path> candidates =
                Stream.of(
                                request.data(),
                                places.downloads(),
                                kind == CifarKind.CIFAR10
                                        ? DjlRepository.directory(places.djlCache(), kind.id())
                                        : null)
                        .filter(Objects::nonNull)
                        .toList();
        for (Path candidate : candidates) {
            if (CifarBinary.isAt(kind, candidate)) {
                return CifarBinary.read(kind, candidate, request.seed());
            }
        }
        if (isOffline(request)) {
            throw new UnavailableException(
                    "%s is not in %s and the network is not to be used."
                            .formatted(kind.title(), quoted(candidates)),
                    null);
        }
        return CifarBinary.read(kind, fetch(kind, request, places), request.seed());
    }

    private static Path fetch(CifarKind kind, Request request, Places places) throws IOException {
        Path directory = request.data() != null ? request.data() : places.downloads();
        URI source = places.server().resolve(kind.archive());
        try {
            return new Fetcher(directory, false, request.listener(), places.environment())
                    .fetch(
                            new RemoteFile(source, -1, "md5:" + kind.md5()),
                            directory.resolve(kind.archive()));
        } catch (IOException e) {
            throw new UnavailableException(e.getMessage(), e);
        }
    }

    private static Splits idx(Request request, Places places) throws IOException {
        String name = request.name();
        List<String> classes = classes(name);
        if (request.data() != null) {
            return Idx.read(name, request.data(), classes, request.seed());
        }
        List<Path> candidates =
                List.of(places.downloads().resolve(name), places.system().resolve(name));
        for (Path candidate : candidates) {
            if (Idx.isAt(candidate)) {
                return Idx.read(name, candidate, classes, request.seed());
            }
        }
        if (Files.exists(DjlRepository.directory(places.djlCache(), name))) { // by djl:NAME
            return djl(name, request, places);
        }
        throw new IOException(
                "'%1$s' is not in %2$s; put its four idx files into one of them, give --data DIR, or fetch it with --dataset djl:%1$s."
                        .formatted(name, quoted(candidates)));
    }

    private static Splits folder(Request request) throws IOException {
        if (request.data() == null) {
            throw new IllegalArgumentException(
                    "The data set 'folder' needs a directory of class folders; give --data DIR.");
        }
        return ImageFolder.read(
                request.data(),
                request.fit(),
                request.channels(),
                request.seed(),
                request.listener());
    }

    private static String quoted(List<Path> paths) {
        return String.join(" or ", paths.stream().map(path -> "'" + path + "'").toList());
    }

    /** The data is neither there nor to be had; {@code auto} then falls back. */
    static final class UnavailableException extends IOException {
        private static final long serialVersionUID = 1;

        UnavailableException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
