package org.mobilenetv3.zoo;

import ai.djl.Application;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.MRL;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.DefaultModelZoo;
import ai.djl.repository.zoo.ModelLoader;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Progress;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.Task;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.pretrained.Pretrained;
import org.mobilenetv3.pretrained.WeightsLocator;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.trained.ElasticPackage;
import org.mobilenetv3.trained.FileKind;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.WeightsFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads a net for {@code Criteria}: a trained one if the argument {@code package} gives the path or
 * URL of a package, or the path of a file of weights ({@link WeightsFile}), or if the argument
 * {@code weights} gives what {@link WeightsLocator} finds (a name of {@link Pretrained}, {@code
 * hf:OWNER/NAME}, an address), or if filters ask for properties of published weights; otherwise an
 * untrained one.
 *
 * <p>Arguments of an untrained net, all optional: {@code arch} (another of {@link
 * Presets#names()}), {@code classes}, {@code width}, {@code dropout}, {@code inputChannels}, {@code
 * stemStride}, {@code inputSize}; and those of version 0.1, {@code variant} (paper, article) and
 * {@code dialect}.
 */
final class MobileNetV3Loader implements ModelLoader {
    private static final Logger LOGGER = LoggerFactory.getLogger(MobileNetV3Loader.class);

    static final String GROUP_ID = "org.mobilenetv3";

    private final String preset;
    private final PublishedWeights published;

    MobileNetV3Loader(String preset) {
        this.preset = preset;
        published = new PublishedWeights(preset);
    }

    @Override
    public String getGroupId() {
        return GROUP_ID;
    }

    @Override
    public String getArtifactId() {
        return preset;
    }

    @Override
    public Application getApplication() {
        return switch (task()) {
            case CLASSIFY -> Application.CV.IMAGE_CLASSIFICATION;
            case DETECT -> Application.CV.OBJECT_DETECTION;
            case SEGMENT -> Application.CV.SEMANTIC_SEGMENTATION;
        };
    }

    /**
     * Of the untrained net; whoever takes packages of any architecture is listed as a classifier.
     */
    private Task task() {
        return preset.equals(MobileNetV3ZooProvider.ANY)
                ? Task.CLASSIFY
                : Presets.of(preset).task();
    }

    @Override
    public MRL getMrl() {
        return MRL.model(
                new ZooRepository(getApplication(), preset, published.all()),
                getApplication(),
                GROUP_ID,
                preset,
                null,
                preset);
    }

    @Override
    public <I, O> ZooModel<I, O> loadModel(Criteria<I, O> criteria)
            throws IOException, ModelNotFoundException, MalformedModelException {
        Map<String, Object> arguments =
                criteria.getArguments() == null ? Map.of() : criteria.getArguments();
        Object trained = arguments.get("package");
        if (trained != null) {
            return trained(criteria, trained.toString());
        }
        String weights = published.asked(criteria);
        return weights == null
                ? untrained(criteria, arguments)
                : trained(
                        criteria,
                        PublishedWeights.locator(criteria.getProgress())
                                .locate(weights)
                                .toString());
    }

    @Override
    public <I, O> boolean isDownloaded(Criteria<I, O> criteria)
            throws IOException, ModelNotFoundException {
        String weights = published.askedOfAny(criteria);
        Optional<Pretrained> known = Optional.ofNullable(weights).flatMap(Pretrained::find);
        return known.isEmpty() || PublishedWeights.locator(null).find(known.get()).isPresent();
    }

    @Override
    public <I, O> void downloadModel(Criteria<I, O> criteria, Progress progress)
            throws IOException, ModelNotFoundException {
        String weights = published.askedOfAny(criteria);
        if (weights != null) {
            PublishedWeights.locator(progress).locate(weights);
        }
    }

    private <I, O> ZooModel<I, O> trained(Criteria<I, O> criteria, String location)
            throws IOException, ModelNotFoundException, MalformedModelException {
        Path file = file(location);
        Object subnet =
                criteria.getArguments() == null ? null : criteria.getArguments().get("subnet");
        if (subnet != null) {
            if (file == null) {
                throw new IllegalArgumentException(
                        "The argument subnet needs a package that is here, not %s."
                                .formatted(location));
            }
            file = ElasticPackage.locate(file, subnet.toString(), "the argument subnet");
        }
        if (file != null && ElasticPackage.isSubnet(file)) {
            ModelPackage found = ModelPackage.find(file);
            requireAsked(criteria, file, found.description().architecture());
            return ready(criteria, found.load(criteria.getDevice()), found.description());
        }
        if (file != null && !FileKind.of(file).isPackage()) {
            return ofFile(criteria, file);
        }
        Criteria<I, O> ours = criteria;
        if (criteria.getTranslatorFactory() == null) {
            ours =
                    criteria.toBuilder()
                            .optTranslatorFactory(new PackageTranslatorFactory())
                            .build();
        }
        for (ModelLoader loader :
                new DefaultModelZoo(PackageModel.url(location)).getModelLoaders()) {
            ZooModel<I, O> model = loader.loadModel(ours);
            if (model.getBlock() instanceof MobileNetV3 net
                    && isAsked(criteria, net.architecture())) {
                return model;
            }
            String found = model.getName();
            model.close();
            throw new MalformedModelException(
                    "The package %s holds %s, not %s.".formatted(location, found, getArtifactId()));
        }
        throw new ModelNotFoundException("There is no model package at " + location + ".");
    }

    /** The local path that a location is; null for URLs. */
    private static Path file(String location) {
        try {
            return location.startsWith("file:") ? Path.of(URI.create(location)) : Path.of(location);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Weights of another program, as if they were a package. */
    private <I, O> ZooModel<I, O> ofFile(Criteria<I, O> criteria, Path file)
            throws IOException, ModelNotFoundException, MalformedModelException {
        try (WeightsFile weights = WeightsFile.open(file, null)) {
            NetDescription description = weights.description();
            description.notes().forEach(LOGGER::warn);
            requireAsked(criteria, file, description.architecture());
            Model model = weights.load(criteria.getDevice());
            return ready(criteria, model, description);
        }
    }

    private void requireAsked(Criteria<?, ?> criteria, Path file, Architecture found)
            throws MalformedModelException {
        if (!isAsked(criteria, found)) {
            throw new MalformedModelException(
                    "%s holds %s, not %s.".formatted(file, found.name(), getArtifactId()));
        }
    }

    /**
     * Whoever asks for Large does not get Small, nor a net of another task; another preset, or an
     * own net, is no mistake.
     */
    private boolean isAsked(Criteria<?, ?> criteria, Architecture net) {
        if (criteria.getArtifactId() == null) {
            return true;
        }
        boolean small = preset.contains("small") && net.name().contains("large");
        boolean large = preset.contains("large") && net.name().contains("small");
        boolean any = preset.equals(MobileNetV3ZooProvider.ANY);
        return !small && !large && (any || task() == net.task());
    }

    private <I, O> ZooModel<I, O> untrained(Criteria<I, O> criteria, Map<String, Object> arguments)
            throws IOException, ModelNotFoundException {
        NetArguments asked = new NetArguments(preset, arguments);
        Architecture architecture = asked.architecture();
        if (criteria.getTranslatorFactory() == null
                && !NetTranslatorFactory.of(architecture.task())
                        .isSupported(criteria.getInputClass(), criteria.getOutputClass())) {
            throw new ModelNotFoundException(
                    "No translator of %s from %s to %s."
                            .formatted(
                                    architecture.name(),
                                    criteria.getInputClass(),
                                    criteria.getOutputClass()));
        }
        Preprocessing input = asked.input(architecture);
        TorchRuntime.start();
        MobileNetV3 net = MobileNetV3.of(architecture, input.normalization());
        Model model = Model.newInstance(getArtifactId(), criteria.getDevice(), "PyTorch");
        model.setBlock(net);
        net.initialize(
                model.getNDManager(),
                DataType.FLOAT32,
                new Shape(1, input.channels(), input.height(), input.width()));
        WeightsFile.withoutGradients(net);
        return ready(
                criteria,
                model,
                new NetDescription(
                        architecture,
                        input,
                        true,
                        NetDescription.numberedClasses(architecture.classes()),
                        Map.of()));
    }

    /** With its translator; if there is none, the model is closed. */
    private static <I, O> ZooModel<I, O> ready(
            Criteria<I, O> criteria, Model model, NetDescription net)
            throws ModelNotFoundException {
        Class<I> input = criteria.getInputClass();
        Class<O> output = criteria.getOutputClass();
        Map<String, Object> arguments =
                criteria.getArguments() == null ? Map.of() : criteria.getArguments();
        TranslatorFactory factory = criteria.getTranslatorFactory();
        try {
            return new ZooModel<>(
                    model,
                    factory == null
                            ? NetTranslatorFactory.translator(net, input, output, model, arguments)
                            : factory.newInstance(input, output, model, arguments));
        } catch (IllegalArgumentException e) {
            model.close();
            throw e;
        } catch (TranslateException e) {
            model.close();
            throw new ModelNotFoundException(
                    "No translator from %s to %s.".formatted(input, output), e);
        }
    }
}
