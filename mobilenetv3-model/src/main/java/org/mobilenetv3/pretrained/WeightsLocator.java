package org.mobilenetv3.pretrained;

import ai.djl.util.Utils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobilenetv3.download.DownloadListener;
import org.mobilenetv3.download.Environment;
import org.mobilenetv3.download.Fetcher;
import org.mobilenetv3.download.HubModel;
import org.mobilenetv3.download.RemoteFile;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.pretrained.Pretrained.RemoteWeights;

/**
 * Finds the weights that a path, a name of the registry, {@code hf:OWNER/NAME[@REVISION]} or an
 * address means, and fetches them if they are not here.
 */
public final class WeightsLocator {

    private static final Pattern FRAGMENT = Pattern.compile("#(.*)$");
    private static final Pattern ADDRESS = Pattern.compile("(?i)(https?|file):.+");

    private final DownloadListener listener;

    /** Null until something is not at a path. */
    private Fetcher fetcher;

    /**
     * A locator for the usual cache.
     *
     * @param listener told before something is fetched, and how far that is
     */
    public WeightsLocator(DownloadListener listener) {
        this.listener = listener;
    }

    private Fetcher fetcher() {
        if (fetcher == null) {
            fetcher = new Fetcher(cache(), false, listener);
        }
        return fetcher;
    }

    /**
     * Returns where fetched weights are kept.
     *
     * @return a directory in DJL's cache, which may not be there yet
     */
    public static Path cache() {
        return Utils.getCacheDir().resolve("mobilenetv3").resolve("weights");
    }

    /**
     * Finds weights, and fetches them if they are not here.
     *
     * @param text a path, which comes first if something is there, the name of a {@link
     *     Pretrained}, {@code hf:OWNER/NAME[@REVISION]}, or an {@code https} address, with {@code
     *     #sha256=DIGITS} to be checked
     * @return where they lie
     * @throws IOException in one sentence, if they cannot be had
     */
    public Path locate(String text) throws IOException {
        Optional<Path> here = here(text);
        if (here.isPresent()) {
            return here.get();
        }
        if (isAddress(text)) {
            return fetch(new RemoteWeights(text, null, null));
        }
        Pretrained named = Pretrained.find(text).orElse(null);
        if (named != null) {
            requireRunnable(named);
            return fetch(named);
        }
        throw unknown(text);
    }

    private static IOException unknown(String text) {
        return new IOException(
                "There is no model package or file of weights at %s, nor are there published weights of that name%s; 'models' lists them."
                        .formatted(text, suggestion(text)));
    }

    /**
     * Finds weights without fetching any.
     *
     * @param text a path or the name of a {@link Pretrained}
     * @return where they lie
     * @throws IOException in one sentence, if they are not here
     */
    public Path locateHere(String text) throws IOException {
        Optional<Path> here = here(text);
        if (here.isPresent()) {
            return here.get();
        }
        Optional<Pretrained> named = Pretrained.find(text);
        if (named.isPresent()) {
            requireRunnable(named.get());
            here = find(named.get());
        } else if (isAddress(text)) {
            here = find(new RemoteWeights(text, null, null));
        } else {
            throw unknown(text);
        }
        return here.orElseThrow(
                () ->
                        new IOException(
                                "%s is not here; 'mobilenetv3 models get %s' fetches it."
                                        .formatted(
                                                named.map(Pretrained::name).orElse(text), text)));
    }

    /** What lies at a path; a directory that hides a name is told. */
    private static Optional<Path> here(String text) throws IOException {
        Optional<Path> here = existing(text);
        if (here.isPresent()
                && Files.isDirectory(here.get())
                && !Files.exists(here.get().resolve("model.json"))
                && Pretrained.find(text).isPresent()) {
            throw new IOException(
                    "The directory %s, which is no package, hides the published weights of that name; call them %s."
                            .formatted(
                                    here.get().toAbsolutePath(),
                                    Pretrained.find(text).get().name()));
        }
        return here;
    }

    private static boolean isAddress(String text) {
        return text.startsWith(HubModel.PREFIX) || ADDRESS.matcher(text).matches();
    }

    /**
     * Finds published weights, and fetches them if they are not here.
     *
     * @param model a record of the registry
     * @return where they lie
     * @throws IOException in one sentence, if they cannot be had
     */
    public Path fetch(Pretrained model) throws IOException {
        Optional<Path> here = find(model);
        if (here.isPresent()) {
            return here.get();
        }
        if (!Environment.system().isOffline()) {
            listener.message(
                    "%s is not here yet (%s, %s). %s"
                            .formatted(
                                    model.name(), model.size(), model.license(), Pretrained.TERMS));
        }
        IOException failed = null;
        for (RemoteWeights file : model.files()) {
            try {
                if (failed != null) {
                    listener.message(failed.getMessage());
                }
                Path fetched = fetch(file);
                KnownFiles.remember(fetched, model, file);
                return fetched;
            } catch (IOException e) {
                failed = e;
            }
        }
        throw failed;
    }

    /**
     * Finds published weights without the network.
     *
     * @param model a record of the registry
     * @return where they lie, in this project's cache or in Python's; empty if they are not here
     * @throws IOException if a cache cannot be read
     */
    public Optional<Path> find(Pretrained model) throws IOException {
        for (RemoteWeights file : model.files()) {
            // timm caches the weights alone; of published ones the rest is known.
            boolean hub = isOfHub(file);
            Optional<Path> here =
                    hub
                            ? HubModel.of(file.address()).findWeights(fetcher())
                            : fetcher().find(remote(file)); // checked there
            if (here.isPresent() && (!hub || isRight(file, here.get()))) {
                KnownFiles.remember(here.get(), model, file);
                return here;
            }
        }
        return Optional.empty();
    }

    /**
     * Returns what to call a net that was asked for so.
     *
     * @param text a path, a name or an address
     * @return its last part, without revision and the endings of weights; good for a file's name
     */
    public static String label(String text) {
        String last = text;
        if (existing(text).isPresent()) {
            last = Path.of(text).toAbsolutePath().normalize().getFileName().toString();
        } else {
            last = last.replaceFirst("[?#].*", "").replaceFirst("(?<=^hf:[^@]{1,200})@.*", "");
            last = last.substring(Math.max(last.lastIndexOf('/'), last.lastIndexOf(':')) + 1);
        }
        return last.replaceFirst("\\.(zip|onnx|pth|pt|safetensors|pdparams)$", "");
    }

    private static void requireRunnable(Pretrained model) throws IOException {
        if (!model.isRunnable()) {
            throw new IOException(
                    "%s is for %s with %s, which this version does not run."
                            .formatted(
                                    model.name(),
                                    model.task().name().toLowerCase(Locale.ROOT),
                                    model.architecture()));
        }
    }

    private Path fetch(RemoteWeights file) throws IOException {
        if (!isOfHub(file)) {
            return fetcher().fetch(remote(file));
        }
        Path weights = HubModel.of(file.address()).fetch(fetcher());
        if (!isRight(file, weights)) {
            throw new IOException(
                    "%s is not what %s was when its checksum was published (SHA-256 %s); delete it and try again."
                            .formatted(weights, file.address(), file.sha256()));
        }
        return weights;
    }

    private static boolean isRight(RemoteWeights file, Path path) throws IOException {
        return file.sha256() == null || Checksums.sha256(path).startsWith(file.sha256());
    }

    /** What was asked for by address, without the network. */
    private Optional<Path> find(RemoteWeights file) {
        return isOfHub(file)
                ? HubModel.of(file.address()).find(fetcher())
                : fetcher().find(remote(file));
    }

    private static boolean isOfHub(RemoteWeights file) {
        return file.address().startsWith(HubModel.PREFIX);
    }

    private static RemoteFile remote(RemoteWeights file) {
        Matcher fragment = FRAGMENT.matcher(file.address());
        String sum = file.sha256();
        if (fragment.find()) {
            if (!fragment.group(1).matches("sha256=[0-9a-fA-F]{8,64}")) {
                throw new IllegalArgumentException(
                        "%s ends with #%s; only #sha256= and 8 to 64 hexadecimal digits may stand there."
                                .formatted(file.address(), fragment.group(1)));
            }
            sum = fragment.group(1).substring("sha256=".length());
        }
        RemoteFile plain = RemoteFile.of(fragment.replaceFirst(""));
        return new RemoteFile(plain.address(), file.bytes() == null ? -1 : file.bytes(), sum);
    }

    /**
     * Returns whether something lies at a path.
     *
     * @param text a path, a name or an address
     * @return true if it is a path, which then comes before a name
     */
    public static boolean isPath(String text) {
        return existing(text).isPresent();
    }

    private static Optional<Path> existing(String text) {
        try {
            return text.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Path.of(text))
                            .filter(path -> Files.exists(path) || isSubnetInZip(path));
        } catch (InvalidPathException e) { // Windows, of an address
            return Optional.empty();
        }
    }

    /** A subnet of an elastic package that is a zip. */
    private static boolean isSubnetInZip(Path path) {
        Path above = path.getParent();
        return above != null && above.endsWith("subnets") && FileNames.fileAbove(path) != null;
    }

    /** Names that contain what was asked for. */
    private static String suggestion(String text) {
        String asked = text.toLowerCase(Locale.ROOT);
        List<String> like =
                Pretrained.all().stream()
                        .map(Pretrained::name)
                        .filter(name -> name.toLowerCase(Locale.ROOT).contains(asked))
                        .limit(3)
                        .toList();
        return asked.isEmpty() || like.isEmpty()
                ? ""
                : " (there is " + String.join(", ", like) + ")";
    }
}
