package org.mobilenetv3.download;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds files of weights on this machine, or fetches them once into a cache.
 *
 * <p>A file is looked for in the cache, then in those of Python (torch's and the Hugging Face
 * Hub's, which are only read), and then fetched: resumed if an earlier try was cut, checked against
 * size and checksum before it is used, by one program at a time. A {@code file:} address is used
 * where it lies. {@code MOBILENETV3_MIRROR} stands for every host, {@code HF_ENDPOINT} for the
 * Hub's.
 */
public final class Fetcher {
    private final Path cache;
    private final boolean offline;
    private final DownloadListener listener;
    private final Environment environment;

    /**
     * A fetcher with this process's environment variables.
     *
     * @param cache where fetched files are kept, as {@code CACHE/HOST/PATH}; made when needed
     * @param offline whether the network must not be tried; it is not either if DJL is offline
     *     ({@code AI_DJL_OFFLINE}, {@code -Dai.djl.offline=true})
     * @param listener is told what is fetched from where, and of progress
     */
    public Fetcher(Path cache, boolean offline, DownloadListener listener) {
        this(cache, offline, listener, Environment.system());
    }

    /**
     * A fetcher.
     *
     * @param cache as above
     * @param offline as above
     * @param listener as above
     * @param environment holds the variables that choose mirrors, proxies and Python's caches
     */
    public Fetcher(
            Path cache, boolean offline, DownloadListener listener, Environment environment) {
        this.cache = cache;
        this.offline = offline;
        this.listener = listener;
        this.environment = environment;
    }

    /**
     * Returns where a file lies on this machine, complete, after fetching it if need be.
     *
     * @param file which one
     * @return in the cache, in one of Python's, or where a {@code file:} address points
     * @throws IOException in one sentence, if it is not here and cannot be had, or is not what it
     *     should be
     */
    public Path fetch(RemoteFile file) throws IOException {
        Optional<Path> found = find(file);
        return found.isPresent() ? found.get() : fetch(file, place(file));
    }

    /**
     * Fetches a file to a place of the caller's own, unless it is there.
     *
     * @param file which one
     * @param target where it goes; missing directories are made
     * @return the target
     * @throws IOException as {@link #fetch(RemoteFile)}
     */
    public Path fetch(RemoteFile file, Path target) throws IOException {
        if (offline) {
            throw new IOException(file.name() + " is not here. " + environment.home());
        }
        String algorithm = file.checksum() == null ? null : file.algorithm();
        return new Download(file.address(), target, algorithm, file.checksum()).fetch(listener);
    }

    /**
     * Looks for a file on this machine, without the network.
     *
     * @param file which one
     * @return where {@link #fetch(RemoteFile)} would find it; empty if it would fetch it
     */
    public Optional<Path> find(RemoteFile file) {
        return Optional.of(place(file)).filter(java.nio.file.Files::exists);
    }

    /**
     * Returns where the cache keeps a file, whether it is there or not, so that people may put it
     * there.
     *
     * @param file which one
     * @return {@code CACHE/HOST/PATH} of its address
     */
    public Path place(RemoteFile file) {
        return cache.resolve(file.name());
    }
}
