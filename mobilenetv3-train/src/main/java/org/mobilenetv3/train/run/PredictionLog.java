package org.mobilenetv3.train.run;

import ai.djl.util.JsonUtils;
import com.google.gson.JsonObject;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import org.mobilenetv3.train.run.Predictions.Prediction;

/**
 * A file to which the predictions of a long evaluation are appended, so that it can go on after it
 * was stopped, by whatever means. It begins with a line that says what is evaluated, how and on
 * what, and a line of column names; then a line per image, in the images' order. An image that
 * could not be read has only its place, its class and its name.
 *
 * <p>What a process that died left of a batch is dropped: a batch is computed whole or not at all,
 * for the other images of a batch can change an image's last digits.
 */
public final class PredictionLog implements Closeable {

    private static final String MARK = "# evaluation ";
    private static final String COLUMNS =
            "image,label,predicted,probability,label_probability,loss,rank";
    private static final String OF_FLIPPED =
            ",flip_predicted,flip_probability,flip_label_probability,flip_loss,flip_rank";
    private static final int FIRST_VALUE = 2;
    private static final int VALUES = 5;

    /**
     * One line of the file.
     *
     * @param image its place among the images
     * @param label its class
     * @param plain the prediction; null if it could not be read
     * @param flipped with flip averaging, null without
     * @param name its name
     */
    public record Line(int image, int label, Prediction plain, Prediction flipped, String name) {

        private String text(boolean flip) {
            StringJoiner text = new StringJoiner(",");
            text.add(image + "," + label).add(values(plain));
            if (flip) {
                text.add(values(flipped));
            }
            return text.add(name.replaceAll("\\R", " ")) + "\n";
        }

        private static String values(Prediction p) {
            return p == null
                    ? ",".repeat(VALUES - 1)
                    : p.predicted()
                            + ","
                            + p.probability()
                            + ","
                            + p.labelProbability()
                            + ","
                            + p.loss()
                            + ","
                            + p.rank();
        }

        private static Line parse(String text, boolean flip) {
            int values = flip ? 2 * VALUES : VALUES;
            String[] words = text.split(",", FIRST_VALUE + values + 1);
            int image = Integer.parseInt(words[0]);
            int label = Integer.parseInt(words[1]);
            return new Line(
                    image,
                    label,
                    prediction(image, label, words, FIRST_VALUE),
                    flip ? prediction(image, label, words, FIRST_VALUE + VALUES) : null,
                    words[FIRST_VALUE + values]);
        }

        private static Prediction prediction(int image, int label, String[] words, int from) {
            return words[from].isEmpty()
                    ? null
                    : new Prediction(
                            image,
                            label,
                            Integer.parseInt(words[from]),
                            Double.parseDouble(words[from + 1]),
                            Double.parseDouble(words[from + 2]),
                            Double.parseDouble(words[from + 3]),
                            Integer.parseInt(words[from + 4]));
        }
    }

    private final Path file;
    private final FileChannel channel;
    private final boolean flip;
    private final List<Line> earlier = new ArrayList<>();

    private PredictionLog(Path file, FileChannel channel, boolean flip) {
        this.file = file;
        this.channel = channel;
        this.flip = flip;
    }

    /**
     * Opens or makes a file, which no other process may then open.
     *
     * @param file where the predictions are or will be
     * @param what says what is evaluated, how and on what, by name
     * @param flip whether there are predictions with flip averaging too
     * @param batchSize images in a batch
     * @param images images in all
     * @return the file, with the lines of all whole batches that it holds
     * @throws IOException in one sentence, if it is of another evaluation, none at all, in use, or
     *     cannot be written
     */
    public static PredictionLog open(
            Path file, Map<String, Object> what, boolean flip, int batchSize, int images)
            throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a directory; give the name of a file.");
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        PredictionLog log = new PredictionLog(file, channel, flip);
        try {
            log.lock();
            log.begin(what, batchSize, images);
            return log;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void lock() throws IOException {
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // another thread's
        }
        if (lock == null) {
            throw new IOException(
                    "Another process writes its predictions to %s; wait for it or stop it."
                            .formatted(file));
        }
    }

    private void begin(Map<String, Object> what, int batchSize, int images) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(channel.size())];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
            // until all is there
        }
        String head =
                MARK
                        + JsonUtils.GSON.toJson(what)
                        + "\n"
                        + COLUMNS
                        + (flip ? OF_FLIPPED : "")
                        + ",name\n";
        // Latin-1: a character for each byte, so that places in the text are places in the file.
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String wanted =
                new String(head.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        if (wanted.startsWith(text)) { // empty, or its process died at once
            channel.truncate(0);
            write(head);
            return;
        }
        if (!text.startsWith(wanted)) {
            throw refusal(text, what);
        }
        channel.truncate(read(text, wanted.length(), batchSize, images));
        channel.position(channel.size());
    }

    /** Reads lines as long as they are right; where the last whole batch ends. */
    private int read(String text, int begin, int batchSize, int images) {
        int from = begin;
        int whole = begin;
        List<Line> batch = new ArrayList<>();
        for (int end = text.indexOf('\n', from); end >= 0; end = text.indexOf('\n', from)) {
            int place = earlier.size() + batch.size();
            try {
                Line line = Line.parse(utf8(text.substring(from, end)), flip);
                if (line.image() != place) {
                    break;
                }
                batch.add(line);
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                break; // torn
            }
            from = end + 1;
            if ((place + 1) % batchSize == 0 || place + 1 == images) {
                earlier.addAll(batch);
                batch.clear();
                whole = from;
            }
        }
        return whole;
    }

    private static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private IOException refusal(String text, Map<String, Object> what) {
        JsonObject theirs = null;
        try {
            String line = text.lines().findFirst().orElse("");
            if (line.startsWith(MARK)) {
                theirs =
                        JsonUtils.GSON.fromJson(
                                utf8(line.substring(MARK.length())), JsonObject.class);
            }
        } catch (RuntimeException e) { // Gson's
            theirs = null;
        }
        if (theirs == null) {
            return new IOException(
                    "%s holds something else than predictions of an evaluation; give another file."
                            .formatted(file));
        }
        JsonObject ours = JsonUtils.GSON.fromJson(JsonUtils.GSON.toJson(what), JsonObject.class);
        for (String name : what.keySet()) {
            if (!Objects.equals(theirs.get(name), ours.get(name))) {
                return new IOException(
                        "%s holds predictions of an evaluation with other %s (%s, now %s); give another file, or delete it."
                                .formatted(file, name, theirs.get(name), ours.get(name)));
            }
        }
        return new IOException(
                "%s holds predictions of another version; give another file, or delete it."
                        .formatted(file));
    }

    /** Returns what earlier processes found out, in the images' order. */
    public List<Line> earlier() {
        return List.copyOf(earlier);
    }

    /**
     * Appends a batch.
     *
     * @param lines its images, all of them
     * @throws IOException if they cannot be written
     */
    public void append(List<Line> lines) throws IOException {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line.text(flip)));
        write(text.toString());
    }

    private void write(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new IOException(
                    "The predictions cannot be written to %s (%s); make room, and the same command goes on."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
