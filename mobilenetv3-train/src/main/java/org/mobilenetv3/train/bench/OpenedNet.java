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
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.export.ExportFormat;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.GraphRunner;
import org.mobilenetv3.graph.Passes;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.VectorModule;
import org.mobilenetv3.trained.GraphNet;
import org.mobilenetv3.trained.InferenceGraph;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.NetEngine;
import org.mobilenetv3.trained.TrainedNet;

/** Our net opened as {@code predict} opens it, on one of its engines. */
final class OpenedNet implements Implementation {

    /** Makes the net that is measured of a net with random weights. */
    private interface Opener {
        TrainedNet open(NetDescription description, MobileNetV3 block) throws IOException;
    }

    private final String name;
    private final Supplier<String> engine;
    private final Opener opener;
    private final BenchCase work;
    private TrainedNet net;
    private FloatBuffer images;
    private Shape shape;

    private OpenedNet(String name, Supplier<String> engine, Opener opener, BenchCase work) {
        this.name = name;
        this.engine = engine;
        this.opener = opener;
        this.work = work;
    }

    /** The net exported to a file. */
    static OpenedNet exported(ExportFormat format, int threads, BenchCase work) {
        return new OpenedNet(
                "ours exported to " + format,
                format::runtime,
                (description, block) -> exported(format, description, block, threads),
                work);
    }

    private static TrainedNet exported(
            ExportFormat format, NetDescription description, MobileNetV3 block, int threads)
            throws IOException {
        Path file = Files.createTempFile("bench", format.extension());
        try {
            Graph graph = Passes.forInference(InferenceGraph.trace(description, block, null));
            Files.write(file, format.write(graph, description, false));
            return TrainedNet.open(file, Device.cpu(), threads);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** The net on the vector engine. */
    static OpenedNet vector(GraphRunner.Provider provider, int threads, BenchCase work) {
        return new OpenedNet(
                "ours, " + NetEngine.VECTOR,
                () ->
                        "Java "
                                + Runtime.version().feature()
                                + (VectorModule.load() ? ", vectors" : ", no vectors"),
                (description, block) -> GraphNet.of(description, block, threads, provider),
                work);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String engine() {
        return engine.get();
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
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 224, 224));
            List<String> classes =
                    IntStream.range(0, work.classes()).mapToObj(Integer::toString).toList();
            Preprocessing input =
                    new Preprocessing(work.pixels(), work.pixels(), Normalization.unit(3));
            net =
                    opener.open(
                            new NetDescription(
                                    work.architecture(), input, false, classes, Map.of()),
                            block);
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
