package org.mobilenetv3.download;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobilenetv3.io.Checksums;

/**
 * Files that Python fetched: those of {@code torch.hub} by their names, those of the Hugging Face
 * Hub by repository and commit. They are only read, and checked each time.
 */
final class PythonCaches {
    /** As torch.hub checks it: {@code mobilenet_v3_large-5c1a4163.pth}. */
    private static final Pattern SUM_IN_NAME = Pattern.compile("-([0-9a-f]{8,64})\\.[^.]+$");

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern GIT = Pattern.compile("[0-9a-f]{40}");

    private final Environment environment;
    private final DownloadListener listener;

    PythonCaches(Environment environment, DownloadListener listener) {
        this.environment = environment;
        this.listener = listener;
    }

    /** Looks for a file and passes over what is damaged, which the listener is told. */
    Optional<Path> find(RemoteFile file) {
        Optional<HubFile> hub = HubFile.of(file.address());
        return hub.isPresent() ? ofHub(file, hub.get()) : ofTorch(file);
    }

    private Optional<Path> ofTorch(RemoteFile file) {
        Matcher name = SUM_IN_NAME.matcher(file.name());
        String sum = file.checksum() != null ? file.checksum() : name.find() ? name.group(1) : null;
        if (sum == null || !file.name().matches("\\w[\\w.+-]*")) {
            return Optional.empty(); // any file may be called that
        }
        RemoteFile known = new RemoteFile(file.address(), file.bytes(), sum);
        return environment.torchCheckpoints().stream()
                .map(directory -> directory.resolve(file.name()))
                .filter(path -> isRight(path, known))
                .findFirst();
    }

    private Optional<Path> ofHub(RemoteFile file, HubFile hub) {
        for (Path cache : environment.hubCaches()) {
            Path repository = repository(cache, hub.repository());
            String commit =
                    HubFile.isCommit(hub.revision())
                            ? hub.revision()
                            : content(repository.resolve("refs").resolve(hub.revision()));
            if (commit != null) {
                Path path = repository.resolve("snapshots").resolve(commit).resolve(hub.path());
                if (isRight(path, file) && isBlob(path)) {
                    return Optional.of(path);
                }
            }
        }
        return Optional.empty();
    }

    /** Returns the files that name a revision's commit. */
    List<Path> refs(String repository, String revision) {
        List<Path> refs = new ArrayList<>();
        for (Path cache : environment.hubCaches()) {
            refs.add(repository(cache, repository).resolve("refs").resolve(revision));
        }
        return refs;
    }

    /** Returns the first line of a file that names a commit; null if there is none. */
    static String content(Path ref) {
        try {
            String text = Files.readString(ref).strip();
            return HubFile.isCommit(text) ? text : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static Path repository(Path cache, String repository) {
        return cache.resolve("models--" + repository.replace("/", "--"));
    }

    private boolean isRight(Path path, RemoteFile expected) {
        if (!Files.isRegularFile(path)) {
            return false;
        }
        try {
            return !isPassedOver(path, Download.wrong(path, expected));
        } catch (IOException e) {
            return !isPassedOver(path, "it cannot be read");
        }
    }

    /** Snapshots are links to blobs, which are named by the SHA-256 or git's sum of their bytes. */
    private boolean isBlob(Path path) {
        try {
            String name = Objects.toString(path.toRealPath().getFileName());
            String found =
                    SHA256.matcher(name).matches()
                            ? Checksums.sha256(path)
                            : GIT.matcher(name).matches() ? gitSum(path) : name;
            return !isPassedOver(path, found.equals(name) ? null : "its checksum is " + found);
        } catch (IOException e) {
            return !isPassedOver(path, "it cannot be read");
        }
    }

    private static String gitSum(Path path) throws IOException {
        byte[] content = Files.readAllBytes(path);
        MessageDigest digest = Checksums.digest("SHA-1");
        digest.update(("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(digest.digest(content));
    }

    private boolean isPassedOver(Path path, String wrong) {
        if (wrong != null) {
            listener.message("'%s' is damaged (%s) and is passed over.".formatted(path, wrong));
        }
        return wrong != null;
    }
}
