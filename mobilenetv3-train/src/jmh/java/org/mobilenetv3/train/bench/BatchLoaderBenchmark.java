package org.mobilenetv3.train.bench;

import java.util.concurrent.TimeUnit;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.augment.Augmentation;
import org.mobilenetv3.train.data.source.SyntheticShapes;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Images per second that one loader thread makes, shuffled, in batches of 128 at 32×32. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class BatchLoaderBenchmark {

    private static final int IMAGES = 12_800;

    /** What is done to each image. */
    public enum Kind {
        /** Nothing. */
        NONE(Augmentation.NONE),
        /** Crop with 4 zeros around, and flip. */
        CIFAR(Augmentation.CIFAR);

        private final Augmentation augmentation;

        Kind(Augmentation augmentation) {
            this.augmentation = augmentation;
        }
    }

    @Param private Kind augmentation;

    private BatchLoader loader;
    private int epoch;

    /** Draws the images and makes the loader. */
    @Setup
    public void make() {
        ImageSet images = SyntheticShapes.generate("jmh", IMAGES, 1);
        loader =
                BatchLoader.builder()
                        .setSet(images)
                        .setBatchSize(128)
                        .optShuffle(true)
                        .optThreads(1)
                        .optAugmentation(augmentation.augmentation)
                        .build();
    }

    /**
     * Makes an epoch.
     *
     * @return something that depends on every batch
     */
    @Benchmark
    @OperationsPerInvocation(IMAGES)
    public float epoch() {
        float sum = 0;
        for (Batch batch : loader.epoch(epoch++)) {
            try (batch) {
                sum += batch.pixels().getFloat(0);
            }
        }
        return sum;
    }

    /** Ends the loader's thread. */
    @TearDown
    public void close() {
        loader.close();
    }
}
