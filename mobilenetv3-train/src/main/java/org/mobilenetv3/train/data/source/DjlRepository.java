package org.mobilenetv3.train.data.source;

import ai.djl.basicdataset.cv.classification.Cifar10;
import ai.djl.basicdataset.cv.classification.FashionMnist;
import ai.djl.basicdataset.cv.classification.Mnist;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.Metadata;
import ai.djl.repository.RemoteRepository;
import ai.djl.training.dataset.Dataset.Usage;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import ai.djl.util.JsonUtils;
import ai.djl.util.Progress;
import com.google.gson.JsonParseException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.download.Fetcher;
import org.mobilenetv3.download.RemoteFile;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.source.Datasets.UnavailableException;

/**
 * DJL's repository of data sets and its cache, read by DJL's own classes. Unlike {@link
 * RemoteRepository}, it asks the network for nothing that the cache holds, however old, gives up
 * soon without a network, and takes up a download where it was cut.
 */
final class DjlRepository extends RemoteRepository {
    /** Our names of the sets, and DJL's. */
    private static final Map<String, String> ARTIFACTS =
            Map.of("cifar10", "cifar10", "fashion-mnist", "fashmnist", "mnist", "mnist");

    private static final String FOLDER = "dataset/cv/ai/djl/basicdataset/";
    private static final String VERSION = "1.0";

    private final Path cache;
    private final boolean offline;
    private final Fetcher fetcher;

    /**
     * A repository.
     *
     * @param server where it is
     * @param cache where DJL keeps what was downloaded
     * @param offline whether the network must not be tried
     * @param fetcher downloads
     */
    DjlRepository(URI server, Path cache, boolean offline, Fetcher fetcher) {
        super("DJL", server);
        this.cache = cache;
        this.offline = offline;
        this.fetcher = fetcher;
    }

    /** Returns the directory in which DJL keeps a set's files. */
    static Path directory(Path cache, String name) {
        return cache.resolve(FOLDER).resolve(ARTIFACTS.get(name)).resolve(VERSION);
    }

    /**
     * Reads a set, after downloading it if the cache does not have it, and carves a validation set
     * out of the training images.
     *
     * @param name ours
     * @param classes its class names
     * @throws UnavailableException if it is not in the cache and cannot be downloaded
     * @throws IOException if its files are damaged
     */
    Splits read(String name, List<String> classes, long seed) throws IOException {
        ImageSet train = read(name, classes, Usage.TRAIN);
        return Splits.carveValidation(train, read(name, classes, Usage.TEST), seed);
    }

    private ImageSet read(String name, List<String> classes, Usage usage) throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            RandomAccessDataset dataset = dataset(name, usage, manager);
            prepare(dataset, name);
            return Datasets.of(name, classes, dataset);
        }
    }

    private void prepare(RandomAccessDataset dataset, String name) throws IOException {
        try {
            dataset.prepare();
        } catch (UnavailableException e) {
            throw e;
        } catch (IOException | TranslateException | RuntimeException | AssertionError e) {
            // DJL meets damage with any of them.
            throw new IOException(
                    "DJL cannot read '%s' (%s); delete this directory and fetch it again."
                            .formatted(
                                    directory(cache, name),
                                    String.valueOf(e.getMessage()).replaceAll("[.]$", "")),
                    e);
        }
    }

    private RandomAccessDataset dataset(String name, Usage usage, NDManager manager) {
        return switch (name) {
            case "cifar10" ->
                    Cifar10.builder()
                            .optManager(manager)
                            .optRepository(this)
                            .optUsage(usage)
                            .setSampling(1, false)
                            .build();
            case "fashion-mnist" ->
                    FashionMnist.builder()
                            .optManager(manager)
                            .optRepository(this)
                            .optUsage(usage)
                            .setSampling(1, false)
                            .build();
            default ->
                    Mnist.builder()
                            .optManager(manager)
                            .optRepository(this)
                            .optUsage(usage)
                            .setSampling(1, false)
                            .build();
        };
    }

    @Override
    public Path getCacheDirectory() {
        return cache;
    }

    @Override
    @SuppressWarnings("JavaUtilDate") // it is DJL's
    public Metadata locate(MRL mrl) throws IOException {
        Path file = cache.resolve(mrl.toURI().getPath()).resolve("metadata.json");
        Metadata metadata = Files.exists(file) ? parsed(file) : null;
        if (metadata == null) {
            metadata = fetchMetadata(getBaseUri().resolve(mrl.toURI()), file);
            metadata.setLastUpdated(new Date()); // which DJL wants to find there
            WholeFile.write(file, JsonUtils.GSON_PRETTY.toJson(metadata));
        }
        metadata.init(arguments);
        metadata.setRepositoryUri(mrl.toURI());
        return metadata;
    }

    private Metadata fetchMetadata(URI folder, Path file) throws IOException {
        URI source = folder.resolve("metadata.json");
        fetch(source, file, null);
        Metadata metadata = parsed(file);
        if (metadata == null) {
            Files.delete(file);
            throw new UnavailableException(
                    source + " does not describe a data set of DJL's; try again later.", null);
        }
        return metadata;
    }

    /** Returns null if the file holds anything but metadata. */
    private static Metadata parsed(Path file) throws IOException {
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            Metadata metadata = JsonUtils.GSON_PRETTY.fromJson(reader, Metadata.class);
            return metadata == null || metadata.getArtifacts() == null ? null : metadata;
        } catch (JsonParseException e) {
            return null;
        }
    }

    @Override
    protected void download(Path folder, URI base, Artifact.Item item, Progress progress)
            throws IOException {
        URI source = getBaseUri().resolve(base).resolve(item.getUri());
        Path file = folder.resolveSibling(name(source));
        if (!Files.exists(file)) { // where the user may have put it
            fetch(source, file, item.getSha1Hash());
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            save(in, folder, item, progress);
        } finally {
            Files.delete(file);
        }
    }

    private static String name(URI source) {
        return source.getPath().replaceAll(".*/", "");
    }

    private void fetch(URI source, Path file, String sha1) throws IOException {
        if (offline) {
            throw new UnavailableException(
                    "'%s' has no whole %s and the network is not to be used."
                            .formatted(file.getParent(), name(source)),
                    null);
        }
        try {
            fetcher.fetch(new RemoteFile(source, -1, sha1 == null ? null : "sha1:" + sha1), file);
        } catch (IOException e) {
            throw new UnavailableException(e.getMessage(), e);
        }
    }
}
