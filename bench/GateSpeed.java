import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.InvertedResidual;
import org.mobilenetv3.runtime.TorchRuntime;

/**
 * Time of MobileNetV3 Small with spatial squeeze and excitation in every block beside that of the
 * net without, turn by turn in one run: inference and a training step (forward and backward).
 * Weights are untrained and images noise, which the speed does not depend on.
 *
 * <pre>java -cp ... bench/GateSpeed.java [ROUNDS [SECONDS]]     (docs/article.md)</pre>
 */
class GateSpeed {

    private final int rounds;
    private final double seconds;

    GateSpeed(int rounds, double seconds) {
        this.rounds = rounds;
        this.seconds = seconds;
    }

    public static void main(String[] args) {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 15;
        double seconds = args.length > 1 ? Double.parseDouble(args[1]) : 0.5;
        GateSpeed speed = new GateSpeed(rounds, seconds);
        TorchRuntime.start();
        Architecture gray =
                Presets.of("mobilenet_v3_small")
                        .withStemStride(1)
                        .withInputChannels(1)
                        .withClasses(10);
        speed.measure(gray, 28, 1, false);
        speed.measure(gray, 28, 128, false);
        speed.measure(gray, 28, 128, true);
        Architecture imagenet = Presets.of("mobilenet_v3_small");
        speed.measure(imagenet, 224, 1, false);
        speed.measure(imagenet, 224, 16, false);
    }

    private void measure(Architecture plain, int size, int batch, boolean training) {
        Architecture spatial =
                plain.withBlocks(
                        plain.blocks().stream()
                                .<BlockSpec>map(
                                        row -> ((InvertedResidual.Spec) row).withSpatial(true))
                                .toList());
        Shape shape = new Shape(batch, plain.inputChannels(), size, size);
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray x = manager.randomNormal(shape);
            NDArray targets = manager.full(new Shape(batch, plain.classes()), -1e-3f);
            List<MobileNetV3> nets = List.of(MobileNetV3.of(plain), MobileNetV3.of(spatial));
            double[][] times = new double[2][rounds];
            double[] ratios = new double[rounds];
            for (MobileNetV3 net : nets) {
                net.initialize(manager, DataType.FLOAT32, shape);
                time(net, x, targets, training);
            }
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < 2; i++) {
                    times[i][round] = time(nets.get(i), x, targets, training);
                }
                ratios[round] = times[1][round] / times[0][round];
            }
            System.out.printf(
                    Locale.ROOT,
                    "%dx%d, batch %3d, %-9s  %8.3f ms without, %8.3f ms with, ratio of medians %.2f (rounds: %.2f to %.2f)%n",
                    size,
                    size,
                    batch,
                    training ? "training" : "inference",
                    median(times[0]),
                    median(times[1]),
                    median(times[1]) / median(times[0]),
                    Arrays.stream(ratios).min().orElseThrow(),
                    Arrays.stream(ratios).max().orElseThrow());
        }
    }

    /** Milliseconds of one call. */
    private double time(MobileNetV3 net, NDArray x, NDArray targets, boolean training) {
        long start = System.nanoTime();
        long calls = 0;
        do {
            try (NDManager scope = x.getManager().newSubManager()) {
                ParameterStore store = new ParameterStore(scope, false);
                NDArray input = scope.create(x.getShape());
                x.copyTo(input);
                if (training) {
                    net.compiled().orElseThrow().learn(store, input, targets);
                } else {
                    net.forward(store, new NDList(input), false);
                }
            }
            calls++;
        } while (System.nanoTime() - start < seconds * 1e9);
        return (System.nanoTime() - start) / 1e6 / calls;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
