package org.mobilenetv3.zoo;

import ai.djl.Application;
import ai.djl.repository.AbstractRepository;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.Metadata;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.mobilenetv3.pretrained.Pretrained;
import org.mobilenetv3.pretrained.Pretrained.Task;

/** What DJL's ModelZoo lists of one architecture: the untrained net and its published weights. */
final class ZooRepository extends AbstractRepository {

    private static final String WEIGHTS = "weights";
    private static final String VERSION = "1.0";

    private final Metadata metadata = new Metadata();

    /**
     * Lists an artifact.
     *
     * @param group of all of them
     * @param name of the artifact
     * @param weights what is published of it
     */
    ZooRepository(String group, String name, List<Pretrained> weights) {
        super(group, URI.create("jar:///org/mobilenetv3/pretrained/pretrained.json"));
        metadata.setGroupId(group);
        metadata.setArtifactId(name);
        metadata.setName(name);
        metadata.setApplication(Application.CV.IMAGE_CLASSIFICATION);
        metadata.setRepositoryUri(uri);
        metadata.setArtifacts(
                Stream.concat(
                                Stream.of(artifact(name, Map.of(), Map.of())),
                                weights.stream().map(one -> artifact(name, one)))
                        .toList());
    }

    /**
     * Returns the published weights of an artifact.
     *
     * @param accepts by the name of the architecture
     * @return those that are run here
     */
    static List<Pretrained> weights(Predicate<String> accepts) {
        return Pretrained.all().stream()
                .filter(one -> one.task() == Task.CLASSIFICATION)
                .filter(one -> accepts.test(one.architecture()))
                .toList();
    }

    /** What can be asked for with {@code optFilter}. */
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

    /**
     * Returns whether weights have all properties that are asked for.
     *
     * @param one the weights; their aliases are names, too
     * @param filters property and value
     */
    static boolean matches(Pretrained one, Map<String, String> filters) {
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

    private Artifact artifact(String name, Pretrained one) {
        return artifact(name, properties(one), Map.of(WEIGHTS, one.name()));
    }

    private Artifact artifact(
            String name, Map<String, String> properties, Map<String, Object> arguments) {
        Artifact artifact = new Artifact();
        artifact.setName(name);
        artifact.setVersion(VERSION);
        artifact.setProperties(properties);
        artifact.setArguments(arguments);
        artifact.setFiles(Map.of());
        artifact.setMetadata(metadata);
        return artifact;
    }

    @Override
    public boolean isRemote() {
        return false;
    }

    @Override
    public Metadata locate(MRL mrl) {
        return metadata;
    }

    @Override
    public Artifact resolve(MRL mrl, Map<String, String> filter) {
        return metadata.getArtifacts().stream()
                .filter(artifact -> artifact.hasProperties(filter))
                .findFirst()
                .orElse(null);
    }

    @Override
    public List<MRL> getResources() {
        return List.of();
    }
}
