package org.mobilenetv3.vector;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.vector.kernel.ScalarKernels;
import org.mobilenetv3.vector.kernel.VectorKernels;

/**
 * What share of one core's peak each kind of step of the vector engine reaches, as a table in
 * Markdown: LayerShares DIRECTORY NET... (bench/vector.py makes the packages). The peak is that of a
 * loop of multiply-adds in registers, measured before and after.
 */
final class LayerShares {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int RUNS = 400;
    private static final Shape INPUT = new Shape(1, 3, 224, 224);

    private LayerShares() {}

    private static float loop(int turns, float start) {
        FloatVector a = FloatVector.broadcast(S, start);
        FloatVector b = FloatVector.broadcast(S, 0.999f);
        FloatVector c0 = a;
        FloatVector c1 = a;
        FloatVector c2 = a;
        FloatVector c3 = a;
        FloatVector c4 = a;
        FloatVector c5 = a;
        FloatVector c6 = a;
        FloatVector c7 = a;
        FloatVector c8 = a;
        FloatVector c9 = a;
        for (int i = 0; i < turns; i++) {
            c0 = c0.fma(b, a);
            c1 = c1.fma(b, a);
            c2 = c2.fma(b, a);
            c3 = c3.fma(b, a);
            c4 = c4.fma(b, a);
            c5 = c5.fma(b, a);
            c6 = c6.fma(b, a);
            c7 = c7.fma(b, a);
            c8 = c8.fma(b, a);
            c9 = c9.fma(b, a);
        }
        return c0.add(c1).add(c2.add(c3)).add(c4.add(c5)).add(c6.add(c7)).add(c8.add(c9)).lane(0);
    }

    /** GFLOP/s. */
    private static double peak() {
        double best = 0;
        float sum = 0;
        for (int i = 0; i < 400; i++) {
            long start = System.nanoTime();
            sum += loop(200_000, 1e-3f);
            best = Math.max(best, 2.0 * 10 * S.length() * 200_000 / (System.nanoTime() - start));
        }
        return sum == 0 ? 0 : best;
    }

    private static String kind(Step step) {
        Tensor in = step.inputs().get(0);
        if (step instanceof ConvolutionStep) {
            return "first convolution";
        }
        if (step instanceof DepthwiseStep) {
            return "expansion and depthwise";
        }
        if (step instanceof PointwiseStep) {
            return in.pixels() > 1 ? "projection, last 1×1" : "gates' and last linear layers";
        }
        return "means, products with gates";
    }

    public static void main(String[] args) throws Exception {
        double peak = peak();
        System.out.printf(Locale.ROOT, "%nShares of one core's peak, %.0f GFLOP/s:%n%n", peak);
        System.out.println("| net | steps | time | of the whole | of the peak |");
        System.out.println("|---|---|---:|---:|---:|");
        for (String name : Arrays.asList(args).subList(1, args.length)) {
            try (PackageNet net = PackageNet.open(Path.of(args[0], name), Device.cpu())) {
                Graph graph = new Exporter(ExportFormat.ONNX, false, false).graph(net);
                report(name, new Plans(graph, new VectorKernels(), 1).of(INPUT), peak);
                plain(name, new Plans(graph, new ScalarKernels(), 1).of(INPUT));
            }
        }
        System.out.printf(Locale.ROOT, "%nPeak measured again: %.0f GFLOP/s%n", peak());
    }

    private static void report(String name, Plan plan, double peak) {
        FloatBuffer input = FloatBuffer.allocate(Math.toIntExact(INPUT.size()));
        for (int i = 0; i < RUNS; i++) {
            plan.run(input, null);
        }
        Step[] steps = plan.steps();
        double[][] micros = new double[steps.length][RUNS];
        for (int run = 0; run < RUNS; run++) {
            double[] one = plan.profile(input, null);
            for (int i = 0; i < one.length; i++) {
                micros[i][run] = one[i];
            }
        }
        Map<String, double[]> kinds = new LinkedHashMap<>();
        double[] all = new double[2];
        for (int i = 0; i < steps.length; i++) {
            Arrays.sort(micros[i]);
            double[] sums = kinds.computeIfAbsent(kind(steps[i]), k -> new double[2]);
            sums[0] += micros[i][RUNS / 2];
            sums[1] += steps[i].multiplyAdds();
            all[0] += micros[i][RUNS / 2];
            all[1] += steps[i].multiplyAdds();
        }
        kinds.forEach((kind, sums) -> line(name, kind, sums, all[0], peak));
        line(name, "all", all, all[0], peak);
    }

    /** What computes where there is no Vector API. */
    private static void plain(String name, Plan plan) {
        FloatBuffer input = FloatBuffer.allocate(Math.toIntExact(INPUT.size()));
        double[] millis = new double[60];
        for (int run = 0; run < millis.length; run++) {
            long start = System.nanoTime();
            plan.run(input, null);
            millis[run] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(millis);
        System.out.printf(Locale.ROOT, "| %s | all, in plain Java | %.2f ms | | |%n", name, millis[30]);
    }

    private static void line(String name, String kind, double[] sums, double all, double peak) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %s | %.2f ms | %.0f %% | %.0f %% |%n",
                name,
                kind,
                sums[0] / 1000,
                100 * sums[0] / all,
                100 * 2 * sums[1] / sums[0] / 1000 / peak);
    }
}
