package org.mobilenetv3.zoo;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.output.BoundingBox;
import ai.djl.modality.cv.output.DetectedObjects;
import ai.djl.modality.cv.output.Rectangle;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.detection.Detection;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;

/**
 * Images to the objects in them, the same that {@link org.mobilenetv3.trained.TrainedNet#detect}
 * finds; boxes are shares of the image's size.
 *
 * @param net what detects
 * @param threshold the least score of an object that is answered
 */
record DetectionTranslator(NetDescription net, double threshold)
        implements Translator<Image, DetectedObjects> {

    private static final String THRESHOLD = "threshold";

    /** With the argument {@code threshold}; the default is that of {@code predict}. */
    static DetectionTranslator of(NetDescription net, Map<String, ?> arguments) {
        Object given = arguments.get(THRESHOLD);
        double threshold;
        try {
            threshold = given == null ? Detection.THRESHOLD : Double.parseDouble(given.toString());
        } catch (NumberFormatException e) {
            threshold = Double.NaN;
        }
        if (!(threshold >= 0 && threshold <= 1)) {
            throw new IllegalArgumentException(
                    "Argument %s is %s but must be of 0 to 1.".formatted(THRESHOLD, given));
        }
        return new DetectionTranslator(net, threshold);
    }

    /** Makes {@code (C, H, W)} of an image; DJL stacks them to a batch. */
    @Override
    public NDList processInput(TranslatorContext context, Image image) {
        Pixels pixels = ImageTranslator.pixels(context, image);
        ImageSizes.add(context, pixels);
        Preprocessing input = net.preprocessing();
        return new NDList(
                context.getNDManager()
                        .create(
                                input.apply(pixels),
                                new Shape(input.channels(), input.height(), input.width())));
    }

    /** Finds the objects in one image's output, {@code (anchors, 4 + 1 + classes)}. */
    @Override
    public DetectedObjects processOutput(TranslatorContext context, NDList list) {
        ImageSizes.Size size = ImageSizes.next(context);
        float[] output = list.singletonOrThrow().toFloatArray();
        float[] answer =
                net.answers(output, net.preprocessing().height(), net.preprocessing().width());
        List<String> names = new ArrayList<>();
        List<Double> scores = new ArrayList<>();
        List<BoundingBox> boxes = new ArrayList<>();
        for (Detection found : net.objects(answer, 0, size.height(), size.width())) {
            if (found.score() >= threshold) {
                Box box = found.box();
                names.add(net.classes().get(found.label()));
                scores.add(found.score());
                boxes.add(
                        new Rectangle(
                                box.left() / size.width(),
                                box.top() / size.height(),
                                box.width() / size.width(),
                                box.height() / size.height()));
            }
        }
        return new DetectedObjects(names, scores, boxes);
    }
}
