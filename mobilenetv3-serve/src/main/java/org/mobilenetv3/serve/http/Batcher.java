package org.mobilenetv3.serve.http;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.serve.http.ServeSettings.Batching;
import org.mobilenetv3.trained.TrainedNet;

/**
 * Computes the images of many requests together. Workers, each a thread, take batches from one
 * queue; the last one to end closes the net.
 */
final class Batcher implements AutoCloseable {

    private record Job(
            float[] images, int count, long deadline, CompletableFuture<float[]> answer) {
        /** Returns whether this is the end of the queue. */
        boolean isStop() {
            return count == 0;
        }

        boolean wanted() {
            return !answer.isDone() && deadline - System.nanoTime() > 0;
        }
    }

    private static final Job STOP = new Job(new float[0], 0, 0, new CompletableFuture<>());

    private final TrainedNet net;
    private final Batching batching;
    private final IntConsumer batchSizes;
    private final IntSupplier inFlight;
    private final int values;
    private final LinkedBlockingQueue<Job> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger submitted = new AtomicInteger();
    private final AtomicInteger running;
    private final List<Worker> workers;

    /**
     * Starts the workers.
     *
     * @param loaded the net, which the batcher closes, and how many batches it computes at once
     * @param inFlight requests with a place; a batch waits while some of them are not submitted yet
     */
    Batcher(
            NetLoader.Loaded loaded,
            Batching batching,
            String name,
            IntConsumer batchSizes,
            IntSupplier inFlight) {
        this.net = loaded.net();
        this.batching = batching;
        this.batchSizes = batchSizes;
        this.inFlight = inFlight;
        Preprocessing shape = net.description().preprocessing();
        this.values = shape.channels() * shape.height() * shape.width();
        this.running = new AtomicInteger(loaded.workers());
        this.workers =
                Stream.generate(() -> new Worker("batches of " + name))
                        .limit(loaded.workers())
                        .toList();
        workers.forEach(Thread::start);
    }

    /**
     * Puts images into the queue.
     *
     * @param images {@code (N, C, H, W)}
     * @param deadline by {@link System#nanoTime}; images that wait longer are not computed
     * @return logits {@code (N, classes)}, or the error; completed by a worker, which dependent
     *     stages must not block
     */
    CompletableFuture<float[]> submit(float[] images, long deadline) {
        int count = images.length / values;
        CompletableFuture<float[]> answer = new CompletableFuture<>();
        answer.orTimeout(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        submitted.incrementAndGet();
        queue.add(new Job(images, count, deadline, answer));
        return answer.whenComplete((logits, e) -> submitted.decrementAndGet());
    }

    /** Returns the number of values of one image. */
    int values() {
        return values;
    }

    /** Returns whether all workers are running. */
    boolean alive() {
        return running.get() == workers.size();
    }

    /** Returns how many images a request may have. */
    int maxBatch() {
        return batching.maxBatch();
    }

    /**
     * Lets each worker compute one image and then a full batch. Call it before anything is
     * submitted.
     *
     * @throws IOException if that fails or the answers are not finite
     */
    void warmUp() throws IOException {
        for (Worker worker : workers) {
            for (int count : new int[] {1, batching.maxBatch()}) {
                CompletableFuture<float[]> answer = new CompletableFuture<>();
                worker.compute(List.of(new Job(new float[count * values], count, 0, answer)));
                if (!InferInput.finite(answer.join())) {
                    throw new IOException(
                            "The net answers with numbers that are not finite; its weights are damaged.");
                }
            }
        }
    }

    static HttpError deadlineExceeded() {
        return new HttpError(504, "The deadline passed before the answer was ready.");
    }

    /** Ends the queue: what is in it is still computed, then the net is closed. */
    void stop() {
        queue.add(STOP);
    }

    /** Waits until the net is closed. */
    @Override
    public void close() {
        stop();
        try {
            for (Worker worker : workers) {
                worker.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Worker extends Thread {

        private final FloatBuffer input =
                ByteBuffer.allocateDirect(
                                Math.multiplyExact(batching.maxBatch(), values * Float.BYTES))
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer();
        private Job next;

        Worker(String name) {
            super(name);
            setDaemon(true);
        }

        @Override
        public void run() {
            try {
                for (Job first = take(); !first.isStop(); first = take()) {
                    computeBatch(first);
                }
            } catch (InterruptedException e) {
                interrupt();
            } finally {
                queue.add(STOP); // for the other workers
                if (running.decrementAndGet() == 0) {
                    net.close();
                }
            }
        }

        /** Computes one batch; after any failure, e.g. out of memory, the worker goes on. */
        private void computeBatch(Job first) throws InterruptedException {
            List<Job> jobs = List.of(first);
            try {
                jobs = gather(first);
                answer(jobs);
            } catch (RuntimeException | Error e) {
                jobs.forEach(job -> job.answer().completeExceptionally(e));
            }
        }

        private Job take() throws InterruptedException {
            Job job = next == null ? queue.take() : next;
            next = null;
            return job;
        }

        private List<Job> gather(Job first) throws InterruptedException {
            List<Job> jobs = new ArrayList<>(List.of(first));
            int count = first.count();
            long until = System.nanoTime() + batching.maxDelay().toNanos();
            while (count < batching.maxBatch()) {
                Job job = queue.poll();
                if (job == null && inFlight.getAsInt() > submitted.get()) {
                    job = queue.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                }
                if (job == null) {
                    break;
                }
                if (job.isStop() || count + job.count() > batching.maxBatch()) {
                    next = job;
                    break;
                }
                jobs.add(job);
                count += job.count();
            }
            return jobs;
        }

        private void answer(List<Job> gathered) {
            List<Job> jobs = new ArrayList<>();
            for (Job job : gathered) {
                if (job.wanted()) {
                    jobs.add(job);
                } else {
                    job.answer().completeExceptionally(deadlineExceeded());
                }
            }
            if (jobs.isEmpty()) {
                return;
            }
            try {
                compute(jobs);
            } catch (IOException e) {
                jobs.forEach(job -> job.answer().completeExceptionally(e));
            }
        }

        void compute(List<Job> jobs) throws IOException {
            input.clear();
            jobs.forEach(job -> input.put(job.images()));
            input.flip();
            int count = jobs.stream().mapToInt(Job::count).sum();
            Preprocessing shape = net.description().preprocessing();
            float[] logits =
                    net.logits(
                            input,
                            new Shape(count, shape.channels(), shape.height(), shape.width()));
            batchSizes.accept(count);
            int classes = logits.length / count;
            int row = 0;
            for (Job job : jobs) {
                int end = row + job.count();
                job.answer().complete(Arrays.copyOfRange(logits, row * classes, end * classes));
                row = end;
            }
        }
    }
}
