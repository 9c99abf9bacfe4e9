package org.mobilenetv3.train.search;

import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.io.JsonFile;

/** The scored candidates, a line of JSON for each; a line that a crash cut off is made again. */
final class CandidateLog implements AutoCloseable {

    private final List<Scored> scored = new ArrayList<>();
    private final FileChannel out;

    /**
     * Opens the file, or begins it.
     *
     * @param file where
     * @throws IOException if it cannot be read, or is damaged other than at its end
     */
    CandidateLog(Path file) throws IOException {
        out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        String text = Files.readString(file);
        int whole = text.lastIndexOf('\n') + 1;
        int number = 0;
        for (String line : text.substring(0, whole).lines().toList()) {
            number++;
            Scored one = null;
            try {
                one = JsonFile.GSON.fromJson(line, Scored.class);
            } catch (JsonParseException e) { // said below
                out.close();
            }
            if (one == null || one.candidate() == null) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "Line %d of %s is damaged; delete it and those after it, and go on.",
                                number,
                                file));
            }
            scored.add(one);
        }
        long bytes = text.substring(0, whole).getBytes(StandardCharsets.UTF_8).length;
        out.truncate(bytes).position(bytes);
    }

    /** All that are known, in their order. */
    List<Scored> scored() {
        return List.copyOf(scored);
    }

    /** Adds one, which is on disk on return. */
    void add(Scored one) throws IOException {
        byte[] line = (JsonFile.GSON.toJson(one) + "\n").getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.wrap(line);
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
        out.force(false);
        scored.add(one);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
