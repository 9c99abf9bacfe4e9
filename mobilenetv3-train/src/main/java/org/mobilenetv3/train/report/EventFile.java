package org.mobilenetv3.train.report;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.mobilenetv3.train.run.EpochMetrics;
import org.mobilenetv3.train.run.TestResult;

/**
 * A run's events for TensorBoard: {@code events.out.tfevents.TIME.HOST.PID.COUNT} in the run's
 * directory. The step of a figure is its epoch, counted from 1. Each call appends whole records, so
 * that TensorBoard can read along.
 *
 * <p>A file is a series of records as in TensorFlow's {@code lib/io/record_writer.h}: length (64
 * bits), its checksum, the bytes, their checksum, all little-endian; the bytes are {@code
 * tensorflow.Event} messages ({@code tensorboard/compat/proto/event.proto}).
 */
public final class EventFile implements AutoCloseable {

    private static final String PREFIX = "events.out.tfevents.";
    private static final int DIGITS = PREFIX.length();
    private static final Pattern OURS = Pattern.compile(Pattern.quote(PREFIX) + "[0-9]{10}\\..*");

    private final Path file;
    private final FileChannel channel;
    private final Clock clock;

    private EventFile(Path file, Clock clock) throws IOException {
        this.file = file;
        this.clock = clock;
        channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /**
     * Starts the events of a new run.
     *
     * @param run the run's directory
     * @return the file, with its version record
     * @throws IOException if it cannot be written
     */
    public static EventFile start(Path run) throws IOException {
        return open(run, Clock.systemUTC());
    }

    /**
     * Starts another file for a run that goes on. It begins with a session start, at which
     * TensorBoard forgets the figures of that epoch and of later ones: what a crash left of epochs
     * that are now computed again.
     *
     * @param run the run's directory
     * @param epochsDone whole epochs that the run goes on from
     * @return the file
     * @throws IOException if it cannot be written
     */
    public static EventFile resume(Path run, int epochsDone) throws IOException {
        return resume(run, epochsDone, Clock.systemUTC());
    }

    static EventFile resume(Path run, int epochsDone, Clock clock) throws IOException {
        EventFile events = open(run, clock);
        events.append(EventMessages.sessionStart(events.seconds(), epochsDone + 1L));
        return events;
    }

    static EventFile open(Path run, Clock clock) throws IOException {
        EventFile events = new EventFile(unused(run, clock), clock);
        events.append(EventMessages.version(events.seconds()));
        return events;
    }

    /** TensorBoard reads a run's files in the order of their names, so this one's comes last. */
    private static Path unused(Path run, Clock clock) throws IOException {
        long second = clock.instant().getEpochSecond();
        try (Stream<Path> others = Files.list(run)) {
            second =
                    others.map(p -> p.getFileName().toString())
                            .filter(name -> OURS.matcher(name).matches())
                            .mapToLong(name -> Long.parseLong(name, DIGITS, DIGITS + 10, 10) + 1)
                            .reduce(second, Math::max);
        } catch (UncheckedIOException e) { // from a directory that vanishes while it is read
            throw e.getCause();
        }
        return run.resolve(
                String.format(
                        Locale.ROOT,
                        "%s%010d.%s.%d.0",
                        PREFIX,
                        second,
                        host(),
                        ProcessHandle.current().pid()));
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9-]", "-");
        } catch (UnknownHostException e) {
            return "localhost"; // a machine that cannot resolve its own name trains all the same
        }
    }

    /**
     * Writes an epoch's figures: {@code train/loss}, {@code train/top1}, {@code validation/loss},
     * {@code validation/top1} (or what the metric is), {@code learning_rate}, {@code
     * images_per_second}; shares 0 to 1.
     *
     * @param metrics the epoch
     * @throws IOException if they cannot be written
     */
    public void epoch(EpochMetrics metrics) throws IOException {
        String score = metrics.metric().key().toLowerCase(Locale.ROOT);
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("train/loss", metrics.trainLoss());
        values.put("train/" + score, metrics.trainScore());
        values.put("validation/loss", metrics.validationLoss());
        values.put("validation/" + score, metrics.validationScore());
        values.put("learning_rate", metrics.learningRate());
        values.put("images_per_second", metrics.imagesPerSecond());
        values.values().removeIf(value -> value.isNaN());
        scalars(metrics.epoch(), values);
    }

    /**
     * Writes the figures of the test: {@code test/loss}, {@code test/top1} and so on.
     *
     * @param result the run's result; its best epoch is the step
     * @throws IOException if they cannot be written
     */
    public void test(TestResult result) throws IOException {
        Map<String, Double> values = new LinkedHashMap<>();
        result.figures().forEach((name, value) -> values.put("test/" + name, value));
        scalars(result.bestEpoch(), values);
    }

    /** Writes figures of an epoch by TensorBoard's names, grouped by the part before the slash. */
    void scalars(long step, Map<String, Double> values) throws IOException {
        append(EventMessages.scalars(seconds(), step, values));
    }

    /**
     * Writes a table, such as the recipe's values.
     *
     * @param tag TensorBoard's name
     * @param rows what and value
     * @throws IOException if it cannot be written
     */
    public void table(String tag, Map<String, String> rows) throws IOException {
        StringBuilder markdown = new StringBuilder("| | |\n|---|---|\n");
        rows.forEach(
                (name, value) ->
                        markdown.append("| ")
                                .append(name.replace("|", "\\|"))
                                .append(" | ")
                                .append(value.replace("|", "\\|"))
                                .append(" |\n"));
        append(EventMessages.text(seconds(), 0, tag, markdown.toString()));
    }

    /**
     * Writes a picture.
     *
     * @param step its epoch
     * @param tag TensorBoard's name
     * @param picture RGB
     * @throws IOException if it cannot be written
     */
    public void image(long step, String tag, BufferedImage picture) throws IOException {
        append(EventMessages.image(seconds(), step, tag, picture));
    }

    private double seconds() {
        return clock.millis() / 1e3;
    }

    private void append(byte[] message) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(message.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(message.length);
        record.putInt(maskedChecksum(record.array(), 0, Long.BYTES));
        record.put(message);
        record.putInt(maskedChecksum(message, 0, message.length));
        record.flip();
        while (record.hasRemaining()) {
            channel.write(record);
        }
    }

    /** CRC-32C rotated and shifted, for data that hold checksums themselves (lib/hash/crc32c.h). */
    private static int maskedChecksum(byte[] bytes, int from, int count) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, from, count);
        return Integer.rotateRight((int) checksum.getValue(), 15) + 0xa282ead8;
    }

    /** Returns the file. */
    Path path() {
        return file;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
