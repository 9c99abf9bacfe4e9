package org.mobilenetv3.train.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.TrainedNet;

/** Our net exported to a file and opened as {@code predict} opens it. */
final class ExportedFile implements Implementation {

    private final ExportFormat format;
    private final int threads;
    private final BenchCase work;
    private TrainedNet net;
    private FloatBuffer images;
    private Shape shape;

    ExportedFile(ExportFormat format, int threads, BenchCase work) {
        this.format = format;
        this.threads = threads;
        this.work = work;
    }

    @Override
    public String name() {
        return "ours exported to " + format;
    }

    @Override
    public String engine() {
        return format.runtime();
    }

    @Override
    public boolean ours() {
        return true;
    }

    @Override
    public boolean full() {
        return true;
    }

    @Override
    public Optional<String> prepare() throws IOException {
        MobileNetV3 block = MobileNetV3.of(work.architecture());
        Path file = Files.createTempFile("bench", format.extension());
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            Shape traced = new Shape(1, 3, 224, 224);
            block.initialize(manager, DataType.FLOAT32, traced);
            List<String> classes =
                    IntStream.range(0, work.classes()).mapToObj(Integer::toString).toList();
            Preprocessing input =
                    new Preprocessing(work.pixels(), work.pixels(), Normalization.unit(3));
            NetDescription description =
                    new NetDescription(work.architecture(), input, false, classes, Map.of());
            Graph graph = Passes.forInference(Graph.trace(block, traced));
            Files.write(file, format.write(graph, description, false));
            net = TrainedNet.open(file, Device.cpu(), threads);
        } finally {
            Files.deleteIfExists(file);
        }
        shape = new Shape(work.batch(), 3, work.pixels(), work.pixels());
        int values = Math.toIntExact(shape.size());
        images =
                ByteBuffer.allocateDirect(values * Float.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer();
        Random random = new Random(0);
        for (int i = 0; i < values; i++) {
            images.put(i, (float) random.nextGaussian());
        }
        return Optional.empty();
    }

    @Override
    public double run(int steps) throws IOException {
        long start = System.nanoTime();
        for (int i = 0; i < steps; i++) {
            float[] logits = net.logits(images, shape);
            if (!Float.isFinite(logits[0])) {
                throw new IllegalStateException("The first logit is " + logits[0] + ".");
            }
        }
        return (System.nanoTime() - start) / 1e6 / steps;
    }

    @Override
    public void close() {
        if (net != null) {
            net.close();
            net = null;
        }
    }
}
