package org.mobilenetv3.serve.command;

import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.ArchOption;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.ExecutionOptions;
import org.mobilenetv3.cli.WeightNotes;
import org.mobilenetv3.cli.WeightsOption;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.Prediction;
import org.mobilenetv3.trained.TrainedNet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Classifies image files with a trained package or an exported file. */
@Command(
        name = "predict",
        description =
                "Classify image files, with ImageNet's classes if no other weights are given.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 predict photo.jpg",
            "  mobilenetv3 predict --weights timm/mobilenetv3_small_100.lamb_in1k photo.jpg",
            "  mobilenetv3 predict --weights runs/shapes-mobilenet_v3_small/best photo.jpg",
            "  mobilenetv3 predict --weights runs/shapes-mobilenet_v3_small/best --features seen *.jpg"
        })
final class PredictCommand implements Callable<Integer> {

    private static final int BAR = 20;

    @Mixin private ComputeOptions compute;
    @Mixin private ExecutionOptions execution;

    @Mixin private WeightsOption weights;

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
        Path path = weights.locateOrDefault();
        try (TrainedNet net = compute.open(path, arch.read(), execution)) {
            notes = WeightNotes.tell(net);
            FeatureFiles into =
                    features == null ? null : FeatureFiles.of(net, path, features, files);
            return predictAll(net, into) ? 0 : 1;
        }
    }

    /** Predicts and prints one image after the other; one that cannot be read stops no other. */
    private boolean predictAll(TrainedNet net, FeatureFiles into) {
        boolean all = true;
        String before = "[\n";
        for (Path file : files) {
            ImageResult result = tryToPredict(net, file, into);
            all &= result.error() == null;
            if (json) {
                System.out.print(
                        before + JsonUtils.GSON_PRETTY.toJson(result).indent(2).stripTrailing());
                System.out.flush();
                before = ",\n";
            } else if (result.error() == null) {
                print(result);
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

    private ImageResult tryToPredict(TrainedNet net, Path file, FeatureFiles into) {
        try {
            return predict(net, file, into);
        } catch (IOException | RuntimeException e) {
            String why = FileErrors.sentence(e);
            return new ImageResult(
                    file.toString(),
                    null,
                    null,
                    null,
                    null,
                    why == null ? file + ": " + e : FileNames.explained(why));
        }
    }

    private ImageResult predict(TrainedNet net, Path file, FeatureFiles into) throws IOException {
        NetDescription description = net.description();
        Preprocessing preprocessing = description.preprocessing();
        Pixels pixels = Pixels.read(file);
        FloatBuffer input = FloatBuffer.wrap(description.input(pixels));
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
                notes,
                null);
    }

    private static void print(ImageResult result) {
        System.out.println(result.file());
        for (Prediction prediction : result.predictions()) {
            int filled = (int) Math.round(BAR * prediction.probability());
            System.out.printf(
                    "  %5.1f %%  %s%s  %s%n",
                    100 * prediction.probability(),
                    "█".repeat(filled),
                    "░".repeat(BAR - filled),
                    prediction.className());
        }
        if (result.features() != null) {
            System.out.println("  " + result.features().line());
        }
    }

    /** One image's result, or why there is none; JSON leaves out what is null. */
    @SuppressWarnings("ArrayRecordComponent") // only written
    private record ImageResult(
            String file,
            List<Prediction> predictions,
            float[] logits,
            FeatureFiles.Written features,
            List<String> notes,
            String error) {}
}
