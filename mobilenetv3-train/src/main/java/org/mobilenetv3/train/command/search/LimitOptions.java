package org.mobilenetv3.train.command.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.cli.InputSize;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.command.CostOptions;
import org.mobilenetv3.train.cost.Latency;
import org.mobilenetv3.train.search.Limit;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say what the net may cost. */
final class LimitOptions {

    /** The table of measured layers; it may be there before the search is. */
    static final String LATENCY = "latency.json";

    @Mixin private CostOptions cost;

    @Option(
            names = "--parameters",
            paramLabel = "N",
            converter = CostOptions.Count.class,
            description = "At most so many parameters, e.g. 1.5M.")
    private Double parameters;

    @Option(
            names = "--cost-size",
            paramLabel = "PIXELS",
            converter = InputSize.class,
            description =
                    "Size of the image that --macs and --latency-ms are for (default: the input's).")
    private Fit size;

    /** How many limits were given. */
    int given() {
        return cost.given() + (parameters == null ? 0 : 1);
    }

    /** The size of the image that costs are for, or null for the input's. */
    Fit size() {
        return size;
    }

    /**
     * Makes the limit; for milliseconds, the net is measured.
     *
     * @param sized the image that it is for
     * @param net to search around, as it is for such an image
     * @param directory of the search, which keeps milliseconds: they decide what it finds
     * @param threads within one operation, or null for all cores
     * @throws IOException if the table of latencies cannot be used
     */
    Limit limit(Fit sized, Architecture net, Path directory, Integer threads) throws IOException {
        int height = sized.height();
        int width = sized.width();
        int stem = net.stem().stride();
        if (parameters != null) {
            return new Limit(Limit.Unit.PARAMETERS, parameters, height, width, stem, null, 1);
        }
        if (!cost.isOfTime()) {
            return new Limit(Limit.Unit.MULTIPLY_ADDS, cost.value(), height, width, stem, null, 1);
        }
        Files.createDirectories(directory); // the table's place
        Latency.Place usual = cost.place(threads);
        Latency.Place place =
                cost.table() != null
                        ? usual
                        : new Latency.Place(
                                usual.runtime(),
                                usual.threads(),
                                directory.resolve(LATENCY).toAbsolutePath().toString());
        try (Latency latency =
                Latency.corrected(place, height, width, net, CostOptions.progress())) {
            return new Limit(
                    Limit.Unit.MILLISECONDS,
                    cost.value(),
                    height,
                    width,
                    stem,
                    place,
                    latency.correction());
        }
    }
}
