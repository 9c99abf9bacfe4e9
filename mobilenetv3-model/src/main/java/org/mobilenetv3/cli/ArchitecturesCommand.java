package org.mobilenetv3.cli;

import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.LayerCost;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the named nets, or writes one as JSON to begin an own one with. */
@Command(
        name = "architectures",
        description =
                "List the nets that --arch knows, with 1000 classes, or 21 where they segment; with a name, print that net as"
                        + " JSON, to be changed and given to --arch as a file.",
        footer = {
            "%nExample:",
            "  mobilenetv3 architectures mobilenet_v3_small > my.json",
            "  mobilenetv3 summary --arch my.json"
        })
final class ArchitecturesCommand implements Callable<Integer> {

    private static final int PIXELS = 224;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "A net, or a JSON file.")
    private String name;

    @Option(
            names = "--width",
            paramLabel = "FACTOR",
            description = "Width multiplier of the named net (default: its own).")
    private Double width;

    @Option(names = "--json", description = "Print the list as JSON on standard output.")
    private boolean json;

    /** A line of the list; multiply-adds are of an image of 224×224 pixels. */
    private record Entry(String name, long parameters, long multiplyAdds) {
        static Entry of(String name) {
            List<LayerCost> layers =
                    Graph.trace(MobileNetV3.of(Presets.of(name)), new Shape(1, 3, PIXELS, PIXELS))
                            .cost();
            return new Entry(
                    name,
                    layers.stream().mapToLong(LayerCost::parameters).sum(),
                    layers.stream().mapToLong(LayerCost::multiplyAdds).sum());
        }
    }

    @Override
    public Integer call() throws IOException {
        if (name != null) {
            Architecture net = ArchOption.read(name, width);
            System.out.println(text(net));
            return 0;
        }
        if (width != null) {
            throw new IllegalArgumentException("--width goes with the name of a net; add it.");
        }
        List<Entry> entries = Presets.names().stream().map(Entry::of).toList();
        if (json) {
            System.out.println(JsonUtils.GSON_PRETTY.toJson(entries));
            return 0;
        }
        System.out.printf("%-34s  %12s  %15s%n", "name", "parameters", "multiply-adds");
        for (Entry entry : entries) {
            System.out.printf(
                    Locale.ROOT,
                    "%-34s  %,12d  %,15d%n",
                    entry.name,
                    entry.parameters,
                    entry.multiplyAdds);
        }
        return 0;
    }

    /** As JSON with a line for each block. */
    private static String text(Architecture net) {
        StringJoiner fields = new StringJoiner(",\n  ", "{\n  ", "\n}");
        JsonObject json = JsonUtils.GSON.toJsonTree(net).getAsJsonObject();
        for (String name : json.keySet()) {
            String value = spaced(json.get(name));
            if (json.get(name) instanceof JsonArray rows) {
                StringJoiner lines = new StringJoiner(",\n    ", "[\n    ", "\n  ]");
                rows.forEach(row -> lines.add(spaced(row)));
                value = lines.toString();
            }
            fields.add("\"%s\": %s".formatted(name, value));
        }
        return fields.toString();
    }

    private static String spaced(JsonElement json) {
        return json.toString().replace(",\"", ", \"").replace("\":", "\": ");
    }
}
