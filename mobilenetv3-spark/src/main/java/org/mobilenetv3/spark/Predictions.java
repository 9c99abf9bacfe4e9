package org.mobilenetv3.spark;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.mobilenetv3.image.DecodingMemory;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.Prediction;

/**
 * The answers to a task's rows, in their order. While a batch is computed, the images of the next
 * one are read and decoded; no more rows than these are held.
 */
final class Predictions implements Iterator<Row> {

    /** Bytes of images held beyond the one that is needed, whatever the size of a batch. */
    private static final long MOST_BYTES = 64 << 20;

    /** An image at the net's size, or why there is none. */
    private record Fitted(Pixels image, String error) {}

    private record Pending(Row row, long bytes, Future<Fitted> fitted) {}

    private final Classifier classifier;
    private final Iterator<Row> rows;
    private final SharedNets.Claim claim;
    private final ExecutorService decoder;
    private final NetDescription description;
    private final Normalization scaling;
    private final Queue<Pending> pending = new ArrayDeque<>();
    private final Queue<Row> answers = new ArrayDeque<>();
    private long held;
    private float[] input = {};

    Predictions(Classifier classifier, Iterator<Row> rows) {
        this.classifier = classifier;
        this.rows = rows;
        try {
            claim = classifier.claim();
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        decoder =
                Executors.newFixedThreadPool(
                        Classifier.threads(),
                        work -> {
                            Thread thread = new Thread(work, "mobilenetv3-decode");
                            thread.setDaemon(true);
                            return thread;
                        });
        description = claim.net().description();
        scaling = description.inputNormalization();
        TaskContext task = TaskContext.get();
        if (task != null) { // also of a task that is killed
            task.addTaskCompletionListener(
                    (org.apache.spark.util.TaskCompletionListener) context -> close());
        }
    }

    private void close() {
        decoder.shutdownNow();
        claim.close();
    }

    @Override
    public boolean hasNext() {
        if (answers.isEmpty()) {
            fill();
            if (pending.isEmpty()) {
                close();
                return false;
            }
            compute();
        }
        return true;
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return answers.remove();
    }

    /** Has rows read ahead: one batch to be computed now, one to be decoded meanwhile. */
    private void fill() {
        int most = 2 * classifier.batchSize();
        while (pending.size() < most
                && (pending.isEmpty() || held < MOST_BYTES)
                && rows.hasNext()) {
            Row row = rows.next();
            long bytes = classifier.reader().bytes(row);
            held += bytes;
            pending.add(new Pending(row, bytes, decoder.submit(() -> fitted(row))));
        }
    }

    private Fitted fitted(Row row) {
        try (DecodingMemory.Share memory = SharedNets.OF_JVM.memory().share()) {
            Pixels image = classifier.reader().read(row, memory);
            return new Fitted(description.preprocessing().fitted(image), null);
        } catch (IOException | RuntimeException e) {
            String why = FileErrors.sentence(e);
            String name = classifier.reader().name(row);
            return new Fitted(null, why == null ? name + ": " + e : FileNames.explained(why));
        }
    }

    private void compute() {
        List<Row> batch = new ArrayList<>();
        List<Fitted> fitted = new ArrayList<>();
        while (batch.size() < classifier.batchSize() && !pending.isEmpty()) {
            Pending next = pending.remove();
            fitted.add(await(next.fitted()));
            batch.add(next.row());
            held -= next.bytes();
        }
        List<Pixels> images =
                fitted.stream().filter(one -> one.image() != null).map(Fitted::image).toList();
        Iterator<Row> computed = (images.isEmpty() ? List.<Row>of() : answers(images)).iterator();
        for (int i = 0; i < batch.size(); i++) {
            String error = fitted.get(i).error();
            Row answer =
                    error == null
                            ? computed.next()
                            : PredictionStruct.ofError(error, classifier.embedding());
            answers.add(with(batch.get(i), answer));
        }
    }

    private static Fitted await(Future<Fitted> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The task was interrupted.", e);
        } catch (ExecutionException e) { // an Error: everything else is a row's
            throw new IllegalStateException(e.getCause());
        }
    }

    private List<Row> answers(List<Pixels> images) {
        Preprocessing preprocessing = description.preprocessing();
        int plane = preprocessing.height() * preprocessing.width();
        int size = preprocessing.channels() * plane;
        int count = images.size();
        if (input.length < count * size) {
            input = new float[count * size];
        }
        for (int i = 0; i < count; i++) {
            scaling.apply(images.get(i).data(), plane, input, i * size);
        }
        Shape shape =
                new Shape(
                        count,
                        preprocessing.channels(),
                        preprocessing.height(),
                        preprocessing.width());
        ExecutorNet.Answer answer;
        try {
            answer = claim.net().answer(FloatBuffer.wrap(input, 0, count * size), shape);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        List<Row> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            float[] logits = part(answer.logits(), i, count);
            List<Prediction> best =
                    Prediction.top(logits, description.classes(), classifier.topK());
            double[] embedding = null;
            if (classifier.embedding()) {
                float[] values = part(answer.embeddings(), i, count);
                embedding = new double[values.length];
                for (int d = 0; d < values.length; d++) {
                    embedding[d] = values[d];
                }
            }
            all.add(PredictionStruct.of(best, embedding));
        }
        return all;
    }

    private static float[] part(float[] all, int index, int count) {
        int length = all.length / count;
        return Arrays.copyOfRange(all, index * length, (index + 1) * length);
    }

    private static Row with(Row row, Row answer) {
        Object[] values = new Object[row.length() + 1];
        for (int i = 0; i < row.length(); i++) {
            values[i] = row.get(i);
        }
        values[row.length()] = answer;
        return RowFactory.create(values);
    }
}
