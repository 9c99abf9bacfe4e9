import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.train.latency.Conditions;
import org.mobilenetv3.train.latency.LatencyTable;
import org.mobilenetv3.train.latency.NetRuntime;
import org.mobilenetv3.train.latency.Turns;

/**
 * Compares what an empty latency table predicts for ten nets with the nets measured whole: {@code
 * java -cp CLASSPATH bench/LatencyError.java onnxruntime|libtorch THREADS}.
 */
public class LatencyError {

    public static void main(String[] args) throws Exception {
        NetRuntime runtime = NetRuntime.valueOf(args[0].toUpperCase(Locale.ROOT));
        int threads = Integer.parseInt(args[1]);
        Map<String, Architecture> nets = new LinkedHashMap<>();
        nets.put("mobilenet_v3_small", Presets.of("mobilenet_v3_small"));
        nets.put("mobilenet_v3_large", Presets.of("mobilenet_v3_large"));
        nets.put("mobilenet_v3_small, width 0.5", Presets.of("mobilenet_v3_small", 0.5));
        nets.put("mobilenet_v3_large, width 0.75", Presets.of("mobilenet_v3_large", 0.75));
        nets.put("mobilenet_v2", Presets.of("mobilenet_v2"));
        nets.put("small, 30 to 100 % expanded", narrowed(Presets.of("mobilenet_v3_small"), 1));
        nets.put("large, 30 to 100 % expanded", narrowed(Presets.of("mobilenet_v3_large"), 2));
        Map<String, Architecture> tiny = new LinkedHashMap<>();
        for (String name : List.of("mobilenet_v3_small", "mobilenet_v3_large")) {
            tiny.put(name, Presets.of(name));
        }
        tiny.put("small, 30 to 100 % expanded", narrowed(Presets.of("mobilenet_v3_small"), 3));
        Path file = Files.createTempDirectory("latency").resolve("table.json");
        Turns timer = new Turns(runtime, threads);
        Conditions here = Conditions.here(runtime, threads);
        System.out.println(here + ", Java " + here.java());
        System.out.println("| net | input | predicted ms | measured ms | error |");
        System.out.println("|---|---|---:|---:|---:|");
        try (LatencyTable table = LatencyTable.open(file, here, timer, (a, b, c) -> {})) {
            for (Map.Entry<String, Architecture> net : nets.entrySet()) {
                print(net.getKey(), net.getValue(), 224, table, timer);
            }
            for (Map.Entry<String, Architecture> net : tiny.entrySet()) {
                Architecture small = net.getValue().withStemStride(1).withClasses(10);
                print(net.getKey(), small, 28, table, timer);
            }
        }
    }

    private static void print(
            String name, Architecture net, int size, LatencyTable table, Turns timer)
            throws IOException {
        double predicted = table.milliseconds(net, size, size);
        double measured = timer.whole(net, size, size);
        System.out.printf(
                Locale.ROOT,
                "| %s | %d×%d | %.3f | %.3f | %+.1f %% |%n",
                name,
                size,
                size,
                predicted,
                measured,
                100 * (predicted / measured - 1));
    }

    /** Every block with 30 to 100 % of its expanded channels, by chance. */
    private static Architecture narrowed(Architecture net, long seed) {
        Random random = new Random(seed);
        List<BlockSpec> rows = new ArrayList<>();
        for (BlockSpec block : net.blocks()) {
            InvertedResidual.Spec row = (InvertedResidual.Spec) block;
            double share = 0.3 + 0.7 * random.nextDouble();
            int expanded = Math.max(8, (int) (row.expanded() * share) / 8 * 8);
            rows.add(
                    new InvertedResidual.Spec(
                            row.kernel(),
                            row.expand() ? expanded : row.expanded(),
                            row.out(),
                            row.squeeze(),
                            row.activation(),
                            row.rowStride(),
                            row.columnStride(),
                            row.dilation(),
                            row.expand(),
                            row.residual()));
        }
        return net.withBlocks(rows);
    }
}
