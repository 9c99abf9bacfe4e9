import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.mobilenetv3.Task;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.trained.OnnxNet;
import org.mobilenetv3.trained.TrainedNet;

/**
 * The Java side of bench/scenes.py: an exported net that detects or segments, in ONNX Runtime.
 *
 * <pre>java -cp ... bench/SceneSpeed.java FILE.onnx SIDE THREADS</pre>
 *
 * Prints the runtime and what it found in the image, then answers each line on standard input with
 * milliseconds: {@code net STEPS} (a tensor in, all outputs read) or {@code whole STEPS} (pixels in,
 * objects or a mask out).
 */
class SceneSpeed {

    public static void main(String[] args) throws Exception {
        int side = Integer.parseInt(args[1]);
        BufferedReader turns = new BufferedReader(new InputStreamReader(System.in));
        try (TrainedNet net = TrainedNet.open(Path.of(args[0]), Device.cpu(), Integer.parseInt(args[2]))) {
            boolean detects = net.description().architecture().task() == Task.DETECT;
            Pixels image = image(side);
            Shape shape = new Shape(1, 3, side, side);
            FloatBuffer input = input(image);
            System.out.printf("ONNX Runtime %s|%s%n", OnnxNet.version(), found(net, image, detects));
            for (String line = turns.readLine(); line != null; line = turns.readLine()) {
                String[] turn = line.split(" ");
                boolean whole = turn[0].equals("whole");
                int steps = Integer.parseInt(turn[1]);
                long start = System.nanoTime();
                for (int i = 0; i < steps; i++) {
                    if (!whole) {
                        net.logits(input, shape);
                    } else if (detects) {
                        net.detect(image);
                    } else {
                        net.mask(image);
                    }
                }
                System.out.printf(Locale.ROOT, "%.4f%n", (System.nanoTime() - start) / 1e6 / steps);
            }
        }
    }

    /** What Python makes, too. */
    private static Pixels image(int side) {
        byte[] samples = new byte[3 * side * side];
        for (long i = 0; i < samples.length; i++) {
            samples[(int) i] = (byte) ((i * 2654435761L ^ i * 40503 >> 3) >> 13);
        }
        return new Pixels(samples, 3, side, side);
    }

    private static FloatBuffer input(Pixels image) {
        float[] values = new float[image.data().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (image.data()[i] & 255) / 255f;
        }
        return ByteBuffer.allocateDirect(values.length * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer()
                .put(values)
                .flip();
    }

    private static String found(TrainedNet net, Pixels image, boolean detects) throws Exception {
        if (detects) {
            return net.detect(image).size() + " objects";
        }
        byte[] classes = net.mask(image).classes().clone();
        Arrays.sort(classes);
        int kinds = 1;
        for (int i = 1; i < classes.length; i++) {
            kinds += classes[i] == classes[i - 1] ? 0 : 1;
        }
        return kinds + " classes";
    }
}
