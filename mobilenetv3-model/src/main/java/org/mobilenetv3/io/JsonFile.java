package org.mobilenetv3.io;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Path;

/** Files of JSON, read into records. */
public final class JsonFile {

    /**
     * Reads as DJL's {@code JsonUtils.GSON} does, which takes a tenth of a second to start, logging
     * included. It does not write: DJL's writes whole doubles without a point.
     */
    public static final Gson GSON = new Gson();

    private JsonFile() {}

    /**
     * Reads a file.
     *
     * @param <T> what it holds
     * @param file in UTF-8, perhaps with a byte order mark
     * @param type to fill
     * @param what may be wrong with the file if it cannot be read, and what to do, without a full
     *     stop
     * @return never null, though parts of it may be
     * @throws IOException if there is no such file, or its content is not of that type
     */
    public static <T> T read(Path file, Class<T> type, String what) throws IOException {
        T value = null;
        RuntimeException reason = null;
        try {
            value = GSON.fromJson(TextFile.read(file), type);
        } catch (RuntimeException e) { // Gson's, and those of the records that it fills
            reason = e;
        }
        if (value == null) { // also of an empty file
            throw new IOException("%s cannot be read: %s.".formatted(file, what), reason);
        }
        return value;
    }
}
