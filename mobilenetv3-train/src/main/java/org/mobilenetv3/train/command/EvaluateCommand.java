package org.mobilenetv3.train.command;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.ExecutionOptions;
import org.mobilenetv3.export.ExportedDescription;
import org.mobilenetv3.export.TrainedNet;
import org.mobilenetv3.train.Evaluation;
import org.mobilenetv3.train.ProgressLine;
import org.mobilenetv3.train.Score;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.data.ImageSet;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.zoo.Preprocessing;
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
        TRAIN,
        VALIDATION,
        TEST
    }

    @Mixin private DataOptions data;
    @Mixin private ComputeOptions compute;
    @Mixin private ExecutionOptions execution;

    @Option(
            names = {"--model-path", "--weights"},
            paramLabel = "PACKAGE",
            required = true,
            description = "A package directory, a zip of one, or an exported file.")
    private Path modelPath;

    @Option(
            names = "--split",
            paramLabel = "PART",
            description = "train, validation or test (default: ${DEFAULT-VALUE}).",
            defaultValue = "test")
    private Part split;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Images at a time (default: ${DEFAULT-VALUE}).",
            defaultValue = "128")
    private int batchSize;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Which validation images were held out (default: as in training).")
    private Long seed;

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        try (TrainedNet net = compute.open(modelPath, execution)) {
            ExportedDescription description = net.description();
            ImageSet images = images(description);
            Score score;
            double seconds;
            try (BatchLoader loader = loader(images, description);
                    ProgressLine line = new ProgressLine("evaluate", images.size(), 0)) {
                long begin = System.nanoTime();
                score =
                        Evaluation.of(
                                net,
                                loader,
                                s -> {
                                    line.update(s, timeLeft(s, images.size(), begin));
                                    return true;
                                });
                seconds = (System.nanoTime() - begin) / 1e9;
            }
            print(images, score, seconds);
        }
        return 0;
    }

    private BatchLoader loader(ImageSet images, ExportedDescription description) {
        return BatchLoader.builder()
                .setSet(images)
                .setBatchSize(batchSize)
                .optNormalization(description.inputNormalization())
                .build();
    }

    private ImageSet images(ExportedDescription net) throws IOException {
        Preprocessing input = net.preprocessing();
        // With the customary margin the images were brought to one size; otherwise they had it.
        boolean resized = input.resize() == Preprocessing.resizeFor(input.size());
        Splits splits =
                data.load(data.dataset(), data.data(), resized ? input.size() : null, seed(net));
        ImageSet images =
                switch (split) {
                    case TRAIN -> splits.train();
                    case VALIDATION -> splits.validation();
                    case TEST -> splits.test();
                };
        if (images.channels() != input.channels()) {
            throw new IOException(
                    "%s has images of %d channels but %s was trained for %d."
                            .formatted(
                                    images.name(), images.channels(), modelPath, input.channels()));
        }
        List<String> classes = net.classes();
        if (!images.classes().equals(classes)) {
            throw new IOException(
                    "%s has %d classes (%s ...) but %s knows %d (%s ...)."
                            .formatted(
                                    images.name(),
                                    images.classes().size(),
                                    images.classes().get(0),
                                    modelPath,
                                    classes.size(),
                                    classes.get(0)));
        }
        return images;
    }

    private long seed(ExportedDescription description) {
        if (seed == null && description.provenance().get("seed") instanceof Number trained) {
            return trained.longValue();
        }
        return seed == null ? 1 : seed;
    }

    private static Duration timeLeft(Score score, int images, long begin) {
        double perImage = (System.nanoTime() - begin) / (double) score.images();
        return Duration.ofNanos(Math.round(perImage * (images - score.images())));
    }

    private void print(ImageSet images, Score score, double seconds) {
        double rate = score.images() / seconds;
        if (json) {
            System.out.println(
                    JsonUtils.GSON_PRETTY.toJson(
                            new Result(
                                    images.name(),
                                    split,
                                    score.images(),
                                    score.correct(),
                                    score.top1(),
                                    score.loss(),
                                    rate)));
        } else {
            System.out.printf(
                    "%s %s: top-1 %.2f %% (%,d of %,d)  loss %.4f  %,.0f images/s%n",
                    images.name(),
                    split.name().toLowerCase(java.util.Locale.ROOT),
                    100 * score.top1(),
                    score.correct(),
                    score.images(),
                    score.loss(),
                    rate);
        }
    }

    /** The result for machines. */
    private record Result(
            String dataset,
            Part split,
            long images,
            long correct,
            double top1,
            double loss,
            double imagesPerSecond) {}
}
