package org.mobilenetv3.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.ImageSetDataset;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.augment.Augmentation;
import org.mobilenetv3.train.data.source.Datasets;
import org.mobilenetv3.train.data.source.SyntheticShapes;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.EpochMetrics;
import org.mobilenetv3.train.run.RunDirectory;
import org.mobilenetv3.train.run.RunSettings;

/** DJL's data sets on our loop, and ours on DJL's. Chance is 10 %. */
class DjlTrainingTest {
    private static final ImageSet TRAIN = SyntheticShapes.generate("train", 96, 1);
    private static final ImageSet TEST = SyntheticShapes.generate("test", 40, 1);
    private static final Normalization NORMALIZATION = Normalization.uniform(3, 0.5f, 0.29f);

    @TempDir private Path temporary;

    @BeforeAll
    static void start() {
        TorchRuntime.start();
    }

    private static MobileNetV3.Builder net() {
        return MobileNetV3.small().optWidth(0.35).optClasses(10).optDropout(0f).optStemStride(2);
    }

    /** The images as DJL's Cifar10 has them. */
    private static RandomAccessDataset djl(NDManager manager, ImageSet set) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(set.size() * 3 * 32 * 32);
        for (byte[] image : set.images()) {
            bytes.put(image);
        }
        NDArray data =
                manager.create(bytes.flip(), new Shape(set.size(), 3, 32, 32), DataType.UINT8)
                        .transpose(0, 2, 3, 1)
                        .toType(DataType.FLOAT32, false);
        return new ArrayDataset.Builder()
                .setData(data)
                .optLabels(manager.create(set.labels()).toType(DataType.FLOAT32, false))
                .setSampling(1, false)
                .build();
    }

    @Test
    void aDataSetOfDjlsIsLearnedByOurLoop() throws Exception {
        Splits splits;
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            ImageSet train = Datasets.of("shapes", TRAIN.classes(), djl(manager, TRAIN));
            ImageSet test = Datasets.of("shapes", TRAIN.classes(), djl(manager, TEST));
            splits = Splits.carveValidation(train, test, 0);
        }
        assertThat(splits.test().checksum()).isEqualTo(TEST.checksum());
        RunSettings settings =
                new RunSettings(
                        "shapes",
                        null,
                        splits.train().size(),
                        splits.train().checksum(),
                        net().architecture(),
                        new Preprocessing(32, 32, NORMALIZATION),
                        Recipe.of("quick", "mobilenet_v3_small")
                                .with(RecipeKey.EPOCHS, 15)
                                .with(RecipeKey.LR, 0.003)
                                .with(RecipeKey.CROP_PADDING, 0)
                                .with(RecipeKey.BATCH_SIZE, 32),
                        null,
                        null,
                        null,
                        1,
                        1,
                        null,
                        Execution.COMPILED);
        RunDirectory directory = new RunDirectory(temporary.resolve("run"));
        directory.create(settings);
        TrainingRun.Outcome outcome =
                TrainingRun.of(
                                settings,
                                splits,
                                directory,
                                new TrainingRun.Compute(
                                        List.of(Device.cpu()), 1, 1, Duration.ofHours(1)),
                                new PrintStream(OutputStream.nullOutputStream()))
                        .run(false, () -> false);
        List<EpochMetrics> history = outcome.history();
        assertThat(history.get(14).trainLoss()).isLessThan(history.get(0).trainLoss() / 1.3);
        assertThat(history.get(14).trainScore()).isGreaterThan(0.3);
        assertThat(history.get(14).validationLoss()).isFinite();
    }

    @Test
    void ourImagesAreLearnedByDjlsLoop() throws Exception {
        RandomAccessDataset train =
                dataset(TRAIN, true)
                        .optAugmentation(Augmentation.builder().optHorizontalFlip(true).build())
                        .build();
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optDevices(new Device[] {Device.cpu()})
                        .addEvaluator(new Accuracy())
                        .addTrainingListeners(TrainingListener.Defaults.basic())
                        .optOptimizer(
                                Optimizer.adam()
                                        .optLearningRateTracker(Tracker.fixed(0.003f))
                                        .build());
        try (Model model = Model.newInstance("net", Device.cpu(), "PyTorch")) {
            model.setBlock(net().build());
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(1, 3, 32, 32));
                EasyTrain.fit(trainer, 1, train, null);
                float first = trainer.getTrainingResult().getTrainLoss();
                EasyTrain.fit(trainer, 14, train, dataset(TEST, false).build());
                float last = trainer.getTrainingResult().getTrainLoss();
                assertThat(last).isLessThan(first / 1.3f);
                assertThat(trainer.getTrainingResult().getTrainEvaluation("Accuracy"))
                        .isGreaterThan(0.3f);
                assertThat(trainer.getTrainingResult().getValidateLoss()).isFinite();
            }
        }
    }

    private static ImageSetDataset.Builder dataset(ImageSet set, boolean shuffle) {
        return ImageSetDataset.builder()
                .setSet(set)
                .optNormalization(NORMALIZATION)
                .setSampling(32, shuffle);
    }
}
