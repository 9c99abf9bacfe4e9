package org.mobilenetv3.train.cost;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.train.latency.Conditions;
import org.mobilenetv3.train.latency.LatencyTable;
import org.mobilenetv3.train.latency.NetRuntime;
import org.mobilenetv3.train.latency.Turns;

/**
 * Milliseconds on this host by the table of measured layers, corrected by what the table misjudges
 * the whole net by. Used by one thread.
 */
public final class Latency implements Cost {

    private final Place place;
    private final int height;
    private final int width;
    private double correction;
    private final Turns timer;
    private final LatencyTable table;

    /**
     * What milliseconds are of.
     *
     * @param runtime what runs the nets
     * @param threads within one operation
     * @param table the file that keeps the times
     */
    public record Place(NetRuntime runtime, int threads, String table) {

        /**
         * Makes a place from what the user said.
         *
         * @param runtime or null for the usual one
         * @param threads or null for all cores
         * @param table or null for the file in DJL's cache
         * @return the place
         */
        public static Place of(NetRuntime runtime, Integer threads, Path table) {
            NetRuntime on = runtime == null ? NetRuntime.usual() : runtime;
            int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
            Path file = table == null ? LatencyTable.place(on, count) : table;
            return new Place(on, count, file.toAbsolutePath().toString());
        }
    }

    private Latency(
            Place place, int height, int width, double correction, LatencyTable.Progress progress)
            throws IOException {
        this.place = place;
        this.height = height;
        this.width = width;
        this.correction = correction;
        timer = new Turns(place.runtime, place.threads);
        try {
            table =
                    LatencyTable.open(
                            Path.of(place.table),
                            Conditions.here(place.runtime, place.threads),
                            timer,
                            progress);
        } catch (IOException | RuntimeException e) {
            timer.close();
            throw e;
        }
    }

    /**
     * Opens the table and finds its correction by measuring a whole net.
     *
     * @param place of the times
     * @param height of the nets' input
     * @param width of the nets' input
     * @param whole the net that others will be cut from
     * @param progress told of measurements
     * @return the cost
     * @throws IOException in one sentence, if the table is damaged or of another host, or nothing
     *     can be measured
     */
    public static Latency corrected(
            Place place, int height, int width, Architecture whole, LatencyTable.Progress progress)
            throws IOException {
        Latency latency = new Latency(place, height, width, 1, progress);
        try {
            latency.correction = latency.milliseconds(whole) / latency.of(whole);
            return latency;
        } catch (IOException | RuntimeException e) {
            latency.close();
            throw e;
        }
    }

    /**
     * Opens the table with a correction that was found before.
     *
     * @param place of the times
     * @param height of the nets' input
     * @param width of the nets' input
     * @param correction what {@link #correction} said
     * @param progress told of measurements
     * @return the cost
     * @throws IOException in one sentence, if the table is damaged or of another host
     */
    public static Latency open(
            Place place, int height, int width, double correction, LatencyTable.Progress progress)
            throws IOException {
        return new Latency(place, height, width, correction, progress);
    }

    /**
     * Returns what predictions are multiplied by.
     *
     * @return the time of a whole net over what the table says of it
     */
    public double correction() {
        return correction;
    }

    /**
     * Measures a whole net.
     *
     * @param net the architecture
     * @return milliseconds for one image
     * @throws IOException if it cannot be measured
     */
    public double milliseconds(Architecture net) throws IOException {
        return timer.whole(net, height, width);
    }

    @Override
    public OptionalDouble measured(Architecture net) throws IOException {
        return OptionalDouble.of(milliseconds(net));
    }

    @Override
    public double of(Architecture net) throws IOException {
        return correction * table.milliseconds(net, height, width);
    }

    @Override
    public String text(double cost) {
        return String.format(
                Locale.ROOT,
                "%.3f ms (%s, %s)",
                cost,
                place.runtime,
                place.threads == 1 ? "1 thread" : place.threads + " threads");
    }

    @Override
    public void close() {
        table.close();
    }
}
