package org.mobilenetv3.train.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.mobilenetv3.train.data.augment.SplitMix;

/**
 * Makes batches on worker threads, a few ahead of the consumer and in order. What is random depends
 * on the seed, the epoch and the image, or the batch's number where it is mixed, so batches are the
 * same for any number of threads and when an epoch is resumed.
 *
 * @param <B> what a batch holds
 */
public abstract class Loader<B extends ImageBatch> implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** Key of the order, beside the images' indices. */
    private static final long ORDER = -1;

    private final int size;
    private final Options options;
    private final BufferPool pool;
    private final ExecutorService workers;
    private EpochIterator<B> current;
    private boolean closed;

    /**
     * How batches are made.
     *
     * @param batchSize images in a batch
     * @param shuffle whether each epoch has its own order; for training
     * @param seed what order and augmentation follow from
     * @param threads that make batches
     * @param prefetch finished batches that may wait for the consumer
     */
    public record Options(int batchSize, boolean shuffle, long seed, int threads, int prefetch) {

        /**
         * Refuses what cannot be.
         *
         * @throws IllegalArgumentException names the value
         */
        public Options {
            requirePositive("batch size", batchSize);
            requirePositive("number of loader threads", threads);
            requirePositive("number of prefetched batches", prefetch);
        }

        private static void requirePositive(String what, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(
                        "The " + what + " is " + value + "; give at least 1.");
            }
        }
    }

    /**
     * Prepares; threads start with the first epoch.
     *
     * @param size images of an epoch
     * @param length values of an image
     * @param options how batches are made
     */
    protected Loader(int size, int length, Options options) {
        if (size < (options.shuffle ? 2 : 1)) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "A loader was given %d images; give at least %d.",
                            size,
                            options.shuffle ? 2 : 1));
        }
        this.size = size;
        this.options = options;
        pool = BufferPool.forBatches(Math.min(options.batchSize, size), length);
        workers = workers(options.threads);
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

    /** What is iterated, for people. */
    protected abstract String name();

    /**
     * Makes a batch.
     *
     * @param memory for its images; the batch takes it over
     * @param epoch of the batch
     * @param number of the batch in the epoch
     * @param indices of its images
     * @return the batch
     */
    protected abstract B make(ImageBatch.Memory memory, int epoch, int number, int[] indices);

    /** What order and augmentation follow from. */
    protected long seed() {
        return options.seed;
    }

    /** How many batches an epoch has. */
    public int batches() {
        return (images() + options.batchSize - 1) / options.batchSize;
    }

    /** How many images an epoch has: all, less a last batch of one image when shuffled. */
    public int images() {
        boolean single = options.shuffle && options.batchSize > 1 && size % options.batchSize == 1;
        return single ? size - 1 : size;
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
    public Iterable<B> epoch(int epoch) {
        return epoch(epoch, 0);
    }

    /** The batches of {@link #epoch(int)} without the first {@code skipped}. */
    public Iterable<B> epoch(int epoch, int skipped) {
        return () -> start(epoch, skipped);
    }

    private synchronized EpochIterator<B> start(int epoch, int skipped) {
        if (closed) {
            throw new IllegalStateException(
                    "The loader of '" + name() + "' is closed; build another.");
        }
        if (current != null) {
            current.abandon();
        }
        int[] order = order(epoch);
        current =
                new EpochIterator<>(
                        batches() - skipped,
                        options.threads + options.prefetch,
                        workers,
                        batch -> make(epoch, order, skipped + batch));
        return current;
    }

    private int[] order(int epoch) {
        int[] order = IntStream.range(0, size).toArray();
        if (options.shuffle) {
            SplitMix.of(options.seed, epoch, ORDER).shuffle(order);
        }
        return order;
    }

    private B make(int epoch, int[] order, int number) {
        int first = number * options.batchSize;
        int[] indices =
                Arrays.copyOfRange(order, first, Math.min(first + options.batchSize, images()));
        ByteBuffer buffer = pool.acquire();
        try {
            return make(new ImageBatch.Memory(pool, buffer), epoch, number, indices);
        } catch (RuntimeException | Error e) {
            pool.release(buffer);
            throw e;
        }
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
}
