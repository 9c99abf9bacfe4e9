package org.mobilenetv3.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Application;
import ai.djl.Device;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.output.CategoryMask;
import ai.djl.modality.cv.output.DetectedObjects;
import ai.djl.modality.cv.output.Rectangle;
import ai.djl.repository.MRL;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ModelZoo;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.detection.Detection;
import org.mobilenetv3.export.DetectionNetsTest;
import org.mobilenetv3.export.TestNets;
import org.mobilenetv3.export.WeightsExporter;
import org.mobilenetv3.export.WeightsFormat;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;

/** Nets that detect and segment through DJL's ModelZoo: they answer as {@code predict} does. */
class ZooTasksTest {

    private static final List<String> CLASSES = List.of("ground", "sky", "tree");
    private static final List<Pixels> PHOTOS = List.of(photo(75, 140, 1), photo(120, 90, 2));

    @TempDir private static Path temporary;
    private static Path detector;
    private static Path segmenter;

    @BeforeAll
    static void save() throws IOException {
        detector = DetectionNetsTest.packaged(temporary.resolve("detector")).directory();
        Architecture table = Presets.of("lraspp_small", 0.35).withClasses(CLASSES.size());
        segmenter = temporary.resolve("segmenter");
        try (Model model = TestNets.model(table)) {
            DetectionNetsTest.scatter((MobileNetV3) model.getBlock());
            Preprocessing input = new Preprocessing(new Fit.WholeImage(64), TestNets.NORMALIZATION);
            ModelPackage.save(
                    segmenter,
                    model,
                    new NetDescription(table, input, true, CLASSES, Map.of()),
                    ModelPackage.Extra.NONE);
        }
    }

    @AfterEach
    void forget() {
        System.clearProperty("MOBILENETV3_REGISTRY");
    }

    @Test
    void objectsOfABatchOfDifferentImagesAreThoseOfPredict() throws Exception {
        Criteria<Image, DetectedObjects> criteria =
                criteria(DetectedObjects.class)
                        .optArtifactId("ssdlite320_small")
                        .optArgument("package", detector.toString())
                        .optArgument("threshold", 0.3)
                        .build();
        try (ZooModel<Image, DetectedObjects> model = criteria.loadModel();
                Predictor<Image, DetectedObjects> predictor = model.newPredictor()) {
            List<DetectedObjects> found =
                    predictor.batchPredict(PHOTOS.stream().map(ZooTasksTest::image).toList());
            for (int i = 0; i < PHOTOS.size(); i++) {
                same(PHOTOS.get(i), found.get(i), 0.3);
            }
            same(PHOTOS.get(1), predictor.predict(image(PHOTOS.get(1))), 0.3);
        }
    }

    @Test
    void objectsOfImageFilesAreThoseOfPredictAndSoIsTheThreshold() throws Exception {
        Path file = temporary.resolve("photo.png");
        Path other = temporary.resolve("other.png");
        ImageIO.write(PHOTOS.get(0).toImage(), "png", file.toFile());
        ImageIO.write(PHOTOS.get(1).toImage(), "png", other.toFile());
        for (double threshold : new double[] {0.3, 0.5}) {
            Criteria.Builder<Path, DetectedObjects> criteria =
                    Criteria.builder()
                            .setTypes(Path.class, DetectedObjects.class)
                            .optModelPath(detector)
                            .optTranslatorFactory(new PackageTranslatorFactory());
            if (threshold != 0.5) {
                criteria.optArgument("threshold", threshold);
            }
            try (ZooModel<Path, DetectedObjects> model = criteria.build().loadModel();
                    Predictor<Path, DetectedObjects> predictor = model.newPredictor()) {
                List<DetectedObjects> found = predictor.batchPredict(List.of(file, other));
                same(PHOTOS.get(0), found.get(0), threshold);
                same(PHOTOS.get(1), found.get(1), threshold);
            }
        }
    }

    @Test
    void djlGivenOnlyAPathAnswersInJsonByTheTask() throws Exception {
        for (Path path : List.of(detector, segmenter)) {
            Criteria<Input, Output> criteria =
                    Criteria.builder()
                            .setTypes(Input.class, Output.class)
                            .optModelPath(path)
                            .optArgument("threshold", "0.1")
                            .build();
            Path file = temporary.resolve("input.png");
            ImageIO.write(PHOTOS.get(0).toImage(), "png", file.toFile());
            Input input = new Input();
            input.add("data", Files.readAllBytes(file));
            try (ZooModel<Input, Output> model = criteria.loadModel();
                    Predictor<Input, Output> predictor = model.newPredictor()) {
                String json = predictor.predict(input).getAsString(0);
                assertThat(json).contains(path == detector ? "boundingBox" : "\"mask\"");
            }
        }
    }

    @Test
    void masksOfABatchOfDifferentImagesAreThoseOfPredict() throws Exception {
        Criteria<Image, CategoryMask> criteria =
                criteria(CategoryMask.class)
                        .optArtifactId("lraspp_small")
                        .optArgument("package", segmenter.toString())
                        .build();
        try (ZooModel<Image, CategoryMask> model = criteria.loadModel();
                Predictor<Image, CategoryMask> predictor = model.newPredictor();
                TrainedNet net = TrainedNet.open(segmenter, Device.cpu(), 1)) {
            List<CategoryMask> masks =
                    predictor.batchPredict(PHOTOS.stream().map(ZooTasksTest::image).toList());
            for (int i = 0; i < PHOTOS.size(); i++) {
                Mask expected = net.mask(PHOTOS.get(i));
                assertThat(masks.get(i).getClasses()).isEqualTo(CLASSES);
                int[][] mask = masks.get(i).getMask();
                assertThat(mask).hasDimensions(expected.height(), expected.width());
                for (int y = 0; y < expected.height(); y++) {
                    for (int x = 0; x < expected.width(); x++) {
                        assertThat(mask[y][x]).isEqualTo(expected.at(y, x));
                    }
                }
            }
            assertThat(
                            Arrays.stream(masks.get(0).getMask())
                                    .flatMapToInt(Arrays::stream)
                                    .distinct())
                    .hasSizeGreaterThan(1);
        }
    }

    @Test
    void publishedWeightsAreFoundByNameAndByWhatTheyAnswer() throws Exception {
        Path weights = temporary.resolve("net.pth");
        try (PackageNet net = PackageNet.open(segmenter, Device.cpu())) {
            new WeightsExporter(WeightsFormat.TORCHVISION).export(net, weights);
        }
        Path registry = temporary.resolve("registry.json");
        Files.writeString(
                registry,
                """
                {"form": 1, "models": [
                  {"name": "mine/masks", "task": "segmentation",
                   "architecture": "lraspp_small", "parameters": 100000, "classes": 3,
                   "input": {"shorterSide": 64,
                     "normalization": {"mean": [0.4, 0.5, 0.6], "std": [0.2, 0.3, 0.4]}},
                   "files": [{"address": "%s"}], "source": "me", "license": "MIT"}]}
                """
                        .formatted(weights.toUri()));
        System.setProperty("MOBILENETV3_REGISTRY", registry.toString());
        for (Criteria.Builder<Image, CategoryMask> asked :
                List.of(
                        criteria(CategoryMask.class)
                                .optArtifactId("mobilenet")
                                .optArgument("weights", weights.toString()),
                        criteria(CategoryMask.class).optFilter("library", "mine"))) {
            try (ZooModel<Image, CategoryMask> model = asked.build().loadModel();
                    Predictor<Image, CategoryMask> predictor = model.newPredictor()) {
                assertThat(predictor.predict(image(PHOTOS.get(0))).getMask())
                        .hasDimensions(75, 140);
            }
        }
        assertThatThrownBy(
                        () ->
                                criteria(DetectedObjects.class)
                                        .optFilter("library", "mine")
                                        .build()
                                        .loadModel())
                .isInstanceOf(ModelNotFoundException.class);
    }

    @Test
    void theZooListsNetsByTheirTasks() throws Exception {
        var models = ModelZoo.listModels(criteria(DetectedObjects.class).build());
        assertThat(models.get(Application.CV.OBJECT_DETECTION))
                .extracting(MRL::getArtifactId)
                .contains("ssdlite320_large", "ssdlite320_large_full", "ssdlite320_small");
        assertThat(models.get(Application.CV.SEMANTIC_SEGMENTATION))
                .extracting(MRL::getArtifactId)
                .contains("lraspp_large", "lraspp_small");
        MRL published =
                models.get(Application.CV.OBJECT_DETECTION).stream()
                        .filter(mrl -> mrl.getArtifactId().equals("ssdlite320_large"))
                        .findFirst()
                        .orElseThrow();
        assertThat(published.listArtifacts())
                .extracting(one -> one.getProperties().get("weights"))
                .contains("torchvision/ssdlite320_mobilenet_v3_large.coco_v1");
    }

    @Test
    void anUntrainedNetAnswersByItsTask() throws Exception {
        Criteria<Image, DetectedObjects> boxes =
                criteria(DetectedObjects.class)
                        .optArtifactId("ssdlite320_small")
                        .optArgument("width", 0.35)
                        .optArgument("classes", 2)
                        .optArgument("inputSize", 64)
                        .optArgument("threshold", 0)
                        .build();
        try (ZooModel<Image, DetectedObjects> model = boxes.loadModel();
                Predictor<Image, DetectedObjects> predictor = model.newPredictor()) {
            assertThat(predictor.predict(image(PHOTOS.get(0))).getNumberOfObjects()).isPositive();
        }
    }

    @Test
    void anotherAnswerThanTheTasksIsRefusedInASentence() {
        assertThatThrownBy(
                        () ->
                                criteria(Classifications.class)
                                        .optArgument("package", detector.toString())
                                        .build()
                                        .loadModel())
                .hasMessage(
                        "ssdlite320_small_w0.25 detects: ask for ai.djl.modality.cv.Image and ai.djl.modality.cv.output.DetectedObjects, not for ai.djl.modality.cv.Image and ai.djl.modality.Classifications.");
        assertThatThrownBy(() -> PackageModel.open(segmenter, DetectedObjects.class, null))
                .hasMessageContaining("segments: ask for");
        assertThatThrownBy(
                        () ->
                                criteria(CategoryMask.class)
                                        .optArtifactId("mobilenet_v3_small")
                                        .optArgument("package", segmenter.toString())
                                        .build()
                                        .loadModel())
                .hasMessageContaining("holds lraspp_small_w0.35, not mobilenet_v3_small");
        assertThatThrownBy(
                        () ->
                                criteria(DetectedObjects.class)
                                        .optArgument("package", detector.toString())
                                        .optArgument("threshold", "high")
                                        .build()
                                        .loadModel())
                .hasMessage("Argument threshold is high but must be of 0 to 1.");
    }

    private static void same(Pixels photo, DetectedObjects found, double threshold)
            throws IOException {
        try (TrainedNet net = TrainedNet.open(detector, Device.cpu(), 1)) {
            List<Detection> expected =
                    net.detect(photo).stream().filter(one -> one.score() >= threshold).toList();
            assertThat(expected.isEmpty()).isEqualTo(threshold >= 0.5);
            assertThat(found.getNumberOfObjects()).isEqualTo(expected.size());
            for (int i = 0; i < expected.size(); i++) {
                DetectedObjects.DetectedObject object = found.item(i);
                assertThat(object.getClassName())
                        .isEqualTo(net.description().classes().get(expected.get(i).label()));
                assertThat(object.getProbability())
                        .isCloseTo(expected.get(i).score(), within(1e-6));
                Rectangle share = object.getBoundingBox().getBounds();
                Box box = expected.get(i).box();
                assertThat(share.getX() * photo.width()).isCloseTo(box.left(), within(1e-3));
                assertThat(share.getY() * photo.height()).isCloseTo(box.top(), within(1e-3));
                assertThat(share.getWidth() * photo.width()).isCloseTo(box.width(), within(1e-3));
                assertThat(share.getHeight() * photo.height())
                        .isCloseTo(box.height(), within(1e-3));
            }
        }
    }

    private static <T> Criteria.Builder<Image, T> criteria(Class<T> output) {
        return Criteria.builder().setTypes(Image.class, output).optGroupId("org.mobilenetv3");
    }

    private static Image image(Pixels photo) {
        return ImageFactory.getInstance().fromImage(photo.toImage());
    }

    private static Pixels photo(int height, int width, int seed) {
        byte[] samples = new byte[3 * height * width];
        new Random(seed).nextBytes(samples);
        return new Pixels(samples, 3, height, width);
    }
}
