package org.mobilenetv3.train.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;
import org.mobilenetv3.io.FileErrors;

/**
 * Hands out the batches of one epoch in order. It asks for a bounded number ahead, so no worker
 * ever waits for the consumer and one that stops leaves nothing hanging.
 */
final class EpochIterator<B extends ImageBatch> implements Iterator<B> {
    private final int batches;
    private final int ahead;
    private final Executor workers;
    private final IntFunction<B> maker;
    private final Deque<CompletableFuture<B>> asked = new ArrayDeque<>();
    private int nextToAsk;
    private int nextToGive;
    private boolean abandoned;

    EpochIterator(int batches, int ahead, Executor workers, IntFunction<B> maker) {
        this.batches = batches;
        this.ahead = ahead;
        this.workers = workers;
        this.maker = maker;
        ask();
    }

    private void ask() {
        while (nextToAsk < batches && asked.size() < ahead) {
            int number = nextToAsk++;
            asked.add(CompletableFuture.supplyAsync(() -> maker.apply(number), workers));
        }
    }

    @Override
    public boolean hasNext() {
        return nextToGive < batches;
    }

    @Override
    public B next() {
        CompletableFuture<B> head = take();
        try {
            return head.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    String.format(
                            Locale.ROOT,
                            "Batch %d of %d could not be made: %s",
                            nextToGive,
                            batches,
                            FileErrors.sentence(FileErrors.root(e))),
                    e.getCause());
        } catch (InterruptedException e) {
            var unused = head.thenAccept(ImageBatch::close);
            abandon();
            Thread.currentThread().interrupt();
            throw new IllegalStateException(
                    String.format(
                            Locale.ROOT,
                            "Waiting for batch %d of %d was interrupted; start the epoch again.",
                            nextToGive,
                            batches),
                    e);
        }
    }

    private synchronized CompletableFuture<B> take() {
        if (abandoned) {
            throw new IllegalStateException(
                    String.format(
                            Locale.ROOT,
                            ("This iteration ended before batch %d of %d, for the loader was closed"
                                    + " or began another; iterate again."),
                            nextToGive + 1,
                            batches));
        }
        if (!hasNext()) {
            throw new NoSuchElementException("The epoch's " + batches + " batches are used up.");
        }
        CompletableFuture<B> head = asked.remove();
        nextToGive++;
        ask();
        return head;
    }

    /** Ends it: batches nobody has taken give their memory back as soon as they are made. */
    synchronized void abandon() {
        abandoned = true;
        for (CompletableFuture<B> batch : asked) {
            var unused = batch.thenAccept(ImageBatch::close);
        }
        asked.clear();
    }
}
