package org.mobilenetv3.train.data;

import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.train.data.augment.Augmentation;
import org.mobilenetv3.train.data.augment.BatchMixing;
import org.mobilenetv3.train.data.augment.ImageRenderer;
import org.mobilenetv3.train.data.augment.SplitMix;

/**
 * Makes the batches of an {@link ImageSet} on worker threads, a few ahead of the consumer and in
 * order. What is random depends on the seed, the epoch and the image, or the batch's number where
 * it is mixed, so batches are the same for any number of threads and when an epoch is resumed.
 */
public final class BatchLoader implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    // Keys of what is random, beside the images' indices.
    private static final long ORDER = -1;
    private static final long MIXING = -2;

    private final ImageSet set;
    private final int batchSize;
    private final boolean shuffle;
    private final long seed;
    private final int ahead;
    private final Augmentation augmentation;
    private final ImageRenderer renderer;
    private final int length;
    private final BufferPool pool;
    private final ExecutorService workers;
    private EpochIterator current;
    private boolean closed;

    BatchLoader(Builder builder) {
        set = builder.set;
        batchSize = builder.batchSize;
        shuffle = builder.shuffle;
        seed = builder.seed;
        ahead = builder.threads + builder.prefetch;
        augmentation = builder.augmentation;
        renderer =
                new ImageRenderer(
                        set.channels(), builder.normalization, augmentation, builder.erased);
        length = set.channels() * set.height() * set.width();
        pool = BufferPool.forBatches(Math.min(batchSize, set.size()), length);
        workers = workers(builder.threads);
    }

    /** Daemons that end when they have nothing to do. */
    static ExecutorService workers(int threads) {
        int loader = NUMBER.incrementAndGet();
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        10,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        task -> {
                            String name = "batch-loader-" + loader + "-" + number.incrementAndGet();
                            Thread thread = new Thread(task, name);
                            thread.setDaemon(true);
                            return thread;
                        });
        executor.allowCoreThreadTimeOut(true); // a loader that is never closed keeps none
        return executor;
    }

    /** Starts the description of a loader. */
    public static Builder builder() {
        return new Builder();
    }

    /** The images it reads. */
    public ImageSet set() {
        return set;
    }

    /** How many batches an epoch has. */
    public int batches() {
        return (images() + batchSize - 1) / batchSize;
    }

    /** How many images an epoch has: all, less a last batch of one image when shuffled. */
    public int images() {
        boolean single = shuffle && batchSize > 1 && set.size() % batchSize == 1;
        return single ? set.size() - 1 : set.size();
    }

    /**
     * The batches of one epoch, in an order that follows from the seed and {@code epoch} if
     * shuffled. A last, smaller batch is kept, but not one of a single image when shuffled: batch
     * normalization needs two. Iterating again starts the epoch again and ends the iteration before
     * it; an iteration may be left at any point.
     *
     * @throws IllegalStateException from the iterator, if the loader is closed, a newer iteration
     *     has begun, or a worker failed (its exception is the cause)
     */
    public Iterable<Batch> epoch(int epoch) {
        return epoch(epoch, 0);
    }

    /** The batches of {@link #epoch(int)} without the first {@code skipped}. */
    public Iterable<Batch> epoch(int epoch, int skipped) {
        return () -> start(epoch, skipped);
    }

    private synchronized EpochIterator start(int epoch, int skipped) {
        if (closed) {
            throw new IllegalStateException(
                    "The loader of '" + set.name() + "' is closed; build another.");
        }
        if (current != null) {
            current.abandon();
        }
        int[] order = order(epoch);
        current =
                new EpochIterator(
                        batches() - skipped,
                        ahead,
                        workers,
                        batch -> make(epoch, order, skipped + batch));
        return current;
    }

    private int[] order(int epoch) {
        int[] order = IntStream.range(0, set.size()).toArray();
        if (shuffle) {
            SplitMix.of(seed, epoch, ORDER).shuffle(order);
        }
        return order;
    }

    private Batch make(int epoch, int[] order, int number) {
        int first = number * batchSize;
        int[] indices = Arrays.copyOfRange(order, first, Math.min(first + batchSize, images()));
        long[] labels = new long[indices.length];
        BatchMixing mixing =
                BatchMixing.draw(
                        augmentation,
                        SplitMix.of(seed, epoch, MIXING, number),
                        set.height(),
                        set.width());
        ByteBuffer buffer = pool.acquire();
        try {
            FloatBuffer floats = buffer.asFloatBuffer();
            float[] image = new float[length];
            for (int i = 0; i < indices.length; i++) {
                renderer.render(set.image(indices[i]), SplitMix.of(seed, epoch, indices[i]), image);
                floats.put(i * image.length, image);
                labels[i] = set.labels()[indices[i]];
            }
            mixing.apply(floats, indices.length, image.length, set.height(), set.width());
        } catch (RuntimeException | Error e) {
            pool.release(buffer);
            throw e;
        }
        Shape shape = new Shape(indices.length, set.channels(), set.height(), set.width());
        return new Batch(pool, buffer, shape, labels, mixing, indices);
    }

    /** How many batch buffers were ever allocated. */
    int buffersMade() {
        return pool.made();
    }

    /** Ends the workers and the iteration; batches that were handed out stay valid. */
    @Override
    public synchronized void close() {
        closed = true;
        if (current != null) {
            current.abandon();
        }
        workers.shutdown();
        pool.clear();
    }

    /** Describes a loader; the set and the batch size are required. */
    public static final class Builder {
        private ImageSet set;
        private int batchSize;
        private Normalization normalization;
        private Augmentation augmentation = Augmentation.NONE;
        private float[] erased;
        private boolean shuffle;
        private long seed;
        private int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        private int prefetch = 2;

        private Builder() {}

        /** The images. */
        public Builder setSet(ImageSet imageSet) {
            set = imageSet;
            return this;
        }

        /** How many images a batch has. */
        public Builder setBatchSize(int images) {
            batchSize = images;
            return this;
        }

        /** How samples become floats (default {@link Normalization#unit}). */
        public Builder optNormalization(Normalization values) {
            normalization = values;
            return this;
        }

        /** What is done at random to images and batches (default nothing). */
        public Builder optAugmentation(Augmentation kind) {
            augmentation = kind;
            return this;
        }

        /**
         * What random erasing and cutout leave, one value for each channel (default 0): the mean
         * for a net that normalizes by itself.
         */
        public Builder optErased(float... color) {
            erased = color.clone();
            return this;
        }

        /** Whether each epoch has its own order (default no); for training. */
        public Builder optShuffle(boolean on) {
            shuffle = on;
            return this;
        }

        /** What order and augmentation follow from (default 0). */
        public Builder optSeed(long value) {
            seed = value;
            return this;
        }

        /** How many worker threads (default half the processors). */
        public Builder optThreads(int count) {
            threads = count;
            return this;
        }

        /** How many finished batches may wait for the consumer (default 2). */
        public Builder optPrefetch(int batches) {
            prefetch = batches;
            return this;
        }

        /**
         * Makes the loader; threads start with the first epoch.
         *
         * @throws IllegalArgumentException if something required is missing or a value does not fit
         */
        public BatchLoader build() {
            if (set == null || set.size() < (shuffle ? 2 : 1)) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "A loader was given %s; give an image set of at least %d.",
                                set == null ? "no images" : set,
                                shuffle ? 2 : 1));
            }
            requirePositive("batch size", batchSize);
            requirePositive("number of loader threads", threads);
            requirePositive("number of prefetched batches", prefetch);
            return new BatchLoader(this);
        }

        private static void requirePositive(String what, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(
                        "The " + what + " is " + value + "; give at least 1.");
            }
        }
    }
}
