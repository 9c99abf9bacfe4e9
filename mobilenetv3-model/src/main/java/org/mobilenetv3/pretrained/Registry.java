package org.mobilenetv3.pretrained;

import ai.djl.util.Utils;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.io.JsonFile;
import org.mobilenetv3.io.TextFile;

/** The records of {@code pretrained.json}, and of a file of the user's in the same form. */
final class Registry {

    /** Names a file whose records come first and replace those of the same name. */
    static final String VARIABLE = "MOBILENETV3_REGISTRY";

    private static final int FORM = 1;

    private Registry() {}

    /**
     * What a file holds.
     *
     * @param form of the file; 1
     * @param models its records
     */
    private record Content(int form, List<Pretrained> models) {}

    private static String file;
    private static List<Pretrained> all;

    /** Reads the records the first time, or if the variable has another value, as in tests. */
    static synchronized List<Pretrained> get() {
        String given = Utils.getEnvOrSystemProperty(VARIABLE);
        if (all == null || !Objects.equals(given, file)) {
            all = read(given);
            file = given;
        }
        return all;
    }

    /**
     * Reads the built-in records and those of a file.
     *
     * @param file null if there is none
     * @throws IllegalArgumentException in one sentence, if the file cannot be used
     */
    static List<Pretrained> read(String file) {
        List<Pretrained> read = new ArrayList<>();
        if (file != null && !file.isBlank()) {
            try {
                read.addAll(parse(TextFile.read(Path.of(file))));
            } catch (IOException | RuntimeException e) {
                throw new IllegalArgumentException(
                        "%s names %s, which cannot be used: %s"
                                .formatted(VARIABLE, file, FileErrors.sentence(e)),
                        e);
            }
        }
        Set<String> names = new HashSet<>();
        read.forEach(one -> names.add(one.name().toLowerCase(Locale.ROOT)));
        try (InputStream in = Registry.class.getResourceAsStream("pretrained.json")) {
            parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)).stream()
                    .filter(one -> !names.contains(one.name().toLowerCase(Locale.ROOT)))
                    .forEach(read::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(read);
    }

    private static List<Pretrained> parse(String json) throws IOException {
        try {
            Content content = JsonFile.GSON.fromJson(json, Content.class);
            if (content == null || content.models == null || content.models.contains(null)) {
                throw new IOException("it lists no models.");
            }
            if (content.form != FORM) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "it has form %d, where %d is read.",
                                content.form,
                                FORM));
            }
            return content.models;
        } catch (RuntimeException e) { // Gson's, and those of the records that it fills
            throw new IOException(
                    "it is no such JSON (%s).".formatted(FileErrors.root(e).getMessage()), e);
        }
    }
}
