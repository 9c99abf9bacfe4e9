package org.mobilenetv3.zoo;

import ai.djl.Model;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.translator.BaseImageTranslatorFactory;
import ai.djl.translate.Translator;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.mobilenetv3.trained.ModelPackage;

/**
 * Makes the translator that a package describes: images (or paths, URLs, streams) to class
 * probabilities, through the same pixels as in training.
 */
public final class PackageTranslatorFactory extends BaseImageTranslatorFactory<Classifications>
        implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Creates the factory; DJL does. */
    public PackageTranslatorFactory() {}

    @Override
    protected Translator<Image, Classifications> buildBaseTranslator(
            Model model, Map<String, ?> arguments) {
        Path directory = model.getModelPath();
        try {
            ModelPackage read = ModelPackage.read(directory);
            return new ImageTranslator(
                    read.description().preprocessing(), read.description().classes());
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    @Override
    public Class<Classifications> getBaseOutputType() {
        return Classifications.class;
    }
}
