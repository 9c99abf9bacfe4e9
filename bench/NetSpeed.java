import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.cli.ArchOption;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.LayerCost;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.torchscript.CompiledNet;
import org.mobilenetv3.train.DjlNets;
import org.mobilenetv3.train.StartingPoint;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.TrainedNet;

/**
 * Nets in turns: each round runs every net for a while; printed are the medians over the rounds and their ratio to the
 * first net's. Weights are untrained and images noise, which the speed does not depend on.
 *
 * <pre>java -cp ... bench/NetSpeed.java MODE SIZE CHANNELS CLASSES BATCH THREADS ROUNDS NET...</pre>
 *
 * MODE is infer (compiled, libtorch), onnx (ONNX Runtime) or train (loss and gradients, compiled). NET is a name of
 * 'architectures', a JSON file, a package, or djl:mobilenet_v2. Below 64 pixels, named nets have stem stride 1.
 */
class NetSpeed {

    private static final double SECONDS = 0.4;

    private interface Step {
        void run() throws Exception;
    }

    private record Net(String name, Block block, Architecture architecture, long macs, long parameters) {}

    public static void main(String[] args) throws Exception {
        String mode = args[0];
        int size = Integer.parseInt(args[1]);
        int channels = Integer.parseInt(args[2]);
        int classes = Integer.parseInt(args[3]);
        int batch = Integer.parseInt(args[4]);
        int threads = Integer.parseInt(args[5]);
        int rounds = Integer.parseInt(args[6]);
        TorchRuntime.start(threads);
        JniUtils.setGradMode(false);
        Shape one = new Shape(1, channels, size, size);
        List<Net> nets = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            for (String name : Arrays.asList(args).subList(7, args.length)) {
                Net net = net(name, one, classes, manager);
                net.block.initialize(manager, DataType.FLOAT32, one);
                nets.add(net);
                steps.add(step(mode, net, manager, new Shape(batch, channels, size, size), classes, threads));
            }
            double[][] times = new double[nets.size()][rounds];
            for (int round = -1; round < rounds; round++) {
                for (int i = 0; i < times.length; i++) {
                    double time = time(steps.get(i));
                    if (round >= 0) {
                        times[i][round] = time;
                    }
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "%s, %dx%dx%d, batch %d, %d threads, %d rounds%n",
                    mode, channels, size, size, batch, threads, rounds);
            for (int i = 0; i < times.length; i++) {
                System.out.printf(
                        Locale.ROOT,
                        "%-44s %,10d parameters %,12d multiply-adds %9.3f ms (%.3f to %.3f)  %.2f%n",
                        nets.get(i).name,
                        nets.get(i).parameters,
                        nets.get(i).macs,
                        median(times[i]),
                        Arrays.stream(times[i]).min().orElseThrow(),
                        Arrays.stream(times[i]).max().orElseThrow(),
                        median(times[i]) / median(times[0]));
            }
        }
    }

    private static Net net(String name, Shape one, int classes, NDManager manager) throws Exception {
        Block block;
        Architecture architecture = null;
        if (name.equals("djl:mobilenet_v2")) {
            block = DjlNets.mobileNetV2(classes, one.get(2) < 64 ? 1 : 2);
            block.initialize(manager, DataType.FLOAT32, one);
        } else {
            Path path = Path.of(name);
            architecture =
                    Files.isDirectory(path)
                            ? StartingPoint.read(path, null).architecture()
                            : ArchOption.read(name, null);
            if (one.get(2) < 64 && !Files.exists(path)) {
                architecture = architecture.withStemStride(1);
            }
            architecture = architecture.withClasses(classes).withInputChannels((int) one.get(1));
            block = MobileNetV3.of(architecture);
        }
        List<LayerCost> cost = Graph.trace(block, one).cost();
        return new Net(
                name,
                block,
                architecture,
                cost.stream().mapToLong(LayerCost::multiplyAdds).sum(),
                cost.stream().mapToLong(LayerCost::parameters).sum());
    }

    private static Step step(
            String mode, Net net, NDManager manager, Shape shape, int classes, int threads) throws Exception {
        if (mode.equals("onnx")) {
            return onnx(net, shape, classes, threads);
        }
        NDArray x = manager.randomNormal(shape);
        NDArray targets = manager.full(new Shape(shape.get(0), classes), -1e-3f);
        CompiledNet compiled = new CompiledNet(net.block, null);
        return () -> {
            try (NDManager scope = manager.newSubManager()) {
                ParameterStore store = new ParameterStore(scope, false);
                NDArray input = x.duplicate();
                input.attach(scope);
                if (mode.equals("train")) {
                    compiled.learn(store, input, targets).loss().getFloat();
                } else {
                    compiled.forward(store, input, false).toFloatArray();
                }
            }
        };
    }

    private static Step onnx(Net net, Shape shape, int classes, int threads) throws Exception {
        Preprocessing input =
                new Preprocessing(
                        new Fit.CenterCrop((int) shape.get(2), (int) shape.get(3)),
                        Normalization.unit((int) shape.get(1)));
        NetDescription description =
                new NetDescription(
                        net.architecture == null
                                ? ArchOption.read("mobilenet_v2", null)
                                        .withClasses(classes)
                                        .withInputChannels((int) shape.get(1))
                                        .withStemStride(shape.get(2) < 64 ? 1 : 2)
                                : net.architecture,
                        input,
                        false,
                        NetDescription.numberedClasses(classes),
                        Map.of());
        long side = Math.max(224, shape.get(2));
        Graph graph = Passes.forInference(Graph.trace(net.block, new Shape(1, shape.get(1), side, side)));
        Path file = Files.createTempFile("speed", ".onnx");
        Files.write(file, ExportFormat.ONNX.write(graph, description, false));
        TrainedNet opened = TrainedNet.open(file, Device.cpu(), threads);
        Files.delete(file);
        FloatBuffer images =
                ByteBuffer.allocateDirect(Math.toIntExact(shape.size()) * Float.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer();
        for (int i = 0; i < images.capacity(); i++) {
            images.put(i, i * 7919 % 256 / 255f);
        }
        return () -> opened.logits(images, shape);
    }

    /** Milliseconds of one step. */
    private static double time(Step step) throws Exception {
        long start = System.nanoTime();
        long count = 0;
        do {
            step.run();
            count++;
        } while (System.nanoTime() - start < SECONDS * 1e9);
        return (System.nanoTime() - start) / 1e6 / count;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
