package org.mobilenetv3.zoo;

import ai.djl.Application;
import ai.djl.repository.AbstractRepository;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.Metadata;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.mobilenetv3.pretrained.Pretrained;

/** What DJL's ModelZoo lists of one architecture: the untrained net and its published weights. */
final class ZooRepository extends AbstractRepository {

    private static final String VERSION = "1.0";

    private final Metadata metadata = new Metadata();

    /**
     * Lists an artifact.
     *
     * @param application what it is for
     * @param name of the artifact
     * @param weights what is published of it
     */
    ZooRepository(Application application, String name, List<Pretrained> weights) {
        super(
                MobileNetV3Loader.GROUP_ID,
                URI.create("jar:///org/mobilenetv3/pretrained/pretrained.json"));
        metadata.setGroupId(MobileNetV3Loader.GROUP_ID);
        metadata.setArtifactId(name);
        metadata.setName(name);
        metadata.setApplication(application);
        metadata.setRepositoryUri(uri);
        metadata.setArtifacts(
                Stream.concat(
                                Stream.of(artifact(name, Map.of(), Map.of())),
                                weights.stream().map(one -> artifact(name, one)))
                        .toList());
    }

    private Artifact artifact(String name, Pretrained one) {
        return artifact(
                name,
                PublishedWeights.properties(one),
                Map.of(PublishedWeights.WEIGHTS, one.name()));
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
