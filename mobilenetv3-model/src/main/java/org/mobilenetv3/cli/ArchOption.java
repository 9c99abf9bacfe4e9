package org.mobilenetv3.cli;

import ai.djl.util.JsonUtils;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.io.TextFile;
import picocli.CommandLine.Option;

/** The net that a file of weights is of, where the file does not tell. */
public final class ArchOption {

    @Option(
            names = "--arch",
            paramLabel = "NAME|FILE",
            description =
                    "The architecture of a state dict, if its names and shapes do not determine it: a name"
                            + " that 'architectures' lists, or a JSON file.")
    private String arch;

    /** Creates the option; picocli fills it in. */
    public ArchOption() {}

    /**
     * Returns the architecture that was given.
     *
     * @return the architecture, or null if none was
     * @throws IOException if a file cannot be read
     * @throws IllegalArgumentException if there is no such name or file, or the file is none
     */
    public Architecture read() throws IOException {
        return arch == null ? null : read(arch, null);
    }

    /**
     * Reads an architecture.
     *
     * @param nameOrFile one of {@link Presets#names()}, or a JSON file
     * @param width multiplier of a named one, or null for its own
     * @return the architecture
     * @throws IOException in one sentence, if the file cannot be read or is none
     * @throws IllegalArgumentException in one sentence, if there is no such name or file
     */
    public static Architecture read(String nameOrFile, Double width) throws IOException {
        Path file = Path.of(nameOrFile);
        if (!Files.isRegularFile(file)) {
            if (nameOrFile.toLowerCase(Locale.ROOT).endsWith(".json")) {
                throw new IllegalArgumentException("There is no file %s.".formatted(nameOrFile));
            }
            return width == null ? Presets.of(nameOrFile) : Presets.of(nameOrFile, width);
        }
        if (width != null) {
            throw new IllegalArgumentException(
                    "--width is for named nets; change the channels in %s instead."
                            .formatted(file));
        }
        try {
            Architecture net = JsonUtils.GSON.fromJson(TextFile.read(file), Architecture.class);
            if (net == null) {
                throw new IOException("%s is empty.".formatted(file));
            }
            return net;
        } catch (JsonParseException e) {
            throw new IOException("%s: %s".formatted(file, e.getMessage()), e);
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not UTF-8 text.", e);
        }
    }
}
