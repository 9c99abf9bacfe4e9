import org.mobilenetv3.export.int8.CalibrationImages;
import org.mobilenetv3.Presets;
import org.mobilenetv3.export.int8.Int8Exporter;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;
import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.export.Exporter;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.preprocessing.Preprocessing;

/**
 * Speed of int8 exports beside that of float exports, in ONNX Runtime on one thread, turn by turn in
 * one run. Weights are untrained and images noise, which the speed does not depend on.
 *
 * <pre>java -cp ... bench/Int8Speed.java [SIZE [ROUNDS]]     (docs/export.md)</pre>
 */
class Int8Speed {

    private static final double SECONDS = 0.3;
    private static final Random RANDOM = new Random(1);

    public static void main(String[] args) throws Exception {
        int size = args.length > 0 ? Integer.parseInt(args[0]) : 224;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 15;
        TorchRuntime.start();
        Path scratch = Files.createTempDirectory("int8-speed");
        for (int i = 0; i < 12; i++) {
            noise(scratch.resolve(i + ".png"), size);
        }
        for (var config : List.of(Presets.of("mobilenet_v3_large"), Presets.of("mobilenet_v3_small"))) {
            Path floats = scratch.resolve("float.onnx");
            Path int8 = scratch.resolve("int8.onnx");
            export(config, size, scratch, floats, int8);
            for (int batch : List.of(1, 16)) {
                measure(config, size, batch, rounds, floats, int8);
            }
        }
        try (Stream<Path> made = Files.walk(scratch)) {
            made.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }

    private static void export(
            Architecture config, int size, Path scratch, Path floats, Path int8)
            throws Exception {
        Normalization normalization = Normalization.IMAGENET;
        Path directory = scratch.resolve("package");
        List<String> classes = IntStream.range(0, config.classes()).mapToObj(i -> "n" + i).toList();
        try (Model model = Model.newInstance("net", "PyTorch")) {
            MobileNetV3 net = MobileNetV3.of(config, normalization);
            model.setBlock(net);
            net.initialize(
                    model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, size, size));
            ModelPackage.save(
                    directory,
                    model,
                    new NetDescription(config, new Preprocessing(size, size, normalization), true, classes, Map.of()),
                    ModelPackage.Extra.NONE);
        }
        try (PackageNet net = PackageNet.open(directory, Device.cpu())) {
            new Exporter(ExportFormat.ONNX, true, false).export(net, floats);
            new Int8Exporter(true, 100)
                    .export(net, CalibrationImages.in(scratch, classes), int8);
        }
    }

    private static void measure(
            Architecture config, int size, int batch, int rounds, Path floats, Path int8)
            throws Exception {
        try (TrainedNet first = TrainedNet.open(floats, Device.cpu(), 1);
                TrainedNet second = TrainedNet.open(int8, Device.cpu(), 1)) {
            TrainedNet[] nets = {first, second};
            FloatBuffer images = images(batch, size);
            double[][] times = new double[2][rounds];
            int[] steps = new int[2];
            for (int i = 0; i < 2; i++) {
                run(nets[i], images, batch, size, 2);
                double one = run(nets[i], images, batch, size, 3);
                steps[i] = (int) Math.max(1, SECONDS * 1e3 / one);
            }
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < 2; i++) {
                    times[i][round] = run(nets[i], images, batch, size, steps[i]);
                }
            }
            Arrays.sort(times[0]);
            Arrays.sort(times[1]);
            System.out.printf(
                    "%s %d b%d: float %s, int8 %s: int8 is %.2f times as fast%n",
                    config.name(),
                    size,
                    batch,
                    text(times[0]),
                    text(times[1]),
                    times[0][rounds / 2] / times[1][rounds / 2]);
        }
    }

    private static String text(double[] sorted) {
        return "%.2f ms (%.2f-%.2f)"
                .formatted(sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
    }

    private static double run(TrainedNet net, FloatBuffer images, int batch, int size, int steps)
            throws Exception {
        long start = System.nanoTime();
        for (int i = 0; i < steps; i++) {
            net.logits(images, new Shape(batch, 3, size, size));
        }
        return (System.nanoTime() - start) / 1e6 / steps;
    }

    private static FloatBuffer images(int batch, int size) {
        int values = batch * 3 * size * size;
        FloatBuffer images =
                ByteBuffer.allocateDirect(values * Float.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer();
        for (int i = 0; i < values; i++) {
            images.put(i, RANDOM.nextFloat());
        }
        return images;
    }

    private static void noise(Path file, int size) throws Exception {
        BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < size * size; i++) {
            image.setRGB(i % size, i / size, RANDOM.nextInt(1 << 24));
        }
        ImageIO.write(image, "png", file.toFile());
    }
}
