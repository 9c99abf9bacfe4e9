import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.train.cost.Latency;
import org.mobilenetv3.train.data.augment.SplitMix;
import org.mobilenetv3.train.latency.NetRuntime;
import org.mobilenetv3.train.supernet.Candidate;
import org.mobilenetv3.train.supernet.SearchSpace;

/**
 * Compares what a search predicts for nets of its space with the nets measured whole, one thread:
 * {@code java -cp CLASSPATH bench/search/CandidateLatency.java onnxruntime|libtorch ARCH SIZE NETS}.
 */
public class CandidateLatency {

    public static void main(String[] args) throws Exception {
        NetRuntime runtime = NetRuntime.valueOf(args[0].toUpperCase(Locale.ROOT));
        int size = Integer.parseInt(args[2]);
        Architecture base = Presets.of(args[1]).withClasses(10).withStemStride(size < 64 ? 1 : 2);
        SearchSpace space = SearchSpace.around(base, SearchSpace.Variety.USUAL);
        List<Candidate> nets = new ArrayList<>(List.of(space.smallest(), space.largest()));
        for (int i = 0; i < Integer.parseInt(args[3]); i++) {
            nets.add(space.random(SplitMix.of(1, i)));
        }
        Path table = Files.createTempDirectory("latency").resolve("table.json");
        Latency.Place place = Latency.Place.of(runtime, 1, table);
        List<Double> errors = new ArrayList<>();
        try (Latency latency =
                Latency.corrected(place, size, size, base, (missing, units, share) -> {})) {
            for (Candidate candidate : space.cover()) {
                latency.of(space.subnet(candidate).part()); // as a search does first
            }
            for (Candidate candidate : nets) {
                Architecture net = space.subnet(candidate).part();
                double predicted = latency.of(net);
                double measured = latency.milliseconds(net);
                errors.add(100 * (predicted / measured - 1));
                System.out.printf(
                        Locale.ROOT,
                        "| %.3f | %.3f | %+.1f |%n",
                        predicted,
                        measured,
                        errors.get(errors.size() - 1));
            }
        }
        double mean = errors.stream().mapToDouble(Math::abs).average().orElseThrow();
        System.out.printf(Locale.ROOT, "mean error %.1f %%%n", mean);
    }
}
