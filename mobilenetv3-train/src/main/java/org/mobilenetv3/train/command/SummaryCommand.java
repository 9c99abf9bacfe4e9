package org.mobilenetv3.train.command;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.LayerCost;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.DjlNets;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.report.TextTable;
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
            names = "--classes",
            paramLabel = "N",
            description = "Number of classes (default: ${DEFAULT-VALUE}).",
            defaultValue = "1000")
    private int classes;

    @Option(
            names = "--input-size",
            paramLabel = "PIXELS",
            description = "Side of the square input (default: ${DEFAULT-VALUE}).",
            defaultValue = "224")
    private int inputSize;

    @Option(
            names = "--channels",
            paramLabel = "N",
            description = "Input channels (default: ${DEFAULT-VALUE}).",
            defaultValue = "3")
    private int channels;

    @Option(names = "--json", description = "Print the table as JSON on standard output.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Shape input = new Shape(1, channels, inputSize, inputSize);
        boolean djls = net.isDjls();
        Architecture architecture =
                djls
                        ? null
                        : net.architecture(RecipeKey.ARCH.fallback(), classes, channels, inputSize);
        List<LayerCost> layers =
                Graph.trace(djls ? djls(input) : MobileNetV3.of(architecture), input).cost();
        long parameters = layers.stream().mapToLong(LayerCost::parameters).sum();
        long multiplyAdds = layers.stream().mapToLong(LayerCost::multiplyAdds).sum();
        long activationBytes = layers.stream().mapToLong(LayerCost::activationBytes).sum();
        if (json) {
            System.out.println(
                    JsonUtils.GSON_PRETTY.toJson(
                            new Result(
                                    architecture,
                                    inputSize,
                                    layers.stream().map(Row::of).toList(),
                                    parameters,
                                    multiplyAdds,
                                    activationBytes)));
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
        return 0;
    }

    /** DJL's block has no shapes before it is initialized. */
    private Block djls(Shape input) {
        TorchRuntime.start();
        Block block = DjlNets.mobileNetV2(classes, inputSize < NetOptions.SMALL_IMAGE ? 1 : 2);
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            block.initialize(manager, DataType.FLOAT32, input);
            return block;
        }
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
            long activationBytes) {}

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
