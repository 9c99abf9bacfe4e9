package org.mobilenetv3.train.command.pruning;

import ai.djl.Device;
import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.cli.InputSize;
import org.mobilenetv3.cli.NetOptions;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.io.TextTable;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.command.CostOptions;
import org.mobilenetv3.train.latency.Conditions;
import org.mobilenetv3.train.latency.LatencyTable;
import org.mobilenetv3.train.latency.NetRuntime;
import org.mobilenetv3.train.latency.Turns;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.TrainedNet;
import org.mobilenetv3.trained.WeightsFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints how long a net's layers take on this host, measuring those that the table lacks. */
@Command(
        name = "latency",
        description =
                "Show how long a net takes on this host for one image, layer by layer: from a table of"
                        + " measured times, to which the layers that it lacks are added.",
        footer = {
            "%nExample:",
            "  mobilenetv3 latency --arch mobilenet_v3_small --threads 1 --check"
        })
final class LatencyCommand implements Callable<Integer> {

    @Mixin private NetOptions net;
    @Mixin private WeightsOption weights;

    @Option(
            names = "--classes",
            paramLabel = "N",
            description = "Number of classes (default: 1000, or the weights').")
    private Integer classes;

    @Option(
            names = "--channels",
            paramLabel = "N",
            description = "Input channels (default: 3, or the weights').")
    private Integer channels;

    @Option(
            names = "--input-size",
            paramLabel = "SIZE",
            converter = InputSize.class,
            description = "Side of the input, or HEIGHTxWIDTH (default: 224, or the weights').")
    private Fit size;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "CPU threads within one operation (default: all cores).")
    private Integer threads;

    @Option(
            names = "--runtime",
            paramLabel = "NAME",
            description =
                    "onnxruntime (an exported net) or libtorch (a compiled one); default:"
                            + " onnxruntime where it is on the class path.")
    private NetRuntime runtime;

    @Option(
            names = "--table",
            paramLabel = "FILE",
            description =
                    "The table of measured times, made if it is not there (default: one for each"
                            + " runtime and number of threads in DJL's cache).")
    private Path table;

    @Option(names = "--check", description = "Measure the whole net, too.")
    private boolean check;

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    /** The result for machines. */
    private record Result(
            String net,
            int height,
            int width,
            Conditions conditions,
            String table,
            List<Line> layers,
            double milliseconds,
            Double measured) {}

    private record Line(String name, String type, String input, double milliseconds) {}

    @Override
    public Integer call() throws IOException {
        NetRuntime on = runtime == null ? NetRuntime.usual() : runtime;
        int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        if (count < 1) {
            throw new IllegalArgumentException(
                    "--threads is " + count + " but must be at least 1.");
        }
        NetDescription description = weights.isGiven() ? describe() : null;
        int height = size != null ? size.height() : 224;
        int width = size != null ? size.width() : 224;
        if (size == null && description != null) {
            height = description.preprocessing().height();
            width = description.preprocessing().width();
        }
        Architecture architecture = architecture(description, height);
        Path file = table == null ? LatencyTable.place(on, count) : table;
        Turns timer = new Turns(on, count);
        try (LatencyTable times = open(file, Conditions.here(on, count), timer)) {
            List<LatencyTable.Row> rows = times.rows(architecture, height, width);
            Double measured = check ? timer.whole(architecture, height, width) : null;
            List<Line> lines = rows.stream().map(LatencyCommand::line).toList();
            double sum = lines.stream().mapToDouble(Line::milliseconds).sum();
            print(
                    new Result(
                            architecture.name(),
                            height,
                            width,
                            times.conditions(),
                            file.toString(),
                            lines,
                            sum,
                            measured));
        }
        return 0;
    }

    /** What the weights say, without making their net where that can be done. */
    private NetDescription describe() throws IOException {
        if (net.isGiven()) {
            throw new IllegalArgumentException(
                    "--arch and --weights both name a net; leave one of them out.");
        }
        Path path = weights.locate();
        FileKind kind = FileKind.of(path);
        if (kind.isPackage()) {
            return ModelPackage.find(path).description();
        }
        if (kind.isExport()) {
            try (TrainedNet exported = TrainedNet.open(path, Device.cpu(), 1)) {
                return exported.description();
            }
        }
        try (WeightsFile read = WeightsFile.open(path, null)) {
            return read.description();
        }
    }

    private Architecture architecture(NetDescription description, int height) throws IOException {
        if (description == null) {
            return net.architecture(
                    RecipeKey.ARCH.fallback(),
                    classes == null ? 1000 : classes,
                    channels == null ? 3 : channels,
                    height);
        }
        Architecture own = net.changed(description.architecture());
        own = classes == null ? own : own.withClasses(classes);
        return channels == null ? own : own.withInputChannels(channels);
    }

    private static LatencyTable open(Path file, Conditions conditions, Turns timer)
            throws IOException {
        return LatencyTable.open(file, conditions, timer, CostOptions.progress());
    }

    private static Line line(LatencyTable.Row row) {
        return new Line(
                row.unit().name(), row.unit().text(), row.unit().shape(), row.milliseconds());
    }

    private void print(Result result) {
        if (json) {
            System.out.println(JsonUtils.GSON_PRETTY.toJson(result));
            return;
        }
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of("layer", "type", "input", "ms", "share"));
        for (Line line : result.layers) {
            cells.add(
                    List.of(
                            line.name,
                            line.type,
                            line.input,
                            figure(line.milliseconds),
                            share(line.milliseconds / result.milliseconds)));
        }
        String title = result.height + "x" + result.width;
        cells.add(List.of("total", result.net, title, figure(result.milliseconds), ""));
        if (result.measured != null) {
            double error = 100 * (result.milliseconds / result.measured - 1);
            cells.add(
                    List.of(
                            "measured",
                            String.format(Locale.ROOT, "prediction is off by %+.1f %%", error),
                            title,
                            figure(result.measured),
                            ""));
        }
        TextTable.lines(List.of(true, true, true, false, false), cells)
                .forEach(System.out::println);
        System.out.printf(
                "One image at a time on %s; the times are kept in %s.%n",
                result.conditions, result.table);
    }

    private static String figure(double milliseconds) {
        return String.format(Locale.ROOT, "%.3f", milliseconds);
    }

    private static String share(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
