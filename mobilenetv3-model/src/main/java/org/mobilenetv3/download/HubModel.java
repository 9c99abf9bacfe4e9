package org.mobilenetv3.download;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobilenetv3.download.FetchException.Kind;
import org.mobilenetv3.io.WholeFile;

/**
 * A model on the Hugging Face Hub: {@code config.json} and the weights ({@code model.safetensors},
 * or {@code pytorch_model.bin} where there is none) of one commit, side by side.
 *
 * @param repository {@code OWNER/NAME}
 * @param revision a branch, tag or commit; null for {@code main}
 */
public record HubModel(String repository, String revision) {

    /** What {@link #of} reads may begin with it. */
    public static final String PREFIX = "hf:";

    private static final String CONFIG = "config.json";
    private static final List<String> WEIGHTS = List.of("model.safetensors", "pytorch_model.bin");

    private static final String WORD = "\\w[\\w.-]*";
    private static final Pattern FORM =
            Pattern.compile("(%1$s/%1$s)(?:@(%1$s(?:/%1$s)*))?".formatted(WORD));

    /**
     * Puts {@code main} where no revision is given.
     *
     * @throws IllegalArgumentException in one sentence, if the parts are none
     */
    public HubModel {
        revision = Objects.requireNonNullElse(revision, "main");
        if (!FORM.matcher(repository + "@" + revision).matches()) {
            throw not(repository + "@" + revision);
        }
    }

    /**
     * Reads {@code hf:OWNER/NAME} or {@code hf:OWNER/NAME@REVISION}.
     *
     * @param text with or without {@value #PREFIX}
     * @return which model
     * @throws IllegalArgumentException in one sentence, if it is not of that form
     */
    public static HubModel of(String text) {
        String name = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
        Matcher form = FORM.matcher(name);
        if (!form.matches()) {
            throw not(text);
        }
        return new HubModel(form.group(1), form.group(2));
    }

    private static IllegalArgumentException not(String text) {
        return new IllegalArgumentException(
                "'%s' is not a repository of the Hugging Face Hub; give hf:OWNER/NAME or hf:OWNER/NAME@REVISION."
                        .formatted(text));
    }

    /**
     * Returns the file of weights, with {@code config.json} beside it, after fetching both if need
     * be. The Hub is asked once a call which commit a branch or tag is, so that both always belong
     * together; without a network, the commit that was last used of it is taken. A mirror that does
     * not know of commits is asked only once for each file.
     *
     * @param fetcher finds and fetches
     * @return in the fetcher's cache or in the Hub library's
     * @throws IOException in one sentence, if there is no such model, it needs a token, or it
     *     cannot be had
     */
    public Path fetch(Fetcher fetcher) throws IOException {
        if (!fetcher.reaches(file(revision, CONFIG))) {
            return find(fetcher).orElseThrow(() -> offline(fetcher));
        }
        String commit = revision;
        if (!HubFile.isCommit(revision)) {
            try {
                commit = fetcher.commit(file(revision, CONFIG)).orElse(revision);
            } catch (FetchException e) {
                return lastUsed(fetcher, e);
            }
        }
        Optional<Path> found = find(fetcher, commit);
        Path weights = found.isPresent() ? found.get() : fetch(fetcher, commit);
        remember(fetcher, commit);
        return weights;
    }

    /**
     * Looks for the model on this machine, without the network.
     *
     * @param fetcher finds
     * @return the file of weights; empty if it or {@code config.json} is missing
     */
    public Optional<Path> find(Fetcher fetcher) {
        return commits(fetcher).stream().flatMap(c -> find(fetcher, c).stream()).findFirst();
    }

    /**
     * Looks for the weights alone, without the network; they are enough where the net is known.
     * timm itself caches no more of the nets that it publishes.
     *
     * @param fetcher finds
     * @return the file of weights, perhaps with {@code config.json} beside it
     */
    public Optional<Path> findWeights(Fetcher fetcher) {
        return commits(fetcher).stream()
                .flatMap(c -> WEIGHTS.stream().map(name -> file(c, name)))
                .flatMap(file -> fetcher.find(file).stream())
                .findFirst();
    }

    private List<String> commits(Fetcher fetcher) {
        List<Path> refs = new ArrayList<>(fetcher.python().refs(repository, revision));
        refs.add(ref(fetcher));
        List<String> commits = new ArrayList<>();
        refs.stream()
                .filter(Files::isRegularFile)
                .sorted(Comparator.comparing((Path ref) -> ref.toFile().lastModified()).reversed())
                .map(PythonCaches::content)
                .filter(Objects::nonNull)
                .forEach(commits::add);
        commits.add(revision); // a commit itself, from a mirror, or put there by hand
        return commits;
    }

    private Optional<Path> find(Fetcher fetcher, String commit) {
        Optional<Path> config = fetcher.find(file(commit, CONFIG));
        if (config.isEmpty()) {
            return Optional.empty();
        }
        return WEIGHTS.stream()
                .flatMap(name -> fetcher.find(file(commit, name)).stream())
                .filter(weights -> weights.resolveSibling(CONFIG).equals(config.get()))
                .findFirst();
    }

    private Path fetch(Fetcher fetcher, String commit) throws IOException {
        Path config = fetcher.fetch(file(commit, CONFIG));
        FetchException missing = null;
        for (String name : WEIGHTS) {
            try {
                Path weights = fetcher.fetch(file(commit, name));
                if (!weights.resolveSibling(CONFIG).equals(config)) {
                    keep(fetcher, config, CONFIG, commit);
                    weights = keep(fetcher, weights, name, commit);
                }
                return weights;
            } catch (FetchException e) {
                if (e.kind() != Kind.MISSING) {
                    throw e;
                }
                missing = missing == null ? e : missing;
            }
        }
        throw new FetchException(
                Kind.MISSING,
                "%s has no %s at revision %s; only such weights are known here."
                        .formatted(repository, String.join(" and no ", WEIGHTS), revision),
                missing);
    }

    /** Copies one of Python's files to where the other one is. */
    private Path keep(Fetcher fetcher, Path found, String name, String commit) throws IOException {
        Path place = fetcher.place(file(commit, name));
        if (!found.equals(place)) {
            WholeFile.write(place, (Path beside) -> Files.copy(found, beside));
        }
        return place;
    }

    private Path lastUsed(Fetcher fetcher, FetchException e) throws FetchException {
        if (e.kind() != Kind.UNREACHABLE && e.kind() != Kind.UNAVAILABLE) {
            throw e;
        }
        Optional<Path> found = find(fetcher);
        if (found.isEmpty() && e.kind() == Kind.UNAVAILABLE) {
            throw e;
        }
        if (found.isEmpty()) {
            throw new FetchException(
                    Kind.UNREACHABLE,
                    "%s; check the network or put %s and %s of %s into '%s'."
                            .formatted(
                                    e.getMessage(),
                                    CONFIG,
                                    WEIGHTS.get(0),
                                    repository,
                                    directory(fetcher)),
                    e);
        }
        fetcher.listener()
                .message(
                        "%s; '%s' is used."
                                .formatted(e.getMessage().replaceFirst("\\.$", ""), found.get()));
        return found.get();
    }

    private FetchException offline(Fetcher fetcher) {
        return new FetchException(
                Kind.UNREACHABLE,
                "%s of the Hugging Face Hub is not on this machine and the network is not to be used; fetch https://%s/%s elsewhere and put %s and %s into '%s'."
                        .formatted(
                                repository,
                                HubFile.HOST,
                                repository,
                                CONFIG,
                                WEIGHTS.get(0),
                                directory(fetcher)),
                null);
    }

    private Path directory(Fetcher fetcher) {
        return fetcher.place(file(revision, CONFIG)).getParent();
    }

    /** Where the cache notes which commit a revision is, as the Hub's own does. */
    private Path ref(Fetcher fetcher) {
        Path resolve = directory(fetcher).getParent();
        return resolve.resolveSibling("refs").resolve(revision.replace('/', '_'));
    }

    private void remember(Fetcher fetcher, String commit) {
        if (commit.equals(revision)) {
            return;
        }
        try {
            WholeFile.write(ref(fetcher), commit);
        } catch (IOException e) {
            // Without the note, only working without a network is affected.
        }
    }

    private RemoteFile file(String commit, String path) {
        return new RemoteFile(new HubFile(repository, commit, path).address(), -1, null);
    }
}
