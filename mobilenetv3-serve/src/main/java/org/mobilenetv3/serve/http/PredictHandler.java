package org.mobilenetv3.serve.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.image.ImageLimits;
import org.mobilenetv3.image.ImageTooLargeException;
import org.mobilenetv3.image.ImageTooSlowException;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.serve.http.Inference.Task;
import org.mobilenetv3.trained.Prediction;

/** {@code POST /predict}: takes an image, answers with the most likely classes. */
final class PredictHandler {

    private final Inference inference;
    private final Duration decode;

    PredictHandler(Inference inference, Duration decode) {
        this.inference = inference;
        this.decode = decode;
    }

    private record Answer(
            String model, String version, List<Prediction> predictions, double milliseconds) {}

    void handle(Context context, ServedModel model) {
        long began = System.nanoTime();
        int topK = topK(context);
        String type = context.contentType();
        inference.answer(
                context,
                model,
                (body, version, pixels, deadline) ->
                        new Task(
                                input(ImageBody.image(body, type), version, pixels, deadline),
                                logits -> {
                                    if (!InferInput.finite(logits)) {
                                        throw new HttpError(500, "The net's answer is not finite.");
                                    }
                                    List<Prediction> best =
                                            Prediction.top(
                                                    logits, version.description().classes(), topK);
                                    double took = (System.nanoTime() - began) / 1e6;
                                    context.json(
                                            new Answer(model.name(), version.id(), best, took));
                                }));
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

    private float[] input(byte[] image, ModelVersion version, long pixels, long deadline)
            throws ImageTooLargeException {
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        Duration time = left.compareTo(decode) < 0 ? left : decode;
        try {
            return version.description()
                    .input(Pixels.decode(image, "image", new ImageLimits(pixels, time)));
        } catch (OutOfMemoryError e) { // mostly of a single array; other requests go on
            throw new HttpError(413, "The image is too large to be decoded here.");
        } catch (ImageTooLargeException e) {
            if (e.getCause() instanceof OutOfMemoryError) {
                throw new HttpError(413, "The image is too large to be decoded here.");
            }
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            if (deadline - System.nanoTime() <= 0) {
                throw Batcher.deadlineExceeded();
            }
            throw new HttpError(
                    400,
                    e instanceof ImageTooSlowException
                            ? String.format(
                                    Locale.ROOT,
                                    "Decoding the image takes longer than %d ms; send a smaller one, or one that is not progressive.",
                                    decode.toMillis())
                            : "The image is damaged, truncated or of an unsupported kind.");
        }
    }
}
