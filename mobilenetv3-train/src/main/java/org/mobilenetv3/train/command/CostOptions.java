package org.mobilenetv3.train.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.cli.ConsoleProgress;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.cost.Latency;
import org.mobilenetv3.train.latency.LatencyTable;
import org.mobilenetv3.train.latency.NetRuntime;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What a net may cost, in multiply-adds or milliseconds. */
public final class CostOptions {

    @Option(
            names = "--macs",
            paramLabel = "N",
            converter = Count.class,
            description = "At most so many multiply-adds for one image, e.g. 60M or 800k.")
    private Double macs;

    @Option(
            names = "--latency-ms",
            paramLabel = "MS",
            description =
                    "At most so many milliseconds for one image on this host, by the table that"
                            + " 'latency' measures.")
    private Double milliseconds;

    @Option(
            names = "--runtime",
            paramLabel = "NAME",
            description =
                    "What --latency-ms is for: onnxruntime or libtorch (default: onnxruntime where it"
                            + " is on the class path).")
    private NetRuntime runtime;

    @Option(
            names = "--table",
            paramLabel = "FILE",
            description =
                    "The table of measured times (default: one for each runtime and number of"
                            + " threads in DJL's cache).")
    private Path table;

    /** Creates the options; picocli fills them in. */
    public CostOptions() {}

    /** A number, perhaps with k, M or G behind it. */
    public static final class Count implements ITypeConverter<Double> {
        private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([kKmMgG]?)");

        /** Creates the converter; picocli does. */
        public Count() {}

        @Override
        public Double convert(String text) {
            Matcher m = FORM.matcher(text.strip());
            if (!m.matches()) {
                throw new TypeConversionException("'%s' is no number such as 60M.".formatted(text));
            }
            double factor =
                    switch (m.group(2).toLowerCase(Locale.ROOT)) {
                        case "k" -> 1e3;
                        case "m" -> 1e6;
                        case "g" -> 1e9;
                        default -> 1;
                    };
            return factor * Double.parseDouble(m.group(1));
        }
    }

    /**
     * Returns how many limits were given.
     *
     * @return 0 to 2
     */
    public int given() {
        return (macs == null ? 0 : 1) + (milliseconds == null ? 0 : 1);
    }

    /**
     * Returns whether milliseconds count.
     *
     * @return whether {@code --latency-ms} was given
     */
    public boolean isOfTime() {
        return milliseconds != null;
    }

    /**
     * Returns the limit.
     *
     * @return in milliseconds, or in multiply-adds
     */
    public double value() {
        return milliseconds != null ? milliseconds : macs;
    }

    /**
     * Returns the table that was named.
     *
     * @return a file, or null for the usual one
     */
    public Path table() {
        return table;
    }

    /**
     * Makes what counts; milliseconds are corrected by measuring a whole net.
     *
     * @param net the net to measure
     * @param fit input size
     * @param threads within one operation, or null for all cores
     * @return the cost; close it after use
     * @throws IOException if the table of latencies cannot be used
     */
    public Cost cost(Architecture net, Fit fit, Integer threads) throws IOException {
        return milliseconds == null
                ? Cost.multiplyAdds(fit.height(), fit.width())
                : Latency.corrected(place(threads), fit.height(), fit.width(), net, progress());
    }

    /**
     * Returns where milliseconds are looked up.
     *
     * @param threads within one operation, or null for all cores
     * @return the place, or null for multiply-adds
     */
    public Latency.Place place(Integer threads) {
        return milliseconds == null ? null : Latency.Place.of(runtime, threads, table);
    }

    /**
     * Shows measurements on standard error.
     *
     * @return what is told of them
     */
    public static LatencyTable.Progress progress() {
        ConsoleProgress bar = new ConsoleProgress();
        return (missing, units, share) -> {
            if (share == 0) {
                bar.message("Measuring %s of %s layers.".formatted(missing, units));
            }
            bar.show("measuring", Math.round(100 * share), 100, " %", 1);
        };
    }
}
