package org.mobilenetv3.zoo;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.output.CategoryMask;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.trained.NetDescription;

/**
 * Images to the class of each pixel, the same as {@link org.mobilenetv3.trained.TrainedNet#mask}.
 *
 * @param net what segments
 */
record MaskTranslator(NetDescription net) implements Translator<Image, CategoryMask> {

    /** None: images keep their proportions, so each is computed by itself. */
    @Override
    public Batchifier getBatchifier() {
        return null;
    }

    /** Makes {@code (1, C, H, W)} of an image. */
    @Override
    public NDList processInput(TranslatorContext context, Image image) {
        Pixels pixels = ImageTranslator.pixels(context, image);
        Pixels fitted = net.preprocessing().fitted(pixels);
        ImageSizes.add(context, pixels);
        return new NDList(
                context.getNDManager()
                        .create(
                                Preprocessing.scaled(fitted, Normalization.unit(fitted.channels())),
                                new Shape(1, fitted.channels(), fitted.height(), fitted.width())));
    }

    /** Makes a mask of the image's size of the logits, {@code (1, classes, H, W)}. */
    @Override
    public CategoryMask processOutput(TranslatorContext context, NDList list) {
        ImageSizes.Size size = ImageSizes.next(context);
        NDArray logits = list.singletonOrThrow();
        Mask mask =
                Mask.ofLogits(
                        logits.toFloatArray(),
                        Math.toIntExact(logits.getShape().get(2)),
                        Math.toIntExact(logits.getShape().get(3)),
                        size.height(),
                        size.width());
        int[][] classes = new int[size.height()][size.width()];
        for (int y = 0; y < size.height(); y++) {
            for (int x = 0; x < size.width(); x++) {
                classes[y][x] = mask.at(y, x);
            }
        }
        return new CategoryMask(net.classes(), classes);
    }
}
