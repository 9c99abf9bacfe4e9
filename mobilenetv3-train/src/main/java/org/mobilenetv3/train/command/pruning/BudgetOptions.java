package org.mobilenetv3.train.command.pruning;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.latency.NetRuntime;
import org.mobilenetv3.train.pruning.Cost;
import org.mobilenetv3.train.pruning.Latency;
import org.mobilenetv3.trained.NetDescription;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** How much of a net is to be left. */
final class BudgetOptions {

    @Option(
            names = "--keep",
            paramLabel = "SHARE",
            description = "Keep this share of the channels of each block, e.g. 0.5.")
    private Double keep;

    @Option(
            names = "--macs",
            paramLabel = "N",
            converter = Count.class,
            description =
                    "Keep what fits into so many multiply-adds for one image, e.g. 60M or 800k.")
    private Double macs;

    @Option(
            names = "--latency-ms",
            paramLabel = "MS",
            description =
                    "Keep what takes at most so many milliseconds for one image on this host, by the"
                            + " table that 'latency' measures.")
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

    /** A number, perhaps with k, M or G behind it. */
    static final class Count implements ITypeConverter<Double> {
        private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([kKmMgG]?)");

        @Override
        public Double convert(String text) {
            Matcher m = FORM.matcher(text.strip());
            if (!m.matches()) {
                throw new TypeConversionException(
                        "'%s' is no number of multiply-adds such as 60M.".formatted(text));
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

    /** Refuses none and several. */
    void requireOne(CommandSpec spec, boolean steps) {
        if (Stream.of(keep, macs, milliseconds).filter(v -> v != null).count() != 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    steps
                            ? "prune --steps needs either --macs or --latency-ms."
                            : "prune needs one of --keep, --macs and --latency-ms.");
        }
    }

    /** The share of channels to keep, or null. */
    Double share() {
        return keep;
    }

    /** Whether milliseconds count. */
    boolean isOfTime() {
        return milliseconds != null;
    }

    double value() {
        return milliseconds != null ? milliseconds : macs;
    }

    /**
     * What counts, at a net's input size; milliseconds are corrected by measuring the whole net.
     *
     * @param net the whole net
     * @param threads within one operation, or null for all cores
     */
    Cost cost(NetDescription net, Integer threads) throws IOException {
        Fit fit = net.preprocessing().fit();
        return milliseconds == null
                ? Cost.multiplyAdds(fit.height(), fit.width())
                : Latency.corrected(
                        place(threads), fit, net.architecture(), LatencyCommand.progress());
    }

    /** Where milliseconds are looked up; null for multiply-adds. */
    Latency.Place place(Integer threads) {
        return milliseconds == null ? null : Latency.Place.of(runtime, threads, table);
    }

    /** What the provenance calls it. */
    String name() {
        return keep != null ? "keep" : milliseconds != null ? "milliseconds" : "multiplyAdds";
    }
}
