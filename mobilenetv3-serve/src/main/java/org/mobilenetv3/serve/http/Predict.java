package org.mobilenetv3.serve.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.mobilenetv3.image.ImageLimits;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.serve.http.ServeSettings.Limits;

/** {@code POST /predict}: an image in, the likeliest classes out. */
final class Predict {

    private final Inference inference;
    private final Limits limits;
    private final Semaphore decoders;

    Predict(Inference inference, Limits limits) {
        this.inference = inference;
        this.limits = limits;
        this.decoders = new Semaphore(limits.decoders());
    }

    private record Answer(String model, String version, List<Guess> guesses, double milliseconds) {}

    private record Guess(String className, double probability) {}

    void handle(Context context, ServedModel model) {
        long began = System.nanoTime();
        inference.handle(
                context,
                model,
                (version, deadline) ->
                        () -> {
                            int topK = topK(context);
                            byte[] image = Body.image(context, limits.bodyBytes());
                            float[] input = input(image, version, deadline);
                            float[] logits =
                                    Inference.await(
                                            version.batcher().submit(input, deadline), deadline);
                            List<Guess> best =
                                    guesses(logits, version.description().classes(), topK);
                            double took = (System.nanoTime() - began) / 1e6;
                            Replies.json(
                                    context, new Answer(model.name(), version.id(), best, took));
                        });
    }

    private static int topK(Context context) {
        String asked = context.queryParam("top_k");
        if (asked == null) {
            return 3;
        }
        if (!asked.matches("[1-9]\\d{0,5}")) {
            throw new HttpError(400, "top_k must be a whole number of at least 1.");
        }
        return Integer.parseInt(asked);
    }

    private float[] input(byte[] image, ModelVersion version, long deadline) {
        try {
            if (!decoders.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw Batcher.late();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HttpError(503, "The server is stopping; ask another one.");
        }
        try {
            ImageLimits cost = new ImageLimits(limits.pixels(), limits.decode());
            return version.description().input(Pixels.decode(image, "image", cost));
        } catch (IOException | IllegalArgumentException e) {
            throw new HttpError(
                    400,
                    "The image is damaged, truncated, of an unsupported kind, larger than %d pixels or too slow to decode."
                            .formatted(limits.pixels()));
        } finally {
            decoders.release();
        }
    }

    private static List<Guess> guesses(float[] logits, List<String> classes, int topK) {
        double largest =
                IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElse(0);
        double[] powers =
                IntStream.range(0, logits.length)
                        .mapToDouble(i -> Math.exp(logits[i] - largest))
                        .toArray();
        double sum = java.util.Arrays.stream(powers).sum();
        return IntStream.range(0, logits.length)
                .mapToObj(i -> new Guess(classes.get(i), powers[i] / sum))
                .sorted(Comparator.comparingDouble(Guess::probability).reversed())
                .limit(topK)
                .toList();
    }
}
