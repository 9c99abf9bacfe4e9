import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.mobilenetv3.image.ImageLimits;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.GraphNet;
import org.mobilenetv3.trained.NetEngine;
import org.mobilenetv3.trained.TrainedNet;

/**
 * What the engine of the server can do without HTTP: images a second of an exported file by batch
 * size, as the server computes (a batch on each thread) and with all threads on one batch, and from
 * JPEG files on.
 *
 * <pre>java -cp ... bench/EngineSpeed.java FILE.onnx THREADS SECONDS [JPEG...]</pre>
 *
 * Each line on standard input ends a pause and gets one line of JSON, so that a caller can let it
 * take turns with a server. SECONDS are for each batch size.
 */
class EngineSpeed {

    private static final long WARM_UP_NANOS = 10_000_000_000L;
    private static final ImageLimits LIMITS = new ImageLimits(50_000_000, Duration.ofSeconds(5));

    private final Path file;
    private final int threads;
    private final double seconds;
    private final List<byte[]> jpegs = new ArrayList<>();

    EngineSpeed(Path file, int threads, double seconds) {
        this.file = file;
        this.threads = threads;
        this.seconds = seconds;
    }

    public static void main(String[] args) throws Exception {
        EngineSpeed speed =
                new EngineSpeed(
                        Path.of(args[0]), Integer.parseInt(args[1]), Double.parseDouble(args[2]));
        for (String jpeg : Arrays.copyOfRange(args, 3, args.length)) {
            speed.jpegs.add(Files.readAllBytes(Path.of(jpeg)));
        }
        BufferedReader turns = new BufferedReader(new InputStreamReader(System.in));
        try (TrainedNet narrow = open(speed.file, 1);
                TrainedNet wide = open(speed.file, speed.threads)) {
            for (long until = System.nanoTime() + WARM_UP_NANOS; System.nanoTime() < until; ) {
                speed.speed(narrow, speed.threads, 4, !speed.jpegs.isEmpty());
            }
            System.out.println("{\"ready\": true}");
            while (turns.readLine() != null) {
                System.out.println(speed.round(narrow, wide));
            }
        }
    }

    /** On the engine that the server chooses. */
    private static TrainedNet open(Path file, int threads) throws Exception {
        NetEngine engine =
                NetEngine.choose(FileKind.of(file), NetEngine.Use.SERVER, () -> true);
        return engine == NetEngine.VECTOR
                ? GraphNet.open(file, threads)
                : TrainedNet.open(file, Device.cpu(), threads);
    }

    /** One turn: every way once, then the JPEG files. */
    private String round(TrainedNet narrow, TrainedNet wide) throws Exception {
        List<String> batches = new ArrayList<>();
        for (int batch : new int[] {1, 2, 4, 8, 16}) {
            batches.add(
                    "\"%d on each of %d threads\": %.2f"
                            .formatted(batch, threads, speed(narrow, threads, batch, false)));
        }
        for (int batch : new int[] {4, 8, 16, 32}) {
            batches.add(
                    "\"%d on %d threads\": %.2f"
                            .formatted(batch, threads, speed(wide, 1, batch, false)));
        }
        String jpeg =
                jpegs.isEmpty()
                        ? ""
                        : ", \"jpeg\": %.2f".formatted(speed(narrow, threads, 4, true));
        return "{\"batches\": {" + String.join(", ", batches) + "}" + jpeg + "}";
    }

    /** Images a second of some callers at once. */
    private double speed(TrainedNet net, int callers, int batch, boolean decode)
            throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(callers);
        try {
            long end = System.nanoTime() + (long) (seconds * 1e9);
            List<Future<Double>> all = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                Callable<Double> caller = () -> call(net, batch, decode, end);
                all.add(pool.submit(caller));
            }
            double sum = 0;
            for (Future<Double> one : all) {
                sum += one.get();
            }
            return sum;
        } finally {
            pool.shutdown();
        }
    }

    private double call(TrainedNet net, int batch, boolean decode, long end) throws Exception {
        Preprocessing shape = net.description().preprocessing();
        int values = shape.channels() * shape.height() * shape.width();
        FloatBuffer images =
                ByteBuffer.allocateDirect(batch * values * Float.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer();
        Random random = new Random(0);
        for (int i = 0; i < images.capacity(); i++) {
            images.put(i, random.nextFloat());
        }
        net.logits(images, new Shape(batch, shape.channels(), shape.height(), shape.width())); // plans memory
        long start = System.nanoTime();
        int count = 0;
        while (System.nanoTime() < end) {
            for (int i = 0; decode && i < batch; i++) {
                byte[] jpeg = jpegs.get((count + i) % jpegs.size());
                Pixels pixels = Pixels.decode(jpeg, "image", LIMITS);
                images.put(i * values, net.description().input(pixels));
            }
            net.logits(images, new Shape(batch, shape.channels(), shape.height(), shape.width()));
            count += batch;
        }
        return count / ((System.nanoTime() - start) / 1e9);
    }
}
