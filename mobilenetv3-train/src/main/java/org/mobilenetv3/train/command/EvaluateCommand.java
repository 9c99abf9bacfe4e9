package org.mobilenetv3.train.command;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.ArchOption;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.ExecutionOptions;
import org.mobilenetv3.cli.WeightNotes;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.train.Evaluation;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.folder.ImageFolder;
import org.mobilenetv3.train.data.folder.TestRequest;
import org.mobilenetv3.train.data.folder.TestRequest.Choice;
import org.mobilenetv3.train.run.Interval;
import org.mobilenetv3.train.run.Predictions;
import org.mobilenetv3.train.run.ProgressLine;
import org.mobilenetv3.train.run.RunResult;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.TrainedNet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Scores a trained package or an exported file on a part of a data set. */
@Command(
        name = "evaluate",
        description = "Score a trained package or an exported file on a data set.")
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

    @Mixin private DataOptions data;
    @Mixin private ComputeOptions compute;
    @Mixin private ExecutionOptions execution;

    @Option(
            names = "--weights",
            paramLabel = "WEIGHTS",
            required = true,
            description =
                    "A package, a zip of one, an exported file, or a file of torchvision, timm ...")
    private Path modelPath;

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

    @Mixin private ArchOption arch = new ArchOption();

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        try (TrainedNet net = compute.open(modelPath, arch.read(), execution)) {
            List<String> notes = WeightNotes.tell(net);
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
            Result result = Result.of(images.name(), part(), evaluation, seconds, notes);
            System.out.println(json ? JsonUtils.GSON_PRETTY.toJson(result) : result.describe());
        }
        return 0;
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
        int channels = net.preprocessing().channels();
        if (images.channels() != channels) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s has images of %d channels but %s was trained for %d.",
                            images.name(),
                            images.channels(),
                            modelPath,
                            channels));
        }
        List<String> classes = net.classes();
        if (!images.classes().equals(classes)) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s has %d classes (%s ...) but %s knows %d (%s ...)%s.",
                            images.name(),
                            images.classes().size(),
                            images.classes().get(0),
                            modelPath,
                            classes.size(),
                            classes.get(0),
                            classes.get(0).equals("class_0")
                                    ? "; give their names with 'convert --class-names FILE'"
                                    : ""));
        }
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

    /** The figures with flip averaging. */
    private record Flip(long correct, double top1, Double top5, double loss) {
        static Flip of(Predictions flipped) {
            RunResult test = RunResult.of(0, flipped, 0, 0);
            return new Flip(test.correct(), test.top1(), test.top5(), test.loss());
        }
    }

    /** The result for machines and for people. */
    private record Result(
            String dataset,
            Part split,
            long images,
            long correct,
            double top1,
            Interval interval,
            Double top5,
            double loss,
            double imagesPerSecond,
            Flip flip,
            List<String> notes) {

        static Result of(
                String dataset,
                Part split,
                Evaluation evaluation,
                double seconds,
                List<String> notes) {
            RunResult test = RunResult.of(0, evaluation.plain(), seconds, seconds);
            return new Result(
                    dataset,
                    split,
                    test.images(),
                    test.correct(),
                    test.top1(),
                    test.interval(),
                    test.top5(),
                    test.loss(),
                    test.images() / seconds,
                    evaluation.flipped().map(Flip::of).orElse(null),
                    notes);
        }

        String describe() {
            String plain =
                    String.format(
                            Locale.ROOT,
                            "%s %s: top-1 %.2f %% (%,d of %,d; 95 %% interval %.2f to %.2f %%)%s  loss %.4f  %,.0f images/s",
                            dataset,
                            split.name().toLowerCase(Locale.ROOT),
                            100 * top1,
                            correct,
                            images,
                            100 * interval.low(),
                            100 * interval.high(),
                            top5(top5),
                            loss,
                            imagesPerSecond);
            return flip == null
                    ? plain
                    : plain
                            + String.format(
                                    Locale.ROOT,
                                    "%n  with flip averaging: top-1 %.2f %% (%,d of %,d)%s  loss %.4f",
                                    100 * flip.top1(),
                                    flip.correct(),
                                    images,
                                    top5(flip.top5()),
                                    flip.loss());
        }

        private static String top5(Double share) {
            return share == null ? "" : String.format(Locale.ROOT, "  top-5 %.2f %%", 100 * share);
        }
    }
}
