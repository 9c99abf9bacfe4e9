import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.GraphRunner;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.OnnxNet;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;
import org.mobilenetv3.vector.VectorProvider;

/**
 * The Java side of bench/vector.py.
 *
 * <pre>
 * VectorSpeed make NET DIRECTORY            a package of random weights, NET.onnx and NET.pt
 * VectorSpeed ENGINE NET DIRECTORY BATCH SIZE THREADS CALLERS
 * </pre>
 *
 * ENGINE is vector, onnxruntime or torchscript. It answers its name, then to each line, which holds
 * a number of predictions, the milliseconds of one: with several callers, each of which has so many to
 * do at the same time, of one of all of them.
 */
class VectorSpeed {

    private interface Step {
        Object run() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[2]);
        if (args[0].equals("make")) {
            make(args[1], directory);
            return;
        }
        int size = Integer.parseInt(args[4]);
        int threads = Integer.parseInt(args[5]);
        Shape shape = new Shape(Integer.parseInt(args[3]), 3, size, size);
        FloatBuffer input = input(shape);
        switch (args[0]) {
            case "vector" -> {
                Graph graph;
                try (PackageNet net =
                        PackageNet.open(directory.resolve(args[1]), Device.cpu())) {
                    graph = new Exporter(ExportFormat.ONNX, false, false).graph(net);
                    for (var weight : graph.weights()) {
                        weight.values().get();
                    }
                    try (GraphRunner runner = new VectorProvider().open(graph, threads)) {
                        answer("vector, JDK " + Runtime.version().feature(), args[6], () -> runner.run(input, shape));
                    }
                }
            }
            case "onnxruntime" -> {
                try (TrainedNet net = TrainedNet.open(directory.resolve(args[1] + ".onnx"), Device.cpu(), threads)) {
                    answer("ONNX Runtime " + OnnxNet.version() + ", Java", args[6], () -> net.logits(input, shape));
                }
            }
            default -> {
                TorchRuntime.start();
                try (TrainedNet net = TrainedNet.open(directory.resolve(args[1] + ".pt"), Device.cpu(), threads)) {
                    answer("TorchScript, libtorch " + Engine.getEngine("PyTorch").getVersion(), args[6], () -> net.logits(input, shape));
                }
            }
        }
    }

    private static FloatBuffer input(Shape shape) {
        FloatBuffer input =
                ByteBuffer.allocateDirect(Math.toIntExact(shape.size()) * Float.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer();
        Random random = new Random(1);
        while (input.hasRemaining()) {
            input.put((float) random.nextGaussian());
        }
        return input.flip();
    }

    private static void answer(String name, String callers, Step step) throws Exception {
        int count = Integer.parseInt(callers);
        ExecutorService pool = Executors.newFixedThreadPool(count);
        // Java's compiler, and whatever the libraries prepare.
        for (long until = System.nanoTime() + 4_000_000_000L; System.nanoTime() < until; ) {
            turn(pool, count, 3, step);
        }
        System.out.println(name);
        BufferedReader turns = new BufferedReader(new InputStreamReader(System.in));
        for (String line = turns.readLine(); line != null; line = turns.readLine()) {
            int each = Integer.parseInt(line);
            System.out.println(turn(pool, count, each, step) / each / count);
        }
        pool.shutdown();
    }

    private static double turn(ExecutorService pool, int callers, int each, Step step)
            throws Exception {
        long start = System.nanoTime();
        Future<?>[] all = new Future<?>[callers];
        for (int i = 0; i < callers; i++) {
            all[i] =
                    pool.submit(
                            () -> {
                                for (int k = 0; k < each; k++) {
                                    step.run();
                                }
                                return null;
                            });
        }
        for (Future<?> one : all) {
            one.get();
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private static void make(String name, Path directory) throws Exception {
        TorchRuntime.start();
        Engine.getEngine("PyTorch").setRandomSeed(1);
        Architecture net = Presets.of(name);
        Path saved = directory.resolve(name);
        try (Model model = Model.newInstance(name, Device.cpu(), "PyTorch")) {
            MobileNetV3 block = MobileNetV3.of(net, Normalization.IMAGENET);
            block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, 224, 224));
            Random random = new Random(7);
            for (var entry : block.getParameters()) {
                if (entry.getKey().contains("running_")) {
                    disturb(entry.getValue(), random);
                }
            }
            model.setBlock(block);
            Preprocessing input = new Preprocessing(224, 256, Normalization.IMAGENET);
            NetDescription description =
                    new NetDescription(net, input, true, NetDescription.numberedClasses(net.classes()), Map.of());
            ModelPackage.save(saved, model, description, ModelPackage.Extra.NONE);
        }
        for (ExportFormat format : ExportFormat.values()) {
            String file = name + (format == ExportFormat.ONNX ? ".onnx" : ".pt");
            new Exporter(format, false, false).export(saved, directory.resolve(file));
        }
        System.out.printf(Locale.ROOT, "%s%n", saved);
    }

    private static void disturb(Parameter parameter, Random random) {
        NDArray array = parameter.getArray();
        float[] values = array.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            values[i] += 0.2f * (random.nextFloat() - 0.5f);
        }
        array.set(values);
    }
}
