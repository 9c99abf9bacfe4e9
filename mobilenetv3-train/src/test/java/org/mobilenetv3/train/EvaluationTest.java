package org.mobilenetv3.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.source.SyntheticShapes;
import org.mobilenetv3.train.evaluation.Evaluation;
import org.mobilenetv3.train.run.Predictions;
import org.mobilenetv3.train.run.Predictions.Prediction;
import org.mobilenetv3.trained.ModelPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;

class EvaluationTest {

    private static final ImageSet IMAGES = SyntheticShapes.generate("test", 20, 3);
    private static final Normalization NORMALIZATION = Normalization.unit(3);

    @TempDir private static Path temporary;
    private static PackageNet net;

    /** A net that was never trained: its logits differ between an image and its mirror. */
    @BeforeAll
    static void makeNet() throws IOException {
        TorchRuntime.start();
        Architecture config =
                MobileNetV3.small().optClasses(10).optWidth(0.35).optStemStride(1).architecture();
        Path path = temporary.resolve("package");
        try (Model model = Model.newInstance(config.name(), Device.cpu(), "PyTorch")) {
            MobileNetV3 block = MobileNetV3.of(config, NORMALIZATION);
            model.setBlock(block);
            block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, 32, 32));
            ModelPackage.save(
                    path,
                    model,
                    new NetDescription(
                            config,
                            new Preprocessing(32, 32, NORMALIZATION),
                            true,
                            IMAGES.classes(),
                            Map.of()),
                    ModelPackage.Extra.NONE);
        }
        net = PackageNet.open(path, Device.cpu());
    }

    @AfterAll
    static void close() {
        net.close();
    }

    @Test
    void flipAveragingTakesTheMeanOfTheLogitsOfAnImageAndOfItsMirror() throws IOException {
        Evaluation evaluation = evaluate(IMAGES, true, 7);
        float[] plain = logits(IMAGES);
        float[] mirrored = logits(mirrored(IMAGES));
        assertThat(plain).isNotEqualTo(mirrored);
        float[] mean = new float[plain.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (plain[i] + mirrored[i]) / 2;
        }
        assertThat(evaluation.flipped()).isPresent();
        requireSame(evaluation.flipped().get(), mean);
        requireSame(evaluation.plain(), plain);
    }

    @Test
    void withoutFlipThereIsOnlyThePlainFigure() throws IOException {
        Evaluation evaluation = evaluate(IMAGES, false, 7);
        assertThat(evaluation.flipped()).isEmpty();
        assertThat(evaluation.plain().images())
                .extracting(Prediction::index)
                .containsExactlyElementsOf(IntStream.range(0, 20).boxed().toList());
        try (BatchLoader loader = loader(IMAGES, 7)) {
            assertThat(Evaluation.of(net, loader, s -> true)).isEqualTo(evaluation.plain().score());
        }
    }

    @Test
    void itStopsWhereItIsToldTo() throws IOException {
        try (BatchLoader loader = loader(IMAGES, 5)) {
            Evaluation evaluation = Evaluation.run(net, loader, true, s -> s.images() < 10);
            assertThat(evaluation.plain().images()).hasSize(10);
            assertThat(evaluation.flipped().get().images()).hasSize(10);
        }
    }

    private static void requireSame(Predictions actual, float[] logits) {
        List<Prediction> images = actual.images();
        assertThat(images).hasSize(IMAGES.size());
        for (int i = 0; i < images.size(); i++) {
            Prediction expected = Prediction.of(i, IMAGES.labels()[i], logits, 10 * i, 10);
            assertThat(images.get(i).predicted()).isEqualTo(expected.predicted());
            assertThat(images.get(i).loss()).isCloseTo(expected.loss(), within(1e-4));
            assertThat(images.get(i).probability()).isCloseTo(expected.probability(), within(1e-4));
        }
    }

    private static Evaluation evaluate(ImageSet images, boolean flip, int batchSize)
            throws IOException {
        try (BatchLoader loader = loader(images, batchSize)) {
            return Evaluation.run(net, loader, flip, s -> true);
        }
    }

    private static float[] logits(ImageSet images) {
        try (BatchLoader loader = loader(images, images.size());
                Batch batch = loader.epoch(0).iterator().next()) {
            return net.logits(batch.pixels().asFloatBuffer(), batch.shape());
        }
    }

    private static ImageSet mirrored(ImageSet set) {
        byte[][] images = new byte[set.size()][];
        for (int n = 0; n < images.length; n++) {
            byte[] image = set.images()[n];
            images[n] = new byte[image.length];
            for (int i = 0; i < image.length; i++) {
                images[n][i] = image[i / 32 * 32 + 31 - i % 32];
            }
        }
        return new ImageSet(set.name(), set.classes(), 3, 32, 32, images, set.labels());
    }

    private static BatchLoader loader(ImageSet images, int batchSize) {
        return BatchLoader.builder()
                .setSet(images)
                .setBatchSize(batchSize)
                .optNormalization(net.description().inputNormalization())
                .build();
    }
}
