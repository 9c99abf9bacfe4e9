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
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.mobilenetv3.export.ExportedNet;
import org.mobilenetv3.image.ImageLimits;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.zoo.Preprocessing;

/**
 * What the engine of the server can do without HTTP: images a second of an exported file by batch
 * size, and from JPEG files on with as many decoding threads as the engine has.
 *
 * <pre>java -cp ... bench/EngineSpeed.java FILE.onnx THREADS SECONDS [JPEG...]</pre>
 *
 * Each line on standard input ends a pause and gets one line of JSON, so that a caller can let it
 * take turns with a server. SECONDS are for each batch size.
 */
class EngineSpeed {

    private static final int[] BATCHES = {1, 2, 4, 8, 16, 32};
    private static final ImageLimits LIMITS = new ImageLimits(50_000_000, Duration.ofSeconds(5));

    private final ExportedNet net;
    private final Preprocessing shape;
    private final FloatBuffer images;
    private final int threads;
    private final double seconds;
    private final List<byte[]> files = new ArrayList<>();

    EngineSpeed(ExportedNet net, int threads, double seconds) {
        this.net = net;
        this.shape = net.description().preprocessing();
        this.threads = threads;
        this.seconds = seconds;
        int values = shape.channels() * shape.height() * shape.width();
        this.images =
                ByteBuffer.allocateDirect(32 * values * Float.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer();
        Random random = new Random(0);
        for (int i = 0; i < images.capacity(); i++) {
            images.put(i, random.nextFloat());
        }
    }

    public static void main(String[] args) throws Exception {
        int threads = Integer.parseInt(args[1]);
        try (ExportedNet net = ExportedNet.open(Path.of(args[0]), threads)) {
            EngineSpeed speed = new EngineSpeed(net, threads, Double.parseDouble(args[2]));
            for (String file : Arrays.copyOfRange(args, 3, args.length)) {
                speed.files.add(Files.readAllBytes(Path.of(file)));
            }
            BufferedReader turns = new BufferedReader(new InputStreamReader(System.in));
            System.out.println("{\"ready\": true}");
            while (turns.readLine() != null) {
                System.out.println(speed.round());
            }
        }
    }

    /** One turn: every batch size once, then the JPEG files with the best one. */
    private String round() throws Exception {
        StringBuilder json = new StringBuilder("{\"batches\": {");
        int best = 1;
        double most = 0;
        for (int batch : BATCHES) {
            double speed = speed(batch);
            if (speed > most) {
                most = speed;
                best = batch;
            }
            json.append("\"%d\": %.2f, ".formatted(batch, speed));
        }
        json.setLength(json.length() - 2);
        json.append("}, \"best_batch\": %d, \"best\": %.2f".formatted(best, most));
        if (!files.isEmpty()) {
            json.append(", \"jpeg\": %.2f".formatted(fromFiles(best)));
        }
        return json.append('}').toString();
    }

    private float[] logits(int batch) throws Exception {
        images.position(0).limit(batch * shape.channels() * shape.height() * shape.width());
        return net.logits(images, batch, shape.channels(), shape.height(), shape.width());
    }

    private double speed(int batch) throws Exception {
        logits(batch); // plans its memory for this size
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        long count = 0;
        while (System.nanoTime() < end) {
            count += logits(batch).length / net.description().classes().size();
        }
        return count / ((System.nanoTime() - start) / 1e9);
    }

    /**
     * Decoding threads fill a queue from which the engine takes its batches, as the server does.
     */
    private double fromFiles(int batch) throws Exception {
        BlockingQueue<float[]> queue = new ArrayBlockingQueue<>(2 * batch + threads);
        List<Thread> decoders = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int first = i;
            decoders.add(new Thread(() -> decode(queue, first), "decoder " + i));
        }
        decoders.forEach(Thread::start);
        try {
            consume(queue, batch); // fills the queue
            long start = System.nanoTime();
            long end = start + (long) (seconds * 1e9);
            long count = 0;
            while (System.nanoTime() < end) {
                count += consume(queue, batch);
            }
            return count / ((System.nanoTime() - start) / 1e9);
        } finally {
            decoders.forEach(Thread::interrupt);
            for (Thread decoder : decoders) {
                decoder.join();
            }
        }
    }

    private int consume(BlockingQueue<float[]> queue, int batch) throws Exception {
        images.clear();
        for (int i = 0; i < batch; i++) {
            float[] image = queue.poll(30, TimeUnit.SECONDS);
            if (image == null) {
                throw new IllegalStateException("No image was decoded; see above.");
            }
            images.put(image);
        }
        return logits(batch).length / net.description().classes().size();
    }

    private void decode(BlockingQueue<float[]> queue, int first) {
        try {
            for (int i = first; ; i++) {
                byte[] file = files.get(i % files.size());
                queue.put(net.description().input(Pixels.decode(file, "image", LIMITS)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the turn is over
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
