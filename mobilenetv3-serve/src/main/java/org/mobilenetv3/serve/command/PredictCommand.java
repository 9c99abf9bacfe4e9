package org.mobilenetv3.serve.command;

import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Task;
import org.mobilenetv3.cli.ArchOption;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.EngineOption;
import org.mobilenetv3.cli.ExecutionOptions;
import org.mobilenetv3.cli.TimeBudget;
import org.mobilenetv3.cli.WeightNotes;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.detection.Detection;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.ElasticPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.Prediction;
import org.mobilenetv3.trained.TrainedNet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Answers for image files with a trained package or an exported file, as the net's task is. */
@Command(
        name = "predict",
        description =
                "Classify image files, with ImageNet's classes if no other weights are given; a net that"
                        + " detects finds the objects in each image and draws their boxes, one that"
                        + " segments writes a mask of each image.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 predict photo.jpg",
            "  mobilenetv3 predict --weights timm/mobilenetv3_small_100.lamb_in1k photo.jpg",
            "  mobilenetv3 predict --weights runs/shapes-mobilenet_v3_small/best photo.jpg",
            "  mobilenetv3 predict --weights runs/shapes-mobilenet_v3_small/best --features seen *.jpg",
            "  mobilenetv3 predict --weights elastic --budget-ms 2 photo.jpg",
            "  mobilenetv3 predict --weights ssdlite --threshold 0.3 --out boxes photo.jpg",
            "  mobilenetv3 predict --weights lraspp --out masks photo.jpg"
        })
final class PredictCommand implements Callable<Integer> {

    @Mixin private ComputeOptions compute;
    @Mixin private EngineOption engine;
    @Mixin private ExecutionOptions execution;

    @Mixin private WeightsOption weights;
    @Mixin private TimeBudget budget;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "Classes to show (default: ${DEFAULT-VALUE}).",
            defaultValue = "3")
    private int topK;

    @Option(
            names = "--features",
            paramLabel = "DIR",
            description =
                    "Write each image's embedding and feature maps to DIR/IMAGE.npz, for NumPy and"
                            + " DJL.")
    private Path features;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Where a net that detects writes IMAGE-boxes.png, and one that segments"
                            + " IMAGE-mask.png, whose palette's indices are the classes, and"
                            + " IMAGE-overlay.png (default: beside each image).")
    private Path out;

    @Option(
            names = "--threshold",
            paramLabel = "SCORE",
            description =
                    "The least score of objects that are shown, 0 to 1 (nets that detect; default: 0.5).")
    private Double threshold;

    @Option(
            names = "--logits",
            description = "Include the logits of all classes, in their order (with --json).")
    private boolean logits;

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    @Parameters(
            arity = "1..*",
            paramLabel = "IMAGE",
            description = "Image files: PNG, JPEG, BMP, GIF.")
    private List<Path> files;

    @Mixin private ArchOption arch = new ArchOption();

    private List<String> notes;

    @Override
    public Integer call() throws IOException {
        if (logits && !json) {
            throw new IllegalArgumentException("--logits goes with --json; add it.");
        }
        if (topK < 1) {
            throw new IllegalArgumentException("--top-k is " + topK + " but must be at least 1.");
        }
        if (threshold != null && !(threshold >= 0 && threshold <= 1)) {
            throw new IllegalArgumentException(
                    "--threshold is %s but must be of 0 to 1.".formatted(threshold));
        }
        Path path = budget.choose(weights.locateOrDefault(), this::open);
        if (weights.isSubnetAuto()) {
            return predictBySize(path);
        }
        try (TrainedNet net = open(path)) {
            notes = WeightNotes.tell(net);
            return predictAll(answers(net, path)) ? 0 : 1;
        }
    }

    private TrainedNet open(Path path) throws IOException {
        return engine.open(path, arch.read(), compute, execution, features != null);
    }

    /** With the subnet that suits each image; each is opened when it is first wanted. */
    private int predictBySize(Path path) throws IOException {
        if (budget.isGiven()) {
            throw new IllegalArgumentException(
                    "--subnet auto and --budget-ms both choose a subnet; leave one of them out.");
        }
        ElasticPackage elastic = ElasticPackage.read(path, "--subnet auto");
        Map<String, TrainedNet> opened = new HashMap<>();
        try {
            Answers answers =
                    (file, image) -> {
                        ElasticPackage.Net one =
                                elastic.forImage(Math.min(image.height(), image.width()));
                        TrainedNet net = opened.get(one.name());
                        if (net == null) {
                            net = open(one.path());
                            opened.put(one.name(), net);
                        }
                        return answers(net, one.path()).of(file, image).by(one.name());
                    };
            return predictAll(answers) ? 0 : 1;
        } finally {
            opened.values().forEach(TrainedNet::close);
        }
    }

    /** What is answered about one image. */
    @FunctionalInterface
    private interface Answers {
        ImageResult of(Path file, Pixels image) throws IOException;
    }

    /** Chooses by the net's task, and refuses options that are for another. */
    private Answers answers(TrainedNet net, Path path) throws IOException {
        Architecture architecture = net.description().architecture();
        if (logits) {
            architecture.requireTask(Task.CLASSIFY, "--logits");
        }
        if (features != null) {
            architecture.requireTask(Task.CLASSIFY, "--features");
        }
        if (out != null && architecture.task() == Task.CLASSIFY) {
            throw new IllegalArgumentException(
                    "--out is for pictures of nets that detect or segment, but %s classifies."
                            .formatted(architecture.name()));
        }
        if (threshold != null) {
            architecture.requireTask(Task.DETECT, "--threshold");
        }
        switch (architecture.task()) {
            case CLASSIFY -> {
                FeatureFiles into =
                        features == null ? null : FeatureFiles.of(net, path, features, files);
                return (file, image) -> classify(net, file, image, into);
            }
            case SEGMENT -> {
                MaskFiles masks = MaskFiles.of(net, out, files);
                return (file, image) -> ImageResult.of(file, masks.write(file, image), notes);
            }
            case DETECT -> {
                double least = threshold == null ? Detection.THRESHOLD : threshold;
                DetectionFiles boxes = DetectionFiles.of(net, least, out, files);
                return (file, image) -> ImageResult.of(file, boxes.write(file, image), notes);
            }
            default -> throw new AssertionError(architecture.task());
        }
    }

    /** Predicts and prints one image after the other; one that cannot be read stops no other. */
    private boolean predictAll(Answers answers) {
        boolean all = true;
        String before = "[\n";
        for (Path file : files) {
            ImageResult result = tryToPredict(answers, file);
            all &= result.error() == null;
            if (json) {
                System.out.print(
                        before + JsonUtils.GSON_PRETTY.toJson(result).indent(2).stripTrailing());
                System.out.flush();
                before = ",\n";
            } else if (result.error() == null) {
                result.print();
            }
            if (result.error() != null) {
                System.err.println("mobilenetv3: " + result.error());
            }
        }
        if (json) {
            System.out.println("\n]");
        }
        return all;
    }

    private static ImageResult tryToPredict(Answers answers, Path file) {
        try {
            return answers.of(file, Pixels.read(file));
        } catch (IOException | RuntimeException e) {
            String why = FileErrors.sentence(e);
            return ImageResult.failed(
                    file, why == null ? file + ": " + e : FileNames.explained(why));
        }
    }

    private ImageResult classify(TrainedNet net, Path file, Pixels image, FeatureFiles into)
            throws IOException {
        NetDescription description = net.description();
        Preprocessing preprocessing = description.preprocessing();
        FloatBuffer input = FloatBuffer.wrap(description.input(image));
        Shape shape =
                new Shape(
                        1, preprocessing.channels(), preprocessing.height(), preprocessing.width());
        float[] answer = net.logits(input, shape);
        List<Prediction> best = Prediction.top(answer, description.classes(), topK);
        return new ImageResult(
                file.toString(),
                best,
                logits ? answer : null,
                into == null ? null : into.write(file, input, shape),
                null,
                null,
                notes,
                null,
                null);
    }
}
