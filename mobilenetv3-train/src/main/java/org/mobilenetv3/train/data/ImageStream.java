package org.mobilenetv3.train.data;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.mobilenetv3.image.DecodingMemory;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.train.data.augment.BatchMixing;

/**
 * Makes batches of image files that are too many to keep: worker threads read, decode and resize
 * them while the consumer is busy, {@value #AHEAD} batches ahead. A batch holds the images of a
 * fixed range of files in their order, less those that cannot be read, so it may be empty.
 */
public final class ImageStream implements Iterator<Batch>, AutoCloseable {

    /** Batches that are made or wait, beside the one that the consumer has. */
    static final int AHEAD = 2;

    private final List<LabeledFile> files;
    private final Preprocessing input;
    private final Normalization scaling;
    private final int batchSize;
    private final Consumer<String> unreadable;
    private final int length;
    private final BufferPool pool;
    private final ExecutorService workers;
    private final DecodingMemory memory = new DecodingMemory(Runtime.getRuntime().maxMemory() / 4);
    private final Deque<Making> asked = new ArrayDeque<>();
    private int nextToAsk;
    private volatile boolean closed;

    /**
     * Starts reading.
     *
     * @param files the images
     * @param first where to begin
     * @param input how an image is brought to the net's size
     * @param scaling how its samples become floats
     * @param batchSize files in a batch
     * @param threads that read, at least 1
     * @param unreadable told a sentence about each file that cannot be read, in their order
     * @throws IllegalArgumentException if a batch would be too large, or empty
     */
    public ImageStream(
            List<LabeledFile> files,
            int first,
            Preprocessing input,
            Normalization scaling,
            int batchSize,
            int threads,
            Consumer<String> unreadable) {
        this.files = files;
        this.input = input;
        this.scaling = scaling;
        this.batchSize = batchSize;
        this.unreadable = unreadable;
        if (batchSize < 1) {
            throw new IllegalArgumentException(
                    "The batch size is " + batchSize + "; give at least 1.");
        }
        length = input.channels() * input.height() * input.width();
        pool = BufferPool.forBatches(Math.min(batchSize, files.size()), length);
        workers = Loader.workers(threads);
        nextToAsk = first;
        ask();
    }

    private void ask() {
        while (nextToAsk < files.size() && asked.size() < AHEAD) {
            asked.add(new Making(nextToAsk, Math.min(batchSize, files.size() - nextToAsk)));
            nextToAsk += batchSize;
        }
    }

    @Override
    public boolean hasNext() {
        return !asked.isEmpty();
    }

    /**
     * Waits for the next batch; close the one before it first.
     *
     * @throws IllegalStateException if a worker failed (its exception is the cause) or this thread
     *     was interrupted
     */
    @Override
    public Batch next() {
        if (asked.isEmpty()) {
            throw new NoSuchElementException("There are no images left.");
        }
        Making head = asked.remove();
        ask();
        try {
            return head.batch();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "The images from %s on could not be made ready (%s); see the cause."
                            .formatted(files.get(head.first).file(), e.getCause()),
                    e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Waiting for images was interrupted.", e);
        }
    }

    /** How many batches of images were ever in memory at once. */
    int batchesHeld() {
        return pool.made();
    }

    /** Ends the workers; batches that were handed out stay valid. */
    @Override
    public void close() {
        closed = true;
        asked.clear();
        workers.shutdownNow();
        pool.clear();
    }

    /** A batch in the making; its images are read side by side. */
    private final class Making {
        private final int first;
        private final ByteBuffer buffer = pool.acquire();
        private final String[] broken;
        private final CompletableFuture<Void> done;

        Making(int first, int count) {
            this.first = first;
            broken = new String[count];
            done =
                    CompletableFuture.allOf(
                            IntStream.range(0, count)
                                    .mapToObj(
                                            i -> CompletableFuture.runAsync(() -> make(i), workers))
                                    .toArray(CompletableFuture<?>[]::new));
        }

        private void make(int place) {
            if (closed) {
                return;
            }
            LabeledFile image = files.get(first + place);
            try (DecodingMemory.Share share = memory.share()) {
                float[] values = input.apply(Pixels.read(image.file(), share), scaling);
                buffer.asFloatBuffer().put(place * length, values);
            } catch (IOException e) {
                broken[place] = FileErrors.sentence(e);
            } catch (OutOfMemoryError e) {
                broken[place] = "'" + image.file() + "' is too large for Java's memory.";
            }
        }

        Batch batch() throws ExecutionException, InterruptedException {
            done.get();
            int[] places =
                    IntStream.range(0, broken.length).filter(i -> broken[i] == null).toArray();
            FloatBuffer floats = buffer.asFloatBuffer();
            for (int i = 0; i < places.length; i++) {
                if (places[i] != i) { // closes the gaps
                    floats.put(i * length, floats, places[i] * length, length);
                }
            }
            Arrays.stream(broken).filter(why -> why != null).forEach(unreadable);
            int[] indices = Arrays.stream(places).map(place -> first + place).toArray();
            long[] labels = Arrays.stream(indices).mapToLong(i -> files.get(i).label()).toArray();
            Shape shape = new Shape(places.length, input.channels(), input.height(), input.width());
            return new Batch(
                    new ImageBatch.Memory(pool, buffer), shape, labels, BatchMixing.NONE, indices);
        }
    }
}
