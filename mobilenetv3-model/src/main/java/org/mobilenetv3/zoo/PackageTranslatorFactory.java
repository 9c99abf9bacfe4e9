package org.mobilenetv3.zoo;

import ai.djl.Model;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.mobilenetv3.Task;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;

/**
 * Makes the translator that a package describes, through the same pixels as in training: from
 * images (or paths, URLs, streams) to class probabilities, {@code Classifications}; of a net that
 * detects to {@code DetectedObjects}, those whose score is at least the argument {@code threshold}
 * (default 0.5); of a net that segments to {@code CategoryMask}.
 */
public final class PackageTranslatorFactory implements TranslatorFactory, Serializable {

    private static final long serialVersionUID = 2L;

    /** Creates the factory; DJL does. */
    public PackageTranslatorFactory() {}

    @Override
    public Set<Pair<Type, Type>> getSupportedTypes() {
        Set<Pair<Type, Type>> types = new HashSet<>();
        for (Task task : Task.values()) {
            types.addAll(NetTranslatorFactory.of(task).getSupportedTypes());
        }
        return types;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException in one sentence, if the package's net answers otherwise
     * @throws UncheckedIOException in one sentence, if the package cannot be read
     */
    @Override
    public <I, O> Translator<I, O> newInstance(
            Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
            throws TranslateException {
        try {
            NetDescription net = ModelPackage.read(model.getModelPath()).description();
            return NetTranslatorFactory.translator(net, input, output, model, arguments);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
