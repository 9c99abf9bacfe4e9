import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.GraphRunner;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.vector.VectorProvider;

/**
 * Whether the vector engine's memory stays flat, and what a prediction allocates: four nets of a
 * package side by side, each with two threads and a caller of its own, to 100,000 predictions in all.
 * Every answer must have the same bits.
 *
 * <pre>java --add-modules jdk.incubator.vector -cp ... bench/VectorFlat.java PACKAGE SIZE</pre>
 */
class VectorFlat {

    private static final int NETS = 4;
    private static final int PREDICTIONS = 100_000;

    public static void main(String[] args) throws Exception {
        int size = Integer.parseInt(args[1]);
        Shape shape = new Shape(1, 3, size, size);
        GraphRunner[] nets = new GraphRunner[NETS];
        try (PackageNet net = PackageNet.open(Path.of(args[0]), Device.cpu())) {
            Graph graph = new Exporter(ExportFormat.ONNX, true, false).graph(net);
            for (int i = 0; i < NETS; i++) {
                nets[i] = new VectorProvider().open(graph, 2);
            }
        }
        float[] image = new float[(int) shape.size()];
        for (int i = 0; i < image.length; i++) {
            image[i] = i * 7919 % 256 / 255f;
        }
        float[] expected = nets[0].run(FloatBuffer.wrap(image), shape);
        int rounds = 10;
        for (int round = 1; round <= rounds; round++) {
            long start = System.nanoTime();
            long[] allocated = new long[NETS];
            Thread[] callers = new Thread[NETS];
            for (int i = 0; i < NETS; i++) {
                int which = i;
                callers[i] =
                        new Thread(
                                () -> {
                                    long before = allocatedHere();
                                    FloatBuffer input = FloatBuffer.wrap(image);
                                    int count = PREDICTIONS / rounds / NETS;
                                    for (int k = 0; k < count; k++) {
                                        if (!Arrays.equals(expected, nets[which].run(input, shape))) {
                                            System.out.println("An answer differs.");
                                            System.exit(1);
                                        }
                                    }
                                    allocated[which] = (allocatedHere() - before) / count;
                                });
                callers[i].start();
            }
            for (Thread caller : callers) {
                caller.join();
            }
            System.out.printf(
                    Locale.ROOT,
                    "%d predictions: %.1f s, resident %s, bytes allocated per prediction %s (the answer: %d)%n",
                    round * PREDICTIONS / rounds,
                    (System.nanoTime() - start) / 1e9,
                    resident(),
                    Arrays.toString(allocated),
                    16 + 4 * expected.length);
        }
        for (GraphRunner net : nets) {
            net.close();
        }
    }

    private static long allocatedHere() {
        return ((com.sun.management.ThreadMXBean)
                        java.lang.management.ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    private static String resident() throws java.io.IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024 + " MB")
                .findFirst()
                .orElse("?");
    }
}
