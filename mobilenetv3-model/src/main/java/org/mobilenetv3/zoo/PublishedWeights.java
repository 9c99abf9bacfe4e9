package org.mobilenetv3.zoo;

import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.util.Progress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.mobilenetv3.Presets;
import org.mobilenetv3.download.DownloadListener;
import org.mobilenetv3.pretrained.Pretrained;
import org.mobilenetv3.pretrained.WeightsLocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The published weights of an artifact, and which of them a {@code Criteria} asks for. */
final class PublishedWeights {

    /** The argument and the property that names weights. */
    static final String WEIGHTS = "weights";

    private static final Logger LOGGER = LoggerFactory.getLogger(PublishedWeights.class);

    private final String artifact;

    /**
     * The weights of an artifact.
     *
     * @param artifact an architecture, or the one that stands for all
     */
    PublishedWeights(String artifact) {
        this.artifact = artifact;
    }

    /** Those of the artifact. */
    List<Pretrained> all() {
        return ofAny().filter(
                        one ->
                                artifact.equals(MobileNetV3ZooProvider.ANY)
                                        || artifact.equals(one.architecture()))
                .toList();
    }

    private static Stream<Pretrained> ofAny() {
        return Pretrained.all().stream().filter(Pretrained::isRunnable);
    }

    /**
     * What weights are asked for, by argument or by filter.
     *
     * @return what {@link WeightsLocator#locate} takes; null if none are asked for
     * @throws ModelNotFoundException if there are none such of this artifact, so that DJL asks
     *     others
     */
    String asked(Criteria<?, ?> criteria) throws ModelNotFoundException {
        return asked(criteria, all());
    }

    /**
     * The same where DJL asks but the first artifact that may be meant: of all artifacts, if the
     * criteria name none.
     */
    String askedOfAny(Criteria<?, ?> criteria) throws ModelNotFoundException {
        return asked(criteria, criteria.getArtifactId() == null ? ofAny().toList() : all());
    }

    private String asked(Criteria<?, ?> criteria, List<Pretrained> candidates)
            throws ModelNotFoundException {
        Map<String, String> filters = criteria.getFilters();
        Object argument =
                criteria.getArguments() == null ? null : criteria.getArguments().get(WEIGHTS);
        if (argument != null) {
            String text = argument.toString();
            Pretrained known = Pretrained.find(text).orElse(null);
            if (criteria.getArtifactId() == null && known != null && !candidates.contains(known)) {
                throw new ModelNotFoundException("%s are not of %s.".formatted(text, artifact));
            }
            return text;
        }
        if (filters == null || filters.isEmpty()) {
            return null;
        }
        return candidates.stream()
                .filter(one -> matches(one, filters) && answers(one, criteria))
                .map(Pretrained::name)
                .findFirst()
                .orElseThrow(
                        () ->
                                new ModelNotFoundException(
                                        "There are no published weights of %s with %s."
                                                .formatted(artifact, filters)));
    }

    /** Whether a net's task answers in the type that is asked for, if it is to be ours. */
    private static boolean answers(Pretrained one, Criteria<?, ?> criteria) {
        return criteria.getTranslatorFactory() != null
                || NetTranslatorFactory.of(Presets.of(one.architecture()).task())
                        .isSupported(criteria.getInputClass(), criteria.getOutputClass());
    }

    /** By all properties that are asked for; aliases are names, too. */
    private static boolean matches(Pretrained one, Map<String, String> filters) {
        Map<String, String> properties = properties(one);
        return filters.entrySet().stream()
                .allMatch(
                        asked ->
                                asked.getKey().equals(WEIGHTS)
                                        ? Pretrained.find(asked.getValue())
                                                .filter(one::equals)
                                                .isPresent()
                                        : asked.getValue().equals(properties.get(asked.getKey())));
    }

    /** What weights can be asked for by with {@code optFilter}. */
    static Map<String, String> properties(Pretrained one) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put(WEIGHTS, one.name());
        properties.put("library", one.library());
        properties.put("architecture", one.architecture());
        properties.put("classes", Integer.toString(one.classes()));
        properties.put("parameters", Long.toString(one.parameters()));
        properties.put("inputSize", Integer.toString(one.input().height()));
        properties.put("license", one.license());
        if (one.top1() != null) {
            properties.put("top1", String.format(Locale.ROOT, "%.3f", one.top1()));
        }
        return properties;
    }

    /** Tells the log what is fetched, and DJL's progress how far it is. */
    static WeightsLocator locator(Progress progress) {
        return new WeightsLocator(
                new DownloadListener() {
                    private long shown;

                    @Override
                    public void message(String text) {
                        LOGGER.info(text);
                    }

                    @Override
                    public void progress(String what, long done, long total) {
                        if (progress == null) {
                            return;
                        }
                        if (done < shown || shown == 0) {
                            progress.reset(what, total);
                        }
                        progress.update(done);
                        shown = done;
                        if (done == total) {
                            progress.end();
                        }
                    }
                });
    }
}
