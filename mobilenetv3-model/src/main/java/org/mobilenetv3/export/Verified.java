package org.mobilenetv3.export;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.apache.commons.io.function.IOConsumer;
import org.apache.commons.io.function.IOFunction;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.Task;
import org.mobilenetv3.export.ExportReport.Difference;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.trained.NetWithWeights;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;

/** Writes files that are compared with the net they were made of before they take their place. */
final class Verified {

    /** The largest difference allowed, as a share of the largest logit. */
    static final double TOLERANCE = 1e-4;

    private static final int[] BATCHES = {1, 3};

    private Verified() {}

    /**
     * Writes a file, opens it and compares what it answers.
     *
     * @param target the file to make or to replace
     * @param net what it must answer
     * @param writer makes the file
     * @param opener opens it again
     * @return how far the answers are apart
     * @throws IOException if it cannot be written or answers otherwise; what stood at the target
     *     then stays
     */
    static Difference write(
            Path target,
            NetWithWeights net,
            IOConsumer<Path> writer,
            IOFunction<Path, TrainedNet> opener)
            throws IOException {
        if (Files.isDirectory(target)) {
            throw new IllegalArgumentException(
                    "%s is a directory; give the name of a file.".formatted(target));
        }
        withoutGraph(net);
        return WholeFile.make(
                target,
                beside -> {
                    writer.accept(beside);
                    try (TrainedNet written = opener.apply(beside)) {
                        withoutGraph(written);
                        return verify(net, written, target);
                    }
                });
    }

    /** Lets libtorch compute operation by operation: what is to be checked is the graph. */
    private static void withoutGraph(TrainedNet net) {
        if (net instanceof PackageNet libtorchs) {
            libtorchs.setExecution(Execution.EAGER);
        }
    }

    /** Compares two batch sizes of two image sizes, the other not square. */
    private static Difference verify(NetWithWeights net, TrainedNet written, Path target)
            throws IOException {
        int height = net.description().preprocessing().height();
        int width = net.description().preprocessing().width();
        Difference difference = Difference.NONE;
        for (int batch : BATCHES) {
            difference = compare(net, written, batch, height, width, difference);
            if (net.description().architecture().task() != Task.DETECT) { // any size but those
                difference = compare(net, written, batch, height + 32, width + 16, difference);
            }
        }
        if (!(difference.relative() <= TOLERANCE)) { // NaN is refused as well
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "The written file produces different logits from %s (off by %.2g, %.2g of the largest where %s is allowed), so %s was not written.",
                            net.description().architecture().name(),
                            difference.absolute(),
                            difference.relative(),
                            TOLERANCE,
                            target));
        }
        return difference;
    }

    private static Difference compare(
            NetWithWeights net, TrainedNet written, int n, int h, int w, Difference soFar)
            throws IOException {
        Normalization expected = written.description().inputNormalization();
        float[] mean = expected.mean();
        float[] std = expected.std();
        int c = expected.channels();
        FloatBuffer raw = floats(n * c * h * w);
        FloatBuffer fed = floats(n * c * h * w);
        Random random = new Random(31L * n + h);
        for (int i = 0; i < raw.capacity(); i++) {
            int channel = i / (h * w) % c;
            float pixel = random.nextFloat();
            raw.put(i, pixel);
            fed.put(i, (pixel - mean[channel]) / std[channel]);
        }
        Shape shape = new Shape(n, c, h, w);
        return soFar.and(net.logits(raw, shape), written.logits(fed, shape));
    }

    private static FloatBuffer floats(int count) {
        return ByteBuffer.allocateDirect(count * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }
}
