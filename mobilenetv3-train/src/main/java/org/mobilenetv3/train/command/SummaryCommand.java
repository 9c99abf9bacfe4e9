package org.mobilenetv3.train.command;

import org.mobilenetv3.train.RecipeKey;
import org.mobilenetv3.Architecture;
import java.io.IOException;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.LayerCost;
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
        Architecture architecture =
                net.architecture(RecipeKey.ARCH.fallback(), classes, channels, inputSize);
        Shape input = new Shape(1, channels, inputSize, inputSize);
        List<LayerCost> layers = Graph.trace(MobileNetV3.of(architecture), input).cost();
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
        List<Row> rows = new ArrayList<>(layers.stream().map(Row::of).toList());
        rows.add(
                new Row(
                        "total",
                        "",
                        architecture.name(),
                        parameters,
                        multiplyAdds,
                        activationBytes));
        String text =
                String.format(
                        Locale.ROOT,
                        "%%-%ds  %%-%ds  %%-%ds",
                        width(rows, Row::name),
                        width(rows, Row::type),
                        width(rows, Row::output));
        System.out.printf(
                text + "  %12s  %14s  %12s%n",
                "layer",
                "type",
                "output",
                "parameters",
                "multiply-adds",
                "output KiB");
        for (Row row : rows) {
            System.out.printf(
                    Locale.ROOT,
                    text + "  %,12d  %,14d  %,12.1f%n",
                    row.name(),
                    row.type(),
                    row.output(),
                    row.parameters(),
                    row.multiplyAdds(),
                    row.activationBytes() / 1024.0);
        }
        return 0;
    }

    /** Columns of the longest entry; at least those of the longest title. */
    private static int width(List<Row> rows, Function<Row, String> column) {
        return rows.stream().map(column).mapToInt(String::length).reduce(6, Math::max);
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
    }
}
