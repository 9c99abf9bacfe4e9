package org.mobilenetv3.zoo;

import ai.djl.Model;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.output.CategoryMask;
import ai.djl.modality.cv.output.DetectedObjects;
import ai.djl.modality.cv.translator.BaseImageTranslatorFactory;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import java.util.Map;
import org.mobilenetv3.Task;
import org.mobilenetv3.trained.NetDescription;

/**
 * Gives DJL one translator, for whatever types it knows how to adapt: from images, paths, URLs or
 * streams, or DJL Serving's.
 *
 * @param <T> what the net's task answers
 */
final class NetTranslatorFactory<T> extends BaseImageTranslatorFactory<T> {

    private final Class<T> output;
    private final Translator<Image, T> translator;

    private NetTranslatorFactory(Class<T> output, Translator<Image, T> translator) {
        this.output = output;
        this.translator = translator;
    }

    /** Without a translator: knows only what is supported. */
    static NetTranslatorFactory<?> of(Task task) {
        return switch (task) {
            case CLASSIFY -> new NetTranslatorFactory<>(Classifications.class, null);
            case DETECT -> new NetTranslatorFactory<>(DetectedObjects.class, null);
            case SEGMENT -> new NetTranslatorFactory<>(CategoryMask.class, null);
        };
    }

    private static NetTranslatorFactory<?> of(NetDescription net, Map<String, ?> arguments) {
        return switch (net.architecture().task()) {
            case CLASSIFY ->
                    new NetTranslatorFactory<>(
                            Classifications.class,
                            new ImageTranslator(net.preprocessing(), net.classes()));
            case DETECT ->
                    new NetTranslatorFactory<>(
                            DetectedObjects.class, DetectionTranslator.of(net, arguments));
            case SEGMENT -> new NetTranslatorFactory<>(CategoryMask.class, new MaskTranslator(net));
        };
    }

    /**
     * Makes a net's translator.
     *
     * @throws IllegalArgumentException in one sentence, if the net's task answers otherwise, or an
     *     argument is wrong
     */
    static <I, O> Translator<I, O> translator(
            NetDescription net, Class<I> from, Class<O> to, Model model, Map<String, ?> arguments)
            throws TranslateException {
        NetTranslatorFactory<?> factory = of(net, arguments);
        if (!factory.isSupported(from, to)) {
            throw new IllegalArgumentException(
                    "%s %s: ask for %s and %s, not for %s and %s."
                            .formatted(
                                    net.architecture().name(),
                                    net.architecture().task().verb(),
                                    Image.class.getName(),
                                    factory.output.getName(),
                                    from.getName(),
                                    to.getName()));
        }
        return factory.newInstance(from, to, model, arguments);
    }

    @Override
    protected Translator<Image, T> buildBaseTranslator(Model model, Map<String, ?> arguments) {
        return translator;
    }

    @Override
    public Class<T> getBaseOutputType() {
        return output;
    }
}
