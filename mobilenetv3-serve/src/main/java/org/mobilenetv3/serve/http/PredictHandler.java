package org.mobilenetv3.serve.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.Task;
import org.mobilenetv3.detection.FoundObject;
import org.mobilenetv3.drawing.Png;
import org.mobilenetv3.image.ImageLimits;
import org.mobilenetv3.image.ImageTooLargeException;
import org.mobilenetv3.image.ImageTooSlowException;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.segmentation.Area;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.segmentation.MaskImages;
import org.mobilenetv3.serve.http.Inference.Work;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.Prediction;

/**
 * {@code POST /predict}: takes an image, answers by the net's task with the most likely classes,
 * the objects or the areas of the classes, or with the mask.
 */
final class PredictHandler {

    private final Inference inference;
    private final Duration decode;

    PredictHandler(Inference inference, Duration decode) {
        this.inference = inference;
        this.decode = decode;
    }

    // Answers in JSON, which leaves out what is null.

    private record Classified(
            String model,
            String version,
            String subnet,
            List<Prediction> predictions,
            double milliseconds) {}

    private record Detected(
            String model,
            String version,
            Task task,
            int width,
            int height,
            List<FoundObject> objects,
            double milliseconds) {}

    private record Segmented(
            String model,
            String version,
            Task task,
            int width,
            int height,
            List<Area> areas,
            String mask,
            double milliseconds) {}

    /** One image of a request, and what is asked about it. */
    private record Asked(
            Context context,
            long began,
            PredictWishes wishes,
            String model,
            ModelVersion version,
            Images input,
            int height,
            int width) {

        NetDescription net() {
            return version.description();
        }

        double took() {
            return (System.nanoTime() - began) / 1e6;
        }
    }

    void handle(Context context, ServedModel model) {
        long began = System.nanoTime();
        PredictWishes wishes = PredictWishes.of(context);
        String type = context.contentType();
        inference.answer(
                context,
                model,
                (body, version, pixels, deadline) -> {
                    byte[] file = ImageBody.image(body, type);
                    requireFormat(wishes, version.description());
                    Pixels image = decoded(file, pixels, deadline);
                    Asked asked =
                            new Asked(
                                    context,
                                    began,
                                    wishes,
                                    model.name(),
                                    version,
                                    input(image, version.description()),
                                    image.height(),
                                    image.width());
                    return new Work(asked.input(), 0, answer -> reply(asked, answer));
                });
    }

    private static void requireFormat(PredictWishes wishes, NetDescription net) {
        Task task = net.architecture().task();
        if (wishes.png() && task != Task.SEGMENT) {
            throw new HttpError(
                    400,
                    "Only nets that segment answer with a PNG, but this one %s; ask for JSON."
                            .formatted(task.verb()));
        }
    }

    /** Makes the net's input; {@link org.mobilenetv3.trained.TrainedNet} has the same steps. */
    private static Images input(Pixels image, NetDescription net) {
        Preprocessing input = net.preprocessing();
        try {
            if (net.architecture().task() == Task.SEGMENT) {
                return Images.of(input.fitted(image), net.inputNormalization());
            }
            float[] values = net.input(image);
            return Images.of(
                    1, input.channels(), input.height(), input.width(), FloatBuffer.wrap(values));
        } catch (OutOfMemoryError e) { // mostly of a single array; other requests go on
            throw tooLarge();
        } catch (IllegalArgumentException e) {
            throw new HttpError(400, e.getMessage());
        }
    }

    private static HttpError tooLarge() {
        return new HttpError(413, "The image is too large to be decoded here.");
    }

    /** Makes of the net's answer what is then written. */
    private static Runnable reply(Asked asked, Batcher.Answer answered) {
        float[] answer = answered.values();
        if (!InferInput.finite(answer)) {
            throw new HttpError(500, "The net's answer is not finite.");
        }
        return switch (asked.net().architecture().task()) {
            case CLASSIFY -> classified(asked, answer, answered.subnet());
            case DETECT -> detected(asked, answer);
            case SEGMENT -> segmented(asked, answer);
        };
    }

    /** Of elastic packages, which classify, one of several nets may have answered. */
    private static Runnable classified(Asked asked, float[] logits, String subnet) {
        return () -> {
            Inference.tell(asked.context(), subnet);
            List<Prediction> best =
                    Prediction.top(logits, asked.net().classes(), asked.wishes().topK());
            asked.context()
                    .json(
                            new Classified(
                                    asked.model(),
                                    asked.version().id(),
                                    subnet,
                                    best,
                                    asked.took()));
        };
    }

    private static Runnable detected(Asked asked, float[] answer) {
        List<FoundObject> objects =
                FoundObject.of(
                        asked.net().objects(answer, 0, asked.height(), asked.width()),
                        asked.net().classes(),
                        asked.wishes().threshold());
        return () ->
                asked.context()
                        .json(
                                new Detected(
                                        asked.model(),
                                        asked.version().id(),
                                        Task.DETECT,
                                        asked.width(),
                                        asked.height(),
                                        objects,
                                        asked.took()));
    }

    private static Runnable segmented(Asked asked, float[] logits) {
        Images input = asked.input();
        Mask mask =
                Mask.ofLogits(logits, input.height(), input.width(), asked.height(), asked.width());
        PredictWishes wishes = asked.wishes();
        byte[] png = wishes.png() || wishes.mask() ? Png.of(MaskImages.palette(mask)) : null;
        if (wishes.png()) {
            return () -> asked.context().contentType("image/png").result(png);
        }
        List<Area> areas = Area.of(mask, asked.net().classes());
        return () ->
                asked.context()
                        .json(
                                new Segmented(
                                        asked.model(),
                                        asked.version().id(),
                                        Task.SEGMENT,
                                        asked.width(),
                                        asked.height(),
                                        areas,
                                        png == null
                                                ? null
                                                : Base64.getEncoder().encodeToString(png),
                                        asked.took()));
    }

    private Pixels decoded(byte[] image, long pixels, long deadline) throws ImageTooLargeException {
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        Duration time = left.compareTo(decode) < 0 ? left : decode;
        try {
            return Pixels.decode(image, "image", new ImageLimits(pixels, time));
        } catch (OutOfMemoryError e) { // mostly of a single array; other requests go on
            throw tooLarge();
        } catch (ImageTooLargeException e) {
            if (e.getCause() instanceof OutOfMemoryError) {
                throw tooLarge();
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
