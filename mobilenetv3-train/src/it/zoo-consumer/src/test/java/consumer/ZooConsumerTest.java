package consumer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Uses DJL's API alone, offline. */
class ZooConsumerTest {

    private static final Path RUN = Path.of(System.getProperty("run"));
    private static final Path PACKAGE = RUN.resolve("best");

    @ParameterizedTest
    @ValueSource(strings = {"mobilenet_v3_large", "mobilenet_v3_small"})
    void findsAnUntrainedNetByGroupAndArtifact(String artifact) throws Exception {
        Criteria<Image, Classifications> criteria =
                base().optGroupId("org.mobilenetv3")
                        .optArtifactId(artifact)
                        .optArgument("classes", 12)
                        .optArgument("inputSize", 96)
                        .build();
        for (Path file : samples()) {
            double[] probabilities = predict(criteria, file);
            assertEquals(12, probabilities.length);
            assertEquals(
                    1,
                    Stream.of(probabilities).flatMapToDouble(java.util.Arrays::stream).sum(),
                    1e-5);
        }
    }

    @Test
    void opensATrainedPackageByPathByUrlAndThroughTheZooWithTheSameResult() throws Exception {
        Criteria<Image, Classifications> byPath = base().optModelPath(PACKAGE).build();
        Criteria<Image, Classifications> byUrl =
                base().optModelUrls(PACKAGE.toUri().toString()).build();
        Criteria<Image, Classifications> byZoo =
                base().optGroupId("org.mobilenetv3")
                        .optArtifactId("mobilenet_v3_small")
                        .optArgument("package", PACKAGE.toString())
                        .build();
        List<Path> samples = samples();
        assertEquals(10, samples.size());
        for (Path file : samples) {
            double[] expected = predict(byPath, file);
            assertArrayEquals(expected, predict(byUrl, file));
            assertArrayEquals(expected, predict(byZoo, file), 1e-5);
        }
    }

    @Test
    void knowsTheClassNames() throws Exception {
        try (ZooModel<Image, Classifications> model =
                        base().optModelPath(PACKAGE).build().loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            Image image = ImageFactory.getInstance().fromFile(samples().get(0));
            assertTrue(predictor.predict(image).getClassNames().contains("triangle"));
        }
    }

    private static Criteria.Builder<Image, Classifications> base() {
        return Criteria.builder().setTypes(Image.class, Classifications.class);
    }

    private static double[] predict(Criteria<Image, Classifications> criteria, Path file)
            throws Exception {
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            return predictor
                    .predict(ImageFactory.getInstance().fromFile(file))
                    .getProbabilities()
                    .stream()
                    .mapToDouble(Double::doubleValue)
                    .toArray();
        }
    }

    private static List<Path> samples() throws Exception {
        try (Stream<Path> files = Files.list(RUN.resolve("samples"))) {
            return files.sorted().toList();
        }
    }
}
