package org.mobilenetv3.cli;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.LayerCost;
import org.mobilenetv3.io.TextTable;
import org.mobilenetv3.runtime.FullDistribution;
import org.mobilenetv3.trained.ElasticPackage;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.NetDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints a net's layers with shapes, parameters, multiply-adds and memory; needs no engine. */
@Command(
        name = "summary",
        description =
                "Show a net's layers: output shape, parameters, multiply-adds, size of the output in"
                        + " 32-bit floats.")
final class SummaryCommand implements Callable<Integer> {

    @Mixin private NetOptions net;

    @Option(
            names = "--weights",
            paramLabel = "WEIGHTS",
            description =
                    "Show the net of these weights, at its own input size: a package, a zip of one, a"
                            + " file of weights, or the name of published ones that 'models get' has"
                            + " fetched. The subnets of an elastic package are listed, too.",
            completionCandidates = WeightsOption.Names.class)
    private String weights;

    @Mixin private WeightsOption.SubnetOption subnet;

    @Option(
            names = "--classes",
            paramLabel = "N",
            description =
                    "Number of classes (default: the weights' or the net's, 1000 in named nets that"
                            + " classify).")
    private Integer classes;

    @Option(
            names = "--input-size",
            paramLabel = "PIXELS",
            description = "Side of the square input (default: the weights', or 224).")
    private Integer inputSize;

    @Option(
            names = "--channels",
            paramLabel = "N",
            description = "Input channels (default: the weights', or 3).")
    private Integer channels;

    @Option(names = "--json", description = "Print the table as JSON on standard output.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Path path = weights == null ? null : path();
        NetDescription own = path == null ? null : NetDescription.read(path, null);
        int height =
                inputSize != null ? inputSize : own == null ? 224 : own.preprocessing().height();
        int width = inputSize != null ? inputSize : own == null ? 224 : own.preprocessing().width();
        int colors =
                channels != null ? channels : own == null ? 3 : own.architecture().inputChannels();
        Shape input = new Shape(1, colors, height, width);
        boolean djls = net.isDjls();
        Architecture architecture =
                djls
                        ? null
                        : own != null
                                ? net.changed(own.architecture())
                                        .withClasses(
                                                classes == null
                                                        ? own.architecture().classes()
                                                        : classes)
                                        .withInputChannels(colors)
                                : net.architecture(Presets.DEFAULT, classes, colors, height);
        List<LayerCost> layers =
                Graph.trace(
                                djls
                                        ? djls(input, classes == null ? 1000 : classes)
                                        : MobileNetV3.of(architecture),
                                input)
                        .cost();
        long parameters = layers.stream().mapToLong(LayerCost::parameters).sum();
        long multiplyAdds = layers.stream().mapToLong(LayerCost::multiplyAdds).sum();
        long activationBytes = layers.stream().mapToLong(LayerCost::activationBytes).sum();
        List<NetRow> nets = nets(path);
        if (json) {
            System.out.println(
                    JsonUtils.GSON_PRETTY.toJson(
                            new Result(
                                    architecture,
                                    height,
                                    layers.stream().map(Row::of).toList(),
                                    parameters,
                                    multiplyAdds,
                                    activationBytes,
                                    nets)));
            return 0;
        }
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of("layer", "type", "output", "parameters", "multiply-adds", "output KiB"));
        layers.forEach(layer -> cells.add(Row.of(layer).cells()));
        cells.add(
                new Row(
                                "total",
                                "",
                                djls ? net.arch() : architecture.name(),
                                parameters,
                                multiplyAdds,
                                activationBytes)
                        .cells());
        List<Boolean> names = List.of(true, true, true, false, false, false);
        TextTable.lines(names, cells).forEach(System.out::println);
        if (nets != null) {
            print(nets);
        }
        return 0;
    }

    private Path path() throws IOException {
        if (net.isGiven()) {
            throw new IllegalArgumentException(
                    "--weights tells the net: leave out --arch and --width.");
        }
        return subnet.within(WeightsOption.locateHere(weights));
    }

    /** An elastic package's nets; null if there is no such package. */
    private static List<NetRow> nets(Path path) throws IOException {
        if (path == null || !FileKind.of(path).isPackage() || ElasticPackage.isSubnet(path)) {
            return null;
        }
        List<ElasticPackage.Net> nets = ElasticPackage.read(path).nets();
        return nets.size() == 1 ? null : nets.stream().map(NetRow::of).toList();
    }

    private static void print(List<NetRow> nets) {
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of("subnet", "input", "multiply-adds", "validation top-1"));
        nets.forEach(row -> cells.add(row.cells()));
        System.out.println();
        TextTable.lines(List.of(true, true, false, false), cells).forEach(System.out::println);
    }

    private Block djls(Shape input, int classes) {
        return ServiceLoader.load(CommandProvider.class).stream()
                .map(provider -> provider.get().net(net.arch(), input, classes))
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow(() -> FullDistribution.needed("--arch " + net.arch()));
    }

    /** Without the batch axis. */
    private static String shape(Shape shape) {
        return Arrays.stream(shape.getShape())
                .skip(1)
                .mapToObj(Long::toString)
                .collect(Collectors.joining("x"));
    }

    /** The result for machines. */
    private record Result(
            Architecture architecture,
            int inputSize,
            List<Row> layers,
            long parameters,
            long multiplyAdds,
            long activationBytes,
            List<NetRow> nets) {}

    /** One net of an elastic package; JSON leaves out an accuracy that is not known. */
    private record NetRow(String name, String input, long multiplyAdds, Double top1) {
        static NetRow of(ElasticPackage.Net net) {
            OptionalDouble top1 = net.top1();
            return new NetRow(
                    net.name(),
                    InputSize.text(net.description().preprocessing().fit()),
                    net.multiplyAdds(),
                    top1.isPresent() ? top1.getAsDouble() : null);
        }

        List<String> cells() {
            return List.of(
                    name,
                    input,
                    String.format(Locale.ROOT, "%,d", multiplyAdds),
                    top1 == null ? "" : String.format(Locale.ROOT, "%.1f %%", 100 * top1));
        }
    }

    private record Row(
            String name,
            String type,
            String output,
            long parameters,
            long multiplyAdds,
            long activationBytes) {
        static Row of(LayerCost layer) {
            return new Row(
                    layer.name(),
                    layer.type(),
                    shape(layer.output()),
                    layer.parameters(),
                    layer.multiplyAdds(),
                    layer.activationBytes());
        }

        List<String> cells() {
            return List.of(
                    name,
                    type,
                    output,
                    String.format(Locale.ROOT, "%,d", parameters),
                    String.format(Locale.ROOT, "%,d", multiplyAdds),
                    String.format(Locale.ROOT, "%,.1f", activationBytes / 1024.0));
        }
    }
}
