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
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.mobilenetv3.Task;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.serve.http.ServeSettings.Batching;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.TrainedNet;

/**
 * Computes the images of many requests together. Workers, each a thread, take batches from one
 * queue; the last one to end closes the net.
 */
final class Batcher implements AutoCloseable {

    /** An image that answers in so many values may share a batch with few others: 128 MB. */
    private static final long MOST_ANSWERS = 1 << 25;

    /**
     * What a net answered.
     *
     * @param values what {@link org.mobilenetv3.trained.Logits} says
     * @param subnet which net it was; null if there is one only
     */
    @SuppressWarnings("ArrayRecordComponent") // on its way into a reply
    record Answer(float[] values, String subnet) {}

    /** Told of each batch that was computed. */
    @FunctionalInterface
    interface Listener {
        /**
         * Counts.
         *
         * @param images in the batch
         * @param requests that they came with, none in the warm-up
         * @param subnet which net computed it; null if there is one only
         */
        void computed(int images, int requests, String subnet);
    }

    private record Job(Images images, long deadline, CompletableFuture<Answer> answer) {
        /** Returns whether this is the end of the queue. */
        boolean isStop() {
            return images.count() == 0;
        }

        boolean wanted() {
            return !answer.isDone() && deadline - System.nanoTime() > 0;
        }
    }

    private static final Job STOP =
            new Job(Images.of(0, 0, 0, 0, FloatBuffer.allocate(0)), 0, new CompletableFuture<>());

    private final Rungs rungs;
    private final TrainedNet net;
    private final Batching batching;
    private final Listener listener;
    private final IntSupplier inFlight;
    private final int maxBatch;
    private final int values;
    private final LinkedBlockingQueue<Job> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger submitted = new AtomicInteger();
    private final AtomicInteger computing = new AtomicInteger();
    private final AtomicInteger running;
    private final List<Worker> workers;

    /**
     * Starts the workers.
     *
     * @param loaded the nets, which the batcher closes, and how many batches they compute at once
     * @param inFlight requests with a place; a batch waits while some of them are not submitted yet
     */
    Batcher(
            NetLoader.Loaded loaded,
            Batching batching,
            String name,
            Listener listener,
            IntSupplier inFlight) {
        this.rungs = loaded.rungs();
        this.net = rungs.largest();
        this.batching = batching;
        this.listener = listener;
        this.inFlight = inFlight;
        this.maxBatch = maxBatch(net.description(), batching.maxBatch());
        this.values = Math.multiplyExact(maxBatch, images(1).values());
        this.running = new AtomicInteger(loaded.workers());
        this.workers =
                Stream.generate(() -> new Worker("batches of " + name))
                        .limit(loaded.workers())
                        .toList();
        workers.forEach(Thread::start);
    }

    /** As many as were asked for, but of masks only as many as memory is kept for. */
    private static int maxBatch(NetDescription net, int asked) {
        if (net.architecture().task() != Task.SEGMENT) {
            return asked;
        }
        Preprocessing input = net.preprocessing();
        long answers = (long) net.classes().size() * input.height() * input.width();
        return (int) Math.max(1, Math.min(asked, MOST_ANSWERS / answers));
    }

    /** Black images of the preprocessing's size. */
    private Images images(int count) {
        Preprocessing input = net.description().preprocessing();
        return new Images(
                count,
                input.channels(),
                input.height(),
                input.width(),
                buffer -> buffer.put(new float[buffer.remaining()]));
    }

    /**
     * Puts images into the queue.
     *
     * @param images whose count is at most {@link #maxBatch}
     * @param deadline by {@link System#nanoTime}; images that wait longer are not computed
     * @return the answer or the error; completed by a worker, which dependent stages must not block
     */
    CompletableFuture<Answer> submit(Images images, long deadline) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        answer.orTimeout(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        submitted.incrementAndGet();
        queue.add(new Job(images, deadline, answer));
        return answer.whenComplete((values, e) -> submitted.decrementAndGet());
    }

    /**
     * Returns how many values the images of a batch have, at most: those of a full one of the
     * preprocessing's size. A single image that is larger is a batch by itself.
     */
    int values() {
        return values;
    }

    /** Returns whether all workers are running. */
    boolean alive() {
        return running.get() == workers.size();
    }

    /** Returns how many images a request may have. */
    int maxBatch() {
        return maxBatch;
    }

    /**
     * Returns which net computes the next batch.
     *
     * @return 0 for the largest
     */
    int level() {
        return rungs.next(inFlight.getAsInt() - computing.get());
    }

    /**
     * Lets each worker compute one image and then a full batch with each net. Call it before
     * anything is submitted.
     *
     * @throws IOException if that fails or the answers are not finite
     */
    void warmUp() throws IOException {
        for (Worker worker : workers) {
            for (int level = 0; level < rungs.count(); level++) {
                worker.warmUp(level, 1);
                worker.warmUp(level, maxBatch);
            }
        }
        rungs.measure(level -> workers.get(0).warmUp(level, maxBatch), maxBatch, workers.size());
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
                ByteBuffer.allocateDirect(Math.multiplyExact(values, Float.BYTES))
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
                    rungs.close();
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
            int count = first.images().count();
            int more = values - first.images().values();
            long until = System.nanoTime() + batching.maxDelay().toNanos();
            while (count < maxBatch && more > 0) {
                Job job = queue.poll();
                if (job == null && inFlight.getAsInt() > submitted.get()) {
                    job = queue.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                }
                if (job == null) {
                    break;
                }
                Images images = job.images();
                count += images.count();
                more -= images.values();
                if (job.isStop()
                        || count > maxBatch
                        || more < 0
                        || !images.areAsLargeAs(first.images())) {
                    next = job;
                    break;
                }
                jobs.add(job);
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
            computing.addAndGet(jobs.size());
            try {
                int level = level();
                long begin = System.nanoTime();
                compute(jobs, level, jobs.size());
                rungs.computed(level, jobs.size(), System.nanoTime() - begin);
            } catch (IOException e) {
                jobs.forEach(job -> job.answer().completeExceptionally(e));
            } finally {
                computing.addAndGet(-jobs.size());
            }
        }

        void warmUp(int level, int count) throws IOException {
            CompletableFuture<Answer> answer = new CompletableFuture<>();
            compute(List.of(new Job(images(count), 0, answer)), level, 0);
            if (!InferInput.finite(answer.join().values())) {
                throw new IOException(
                        "The net answers with numbers that are not finite; its weights are damaged.");
            }
        }

        private void compute(List<Job> jobs, int level, int requests) throws IOException {
            Rungs.Rung rung = rungs.get(level);
            Images first = jobs.get(0).images();
            int all = jobs.stream().mapToInt(job -> job.images().values()).sum();
            FloatBuffer batch =
                    all <= values ? input.clear().limit(all) : FloatBuffer.allocate(all);
            jobs.forEach(job -> job.images().writer().accept(batch));
            batch.flip();
            int count = jobs.stream().mapToInt(job -> job.images().count()).sum();
            float[] answers =
                    rung.net()
                            .logits(
                                    batch,
                                    new Shape(
                                            count,
                                            first.channels(),
                                            first.height(),
                                            first.width()));
            listener.computed(count, requests, rung.name());
            if (jobs.size() == 1) {
                jobs.get(0).answer().complete(new Answer(answers, rung.name()));
                return;
            }
            int size = answers.length / count;
            int from = 0;
            for (Job job : jobs) {
                int end = from + job.images().count() * size;
                job.answer()
                        .complete(new Answer(Arrays.copyOfRange(answers, from, end), rung.name()));
                from = end;
            }
        }
    }
}
