package org.mobilenetv3.download;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model on the Hugging Face Hub: {@code config.json} and the weights ({@code model.safetensors},
 * or {@code pytorch_model.bin} where there is none) of one commit.
 *
 * @param repository {@code OWNER/NAME}
 * @param revision a branch, tag or commit; null for {@code main}
 */
public record HubModel(String repository, String revision) {

    /** What {@link #of} reads begins with it. */
    public static final String PREFIX = "hf:";

    private static final Pattern FORM = Pattern.compile("([\\w.-]+/[\\w.-]+)(?:@([\\w./-]+))?");

    /** Puts {@code main} where no revision is given. */
    public HubModel {
        revision = revision == null ? "main" : revision;
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
            throw new IllegalArgumentException(
                    "'%s' is not a repository of the Hugging Face Hub; give hf:OWNER/NAME or hf:OWNER/NAME@REVISION."
                            .formatted(text));
        }
        return new HubModel(form.group(1), form.group(2));
    }

    /**
     * Returns the file of weights, with {@code config.json} beside it if the repository has one,
     * after fetching both if need be. A branch or tag is asked for its commit once a call; without
     * a network, the commit that was last used of it is taken.
     *
     * @param fetcher finds and fetches
     * @return in the fetcher's cache or in the Hub's own
     * @throws IOException in one sentence, if there is no such model, it needs a token, or it
     *     cannot be had
     */
    public Path fetch(Fetcher fetcher) throws IOException {
        return find(fetcher).orElseThrow(() -> new IOException("Not yet: " + this + "."));
    }

    /**
     * Looks for the model on this machine, without the network.
     *
     * @param fetcher finds
     * @return the file of weights; empty if a file is missing
     */
    public Optional<Path> find(Fetcher fetcher) {
        return Optional.of(fetcher.place(RemoteFile.of("https://x/" + this)));
    }
}
