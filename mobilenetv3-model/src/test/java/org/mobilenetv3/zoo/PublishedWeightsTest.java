package org.mobilenetv3.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Application;
import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ModelZoo;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.io.Checksums;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.Prediction;

/** Published weights through DJL's ModelZoo: listed, found by name and by what they are. */
class PublishedWeightsTest {

    @TempDir private Path temporary;
    private Path weights;

    @BeforeEach
    void register() throws IOException {
        weights = temporary.resolve("net.pth");
        try (InputStream in =
                MobileNetV3.class.getResourceAsStream("/golden/nets/torchvision-small.pth")) {
            Files.write(weights, in.readAllBytes());
        }
        Path registry = temporary.resolve("registry.json");
        Files.writeString(
                registry,
                """
                {"form": 1, "models": [
                  {"name": "mine/net", "aliases": ["net"], "task": "classification",
                   "architecture": "mobilenet_v3_small", "parameters": %s, "classes": 7,
                   "input": {"size": 64, "resize": 72,
                     "normalization": {"mean": [0, 0, 0], "std": [1, 1, 1]}},
                   "files": [{"address": "%s", "sha256": "%s"}], "top1": 61.5,
                   "source": "me", "license": "MIT"}]}
                """
                        .formatted(
                                Files.size(weights) / 5,
                                weights.toUri(),
                                Checksums.sha256(weights)));
        System.setProperty("MOBILENETV3_REGISTRY", registry.toString());
    }

    @AfterEach
    void forget() {
        System.clearProperty("MOBILENETV3_REGISTRY");
    }

    private static Criteria.Builder<Image, Classifications> criteria() {
        return Criteria.builder()
                .setTypes(Image.class, Classifications.class)
                .optGroupId("org.mobilenetv3");
    }

    @Test
    void theZooListsTheUntrainedNetAndItsWeightsWithTheirProperties() throws Exception {
        MRL small =
                ModelZoo.listModels(criteria().build())
                        .get(Application.CV.IMAGE_CLASSIFICATION)
                        .stream()
                        .filter(mrl -> mrl.getArtifactId().equals("mobilenet_v3_small"))
                        .findFirst()
                        .orElseThrow();
        assertThat(small.listArtifacts())
                .extracting(Artifact::getProperties)
                .contains(
                        Map.of(),
                        Map.of(
                                "weights", "mine/net",
                                "library", "mine",
                                "architecture", "mobilenet_v3_small",
                                "classes", "7",
                                "parameters", Long.toString(Files.size(weights) / 5),
                                "inputSize", "64",
                                "license", "MIT",
                                "top1", "61.500"))
                .anyMatch(
                        p ->
                                "torchvision/mobilenet_v3_small.imagenet1k_v1"
                                        .equals(p.get("weights")));
    }

    @Test
    void weightsAreFoundByNameByAliasByFilterAndWithoutAnArtifact() throws Exception {
        byte[] samples = new byte[3 * 90 * 70];
        new Random(1).nextBytes(samples);
        Pixels photo = new Pixels(samples, 3, 90, 70);
        Classifications expected;
        try (PackageNet net = PackageNet.open(weights, Device.cpu())) {
            float[] input = net.description().input(photo);
            float[] logits = net.logits(FloatBuffer.wrap(input), new Shape(1, 3, 64, 64));
            Prediction best = Prediction.top(logits, net.description().classes(), 1).get(0);
            for (Criteria.Builder<Image, Classifications> asked :
                    List.of(
                            criteria()
                                    .optArtifactId("mobilenet_v3_small")
                                    .optArgument("weights", "net"),
                            criteria()
                                    .optArtifactId("mobilenet")
                                    .optArgument("weights", "mine/net"),
                            criteria().optArgument("weights", "MINE/net"),
                            criteria().optArgument("weights", weights.toString()),
                            criteria()
                                    .optArtifactId("mobilenet_v3_small")
                                    .optFilter("weights", "net"),
                            criteria()
                                    .optArtifactId("mobilenet_v3_small")
                                    .optFilter("library", "mine"))) {
                Criteria<Image, Classifications> criteria = asked.build();
                assertThat(criteria.isDownloaded()).isTrue();
                try (ZooModel<Image, Classifications> model = criteria.loadModel();
                        Predictor<Image, Classifications> predictor = model.newPredictor()) {
                    expected =
                            predictor.predict(
                                    ImageFactory.getInstance().fromImage(photo.toImage()));
                }
                assertThat(expected.best().getClassName()).isEqualTo(best.className());
                assertThat(expected.best().getProbability())
                        .isCloseTo(best.probability(), within(1e-6));
            }
        }
    }

    @Test
    void whatIsNotPublishedIsNotFound() {
        assertThatThrownBy(
                        () ->
                                criteria()
                                        .optArtifactId("mobilenet_v3_large")
                                        .optFilter("weights", "net")
                                        .build()
                                        .loadModel())
                .isInstanceOf(ModelNotFoundException.class);
    }
}
