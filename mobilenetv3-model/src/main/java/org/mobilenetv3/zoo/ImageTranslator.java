package org.mobilenetv3.zoo;

import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.awt.image.BufferedImage;
import java.util.List;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Preprocessing;

/**
 * Images to class probabilities, through the same pixels as in training. A gray image given to a
 * net for RGB is repeated in each channel, an RGB image given to a net for gray becomes its
 * luminance.
 */
public final class ImageTranslator implements Translator<Image, Classifications> {

    private final Preprocessing preprocessing;
    private final List<String> classes;

    /**
     * Creates the translator.
     *
     * @param preprocessing how an image becomes the net's input
     * @param classes class names by index
     */
    public ImageTranslator(Preprocessing preprocessing, List<String> classes) {
        this.preprocessing = preprocessing;
        this.classes = List.copyOf(classes);
    }

    /** Makes {@code (C, H, W)} of an image; DJL stacks them to a batch. */
    @Override
    public NDList processInput(TranslatorContext context, Image image) {
        return new NDList(
                context.getNDManager()
                        .create(
                                preprocessing.apply(pixels(context, image)),
                                new Shape(
                                        preprocessing.channels(),
                                        preprocessing.height(),
                                        preprocessing.width())));
    }

    /** Makes probabilities of one image's logits, {@code (classes)}. */
    @Override
    public Classifications processOutput(TranslatorContext context, NDList list) {
        return new Classifications(classes, list.singletonOrThrow().softmax(0));
    }

    static Pixels pixels(TranslatorContext context, Image image) {
        if (image.getWrappedImage() instanceof BufferedImage buffered) {
            return Pixels.of(buffered);
        }
        // Another image library: DJL gives (H, W, 3).
        try (NDArray array = image.toNDArray(context.getNDManager(), Image.Flag.COLOR);
                NDArray bytes = array.toType(DataType.UINT8, false);
                NDArray planar = bytes.transpose(2, 0, 1)) {
            return new Pixels(planar.toByteArray(), 3, image.getHeight(), image.getWidth());
        }
    }
}
