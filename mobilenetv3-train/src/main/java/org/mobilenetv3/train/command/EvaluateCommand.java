package org.mobilenetv3.train.command;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mobilenetv3.Task;
import org.mobilenetv3.cli.ArchOption;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.EngineOption;
import org.mobilenetv3.cli.ExecutionOptions;
import org.mobilenetv3.cli.TimeBudget;
import org.mobilenetv3.cli.WeightNotes;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.folder.ImageFolder;
import org.mobilenetv3.train.data.folder.TestRequest;
import org.mobilenetv3.train.data.folder.TestRequest.Choice;
import org.mobilenetv3.train.data.imagenet.ValidationImages;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.evaluation.Evaluation;
import org.mobilenetv3.train.evaluation.EvaluationResult;
import org.mobilenetv3.train.evaluation.ImageNetEvaluation;
import org.mobilenetv3.train.evaluation.SceneEvaluation;
import org.mobilenetv3.train.evaluation.SceneFigures;
import org.mobilenetv3.train.metric.DetectionResult;
import org.mobilenetv3.train.metric.SegmentationResult;
import org.mobilenetv3.train.run.ProgressLine;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.TrainedNet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Scores a trained package or an exported file on a part of a data set. */
@Command(
        name = "evaluate",
        description = "Score a trained package or an exported file on a data set.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 evaluate --weights runs/NAME/best --dataset fashion-mnist",
            "  mobilenetv3 evaluate --weights large --dataset imagenet --data ILSVRC2012/"
        })
final class EvaluateCommand implements Callable<Integer> {

    /** The parts of a data set. */
    enum Part {
        TRAIN(Choice.TRAIN),
        VALIDATION(Choice.VALIDATION),
        TEST(Choice.TEST),
        ALL(Choice.ALL);

        private final Choice choice;

        Part(Choice choice) {
            this.choice = choice;
        }
    }

    /** What is averaged over at test time. */
    enum TestTimeAugmentation {
        NONE,
        FLIP
    }

    private static final String FOLDER = "folder";
    private static final String IMAGENET = "imagenet";
    private static final int INTERRUPTED = 130;

    @Spec private CommandSpec spec;

    @Mixin private DataOptions data;
    @Mixin private ComputeOptions compute;
    @Mixin private EngineOption engine;
    @Mixin private ExecutionOptions execution;

    @Mixin private WeightsOption weights;
    @Mixin private TimeBudget budget;

    @Option(
            names = "--split",
            paramLabel = "PART",
            description =
                    "train, validation or test; all, of a folder of images (default: test; all of"
                            + " a folder without parts, unless the net was trained on it).")
    private Part split;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Images per batch (default: ${DEFAULT-VALUE}).",
            defaultValue = "128")
    private int batchSize;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed that chose the validation images (default: as in training).")
    private Long seed;

    @Option(
            names = "--tta",
            paramLabel = "KIND",
            description =
                    "Test-time augmentation: none or flip, which averages the logits of each image"
                            + " and its mirror and takes twice as long; the plain figures are given"
                            + " too (default: ${DEFAULT-VALUE}).",
            defaultValue = "none")
    private TestTimeAugmentation tta;

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description =
                    "imagenet: the classes of images that lie in one folder, a line each of NAME"
                            + " INDEX or NAME WNID (default: val.txt or LOC_val_solution.csv beside"
                            + " them).")
    private Path labels;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description =
                    "imagenet: where to keep the prediction of each image, from which the same"
                            + " command goes on after an interruption (default: in DJL's cache,"
                            + " until the result is there).")
    private Path state;

    @Mixin private ArchOption arch = new ArchOption();

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    private Path modelPath;

    @Override
    public Integer call() throws IOException {
        modelPath =
                budget.choose(
                        weights.locate(),
                        path -> engine.open(path, arch.read(), compute, execution, false));
        try (TrainedNet net = engine.open(modelPath, arch.read(), compute, execution, false)) {
            List<String> notes = WeightNotes.tell(net);
            if (net.description().architecture().task() != Task.CLASSIFY) {
                evaluateOnScenes(net, notes);
                return 0;
            }
            if (data.dataset().equals(IMAGENET)) {
                return evaluateOnImageNet(net, notes);
            }
            if (labels != null || state != null) {
                throw new IllegalArgumentException(
                        "%s is for --dataset imagenet; leave it out."
                                .formatted(labels != null ? "--labels" : "--state"));
            }
            NetDescription description = net.description();
            ImageSet images = images(description);
            Evaluation evaluation;
            double seconds;
            try (BatchLoader loader = loader(images, description);
                    ProgressLine line = new ProgressLine("evaluate", images.size(), 0)) {
                long begin = System.nanoTime();
                evaluation =
                        Evaluation.run(
                                net,
                                loader,
                                tta == TestTimeAugmentation.FLIP,
                                s -> {
                                    line.update(s, timeLeft(s, images.size(), begin));
                                    return true;
                                });
                seconds = (System.nanoTime() - begin) / 1e9;
            }
            EvaluationResult.of(
                            images.name(),
                            part().name(),
                            evaluation,
                            images.size() / seconds,
                            notes)
                    .print(json);
        }
        return 0;
    }

    private void evaluateOnScenes(TrainedNet net, List<String> notes) throws IOException {
        Task task = net.description().architecture().task();
        SceneRun.requireScenes(task, data);
        if (spec.commandLine().getParseResult().hasMatchedOption("--batch-size")) {
            throw new IllegalArgumentException(
                    "--batch-size is for nets that classify; leave it out.");
        }
        if (tta != TestTimeAugmentation.NONE || labels != null || state != null) {
            throw new IllegalArgumentException(
                    "--tta, --labels and --state are for nets that classify; leave them out.");
        }
        SceneSet scenes =
                DataOptions.scenes(
                        net.description(), data.data(), part().choice, seed(net.description()));
        SceneEvaluation evaluation = new SceneEvaluation(net, net.description(), scenes, 1);
        long begin = System.nanoTime();
        DetectionResult boxes = task == Task.DETECT ? evaluation.boxes(() -> false).result() : null;
        SegmentationResult masks =
                task == Task.SEGMENT ? evaluation.masks(() -> false).result() : null;
        double seconds = (System.nanoTime() - begin) / 1e9;
        new SceneFigures(scenes.name(), part().name(), boxes, masks, scenes.size() / seconds, notes)
                .print(json);
    }

    private int evaluateOnImageNet(TrainedNet net, List<String> notes) throws IOException {
        if (split != null) {
            throw new IllegalArgumentException(
                    "--split is not for --dataset imagenet, which is its validation images; leave it out.");
        }
        if (data.data() == null) {
            throw new IllegalArgumentException(
                    "The data set 'imagenet' needs the folder of its validation images; give --data DIR.");
        }
        ImageNetEvaluation evaluation =
                new ImageNetEvaluation(
                        net,
                        modelPath,
                        ValidationImages.find(data.data(), labels),
                        batchSize,
                        tta == TestTimeAugmentation.FLIP,
                        notes);
        try (Interrupt interrupt = new Interrupt()) {
            Optional<EvaluationResult> result =
                    evaluation.run(
                            evaluation.identity(modelPath, computing(net)),
                            state,
                            interrupt::requested);
            result.ifPresent(figures -> figures.print(json));
            return result.map(figures -> figures.unreadable() == null ? 0 : 1).orElse(INTERRUPTED);
        }
    }

    /** What the last digits of logits depend on. */
    private String computing(TrainedNet net) {
        String threads = compute.cores() + " threads";
        if (!(net instanceof PackageNet)) {
            return net.getClass().getSimpleName() + ", " + threads;
        }
        Device device = compute.start();
        return "%s, %s, %s".formatted(device, execution.choose(device), threads);
    }

    private BatchLoader loader(ImageSet images, NetDescription description) {
        return BatchLoader.builder()
                .setSet(images)
                .setBatchSize(batchSize)
                .optNormalization(description.inputNormalization())
                .build();
    }

    private ImageSet images(NetDescription net) throws IOException {
        ImageSet images = data.dataset().equals(FOLDER) ? ofFolder(net) : ofDataset(net);
        DataOptions.requireOf(net, modelPath, images);
        return images;
    }

    private ImageSet ofFolder(NetDescription net) throws IOException {
        Preprocessing input = net.preprocessing();
        if (data.data() == null) {
            throw new IllegalArgumentException(
                    "The data set 'folder' needs a directory of class folders; give --data DIR.");
        }
        try (DataOptions.Listener listener = new DataOptions.Listener()) {
            return ImageFolder.readForTesting(
                    data.data(),
                    new TestRequest(
                            input.fit(),
                            input.channels(),
                            net.classes(),
                            split == null ? Choice.UNSEEN : split.choice,
                            seed(net),
                            images -> RunSettings.hasLearned(images, net.provenance()),
                            listener));
        }
    }

    private ImageSet ofDataset(NetDescription net) throws IOException {
        Preprocessing input = net.preprocessing();
        Splits splits =
                DataOptions.read(
                        data.dataset(),
                        data.data(),
                        input.fit(),
                        input.channels(),
                        data.offline(),
                        seed(net));
        return switch (part()) {
            case TRAIN -> splits.train();
            case VALIDATION -> splits.validation();
            case TEST -> splits.test();
            case ALL ->
                    throw new IllegalArgumentException(
                            "--split all is for a folder of images; give train, validation or test.");
        };
    }

    /** What the result calls the images. */
    private Part part() {
        return split == null ? Part.TEST : split;
    }

    private long seed(NetDescription description) {
        if (seed == null && description.provenance().get("seed") instanceof Number trained) {
            return trained.longValue();
        }
        return seed == null ? 1 : seed;
    }

    private static Duration timeLeft(Score score, int images, long begin) {
        double perImage = (System.nanoTime() - begin) / (double) score.images();
        return Duration.ofNanos(Math.round(perImage * (images - score.images())));
    }
}
