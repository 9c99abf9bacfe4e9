package org.mobilenetv3.train.latency;

import ai.djl.util.JsonUtils;
import ai.djl.util.Utils;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.io.JsonFile;
import org.mobilenetv3.io.WholeFile;

/**
 * How long the layers of nets take on this host: measured once, kept in a file, and added up for
 * any net. Used by one thread.
 */
public final class LatencyTable implements AutoCloseable {

    /** Told what goes on. */
    @FunctionalInterface
    public interface Progress {
        /**
         * Says how far a measurement is.
         *
         * @param missing units that are measured for the first time
         * @param units of the net
         * @param share of the measurement that is done, 0 to 1
         */
        void measuring(int missing, int units, double share);
    }

    /**
     * A unit with its time.
     *
     * @param unit of a net
     * @param milliseconds that it takes
     */
    public record Row(Unit unit, double milliseconds) {}

    private record Entry(String text, JsonObject unit, Double milliseconds) {}

    private record Content(Conditions conditions, List<Entry> units) {}

    private final Path file;
    private final Conditions conditions;
    private final UnitTimer timer;
    private final Progress progress;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private LatencyTable(Path file, Conditions conditions, UnitTimer timer, Progress progress) {
        this.file = file;
        this.conditions = conditions;
        this.timer = timer;
        this.progress = progress;
    }

    /**
     * Opens a table, or begins one.
     *
     * @param file where it is kept
     * @param conditions of this host
     * @param timer for units that it lacks; closed with the table
     * @param progress told of measurements
     * @return the table
     * @throws IOException in one sentence, if the file is damaged or of other conditions
     */
    public static LatencyTable open(
            Path file, Conditions conditions, UnitTimer timer, Progress progress)
            throws IOException {
        if (!Files.exists(file)) {
            return new LatencyTable(file, conditions, timer, progress);
        }
        String damaged = "it is no latency table; give another --table or delete it";
        Content content = JsonFile.read(file, Content.class, damaged);
        if (!isWhole(content)) {
            throw new IOException("%s cannot be read: %s.".formatted(file, damaged));
        }
        if (!content.conditions.agrees(conditions)) {
            throw new IOException(
                    "%s was measured on %s, but this is %s; give another --table or delete it."
                            .formatted(file, content.conditions, conditions));
        }
        LatencyTable table = new LatencyTable(file, content.conditions, timer, progress);
        content.units.forEach(x -> table.entries.put(x.unit.toString(), x));
        return table;
    }

    private static boolean isWhole(Content content) {
        Conditions of = content.conditions;
        return of != null
                && of.runtime() != null
                && content.units != null
                && content.units.stream()
                        .allMatch(
                                x ->
                                        x != null
                                                && x.unit != null
                                                && x.milliseconds != null
                                                && Double.isFinite(x.milliseconds)
                                                && x.milliseconds >= 0);
    }

    /**
     * Returns where a table is kept if nothing else is said.
     *
     * @param runtime what runs the nets
     * @param threads within one operation
     * @return a file in DJL's cache
     */
    public static Path place(NetRuntime runtime, int threads) {
        return Utils.getCacheDir()
                .resolve("mobilenetv3")
                .resolve(String.format(Locale.ROOT, "latency-%s-%d.json", runtime, threads));
    }

    /**
     * Returns how long a net takes for one image. Units that the table lacks are measured first,
     * and then saved.
     *
     * @param net the net
     * @param height of its input in pixels
     * @param width of its input in pixels
     * @return milliseconds on an idle machine
     * @throws IOException in one sentence, if the runtime fails or the table cannot be saved
     * @throws IllegalArgumentException if the net does not take such images
     */
    public double milliseconds(Architecture net, int height, int width) throws IOException {
        return rows(net, height, width).stream().mapToDouble(Row::milliseconds).sum();
    }

    /**
     * Returns the units of a net with their times, as {@link #milliseconds} adds them up.
     *
     * @param net the net
     * @param height of its input in pixels
     * @param width of its input in pixels
     * @return stem, blocks, last convolution with the head
     * @throws IOException in one sentence, if the runtime fails or the table cannot be saved
     * @throws IllegalArgumentException if the net does not take such images
     */
    public List<Row> rows(Architecture net, int height, int width) throws IOException {
        List<Unit> units = Unit.of(net, height, width);
        int missing =
                (int)
                        units.stream()
                                .map(x -> x.key().toString())
                                .distinct()
                                .filter(x -> !entries.containsKey(x))
                                .count();
        if (missing > 0) {
            DoubleConsumer share = x -> progress.measuring(missing, units.size(), x);
            share.accept(0);
            double[] times = timer.milliseconds(units, share);
            for (int i = 0; i < times.length; i++) {
                Unit unit = units.get(i);
                entries.putIfAbsent(
                        unit.key().toString(), new Entry(unit.text(), unit.key(), times[i]));
            }
            Content content = new Content(conditions, List.copyOf(entries.values()));
            WholeFile.write(file, JsonUtils.GSON_PRETTY.toJson(content) + "\n");
        }
        List<Row> rows = new ArrayList<>();
        units.forEach(unit -> rows.add(new Row(unit, smoothed(unit.key()))));
        return rows;
    }

    /**
     * The time of a unit, never above that of a wider one: where the widths that were measured
     * disagree, both get their mean.
     */
    private double smoothed(JsonObject key) {
        if (width(key) == null) {
            return entries.get(key.toString()).milliseconds;
        }
        NavigableMap<Integer, Double> known = new TreeMap<>();
        String family = withoutWidth(key);
        for (Entry entry : entries.values()) {
            if (width(entry.unit) != null && withoutWidth(entry.unit).equals(family)) {
                known.put(width(entry.unit), entry.milliseconds);
            }
        }
        return monotone(known).get(width(key));
    }

    private static Integer width(JsonObject key) {
        return key.get("row") instanceof JsonObject row && row.has("expanded")
                ? (Integer) row.get("expanded").getAsInt()
                : null;
    }

    private static String withoutWidth(JsonObject key) {
        JsonObject family = key.deepCopy();
        family.getAsJsonObject("row").remove("expanded");
        return family.toString();
    }

    /** The nearest values that do not fall (isotonic regression by pooling neighbors). */
    static Map<Integer, Double> monotone(NavigableMap<Integer, Double> values) {
        List<double[]> pools = new ArrayList<>(); // mean and count
        for (double value : values.values()) {
            double[] pool = {value, 1};
            while (!pools.isEmpty() && pools.get(pools.size() - 1)[0] > pool[0]) {
                double[] before = pools.remove(pools.size() - 1);
                double count = before[1] + pool[1];
                pool = new double[] {(before[0] * before[1] + pool[0] * pool[1]) / count, count};
            }
            pools.add(pool);
        }
        Map<Integer, Double> monotone = new TreeMap<>();
        int pool = 0;
        int in = 0;
        for (int width : values.keySet()) {
            if (in == pools.get(pool)[1]) {
                pool++;
                in = 0;
            }
            monotone.put(width, pools.get(pool)[0]);
            in++;
        }
        return monotone;
    }

    /**
     * Returns what the times were measured with.
     *
     * @return host, runtime and threads
     */
    public Conditions conditions() {
        return conditions;
    }

    @Override
    public void close() {
        timer.close();
    }
}
