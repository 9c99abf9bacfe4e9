package org.mobilenetv3.serve;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.cli.ExecutionOptions;
import org.mobilenetv3.cli.WeightNotes;
import org.mobilenetv3.export.TrainedNet;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.io.FileErrors;
import org.mobilenetv3.io.FileNames;
import org.mobilenetv3.zoo.ExportedDescription;
import org.mobilenetv3.zoo.Preprocessing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Classifies image files with a trained package or an exported file. */
@Command(
        name = "predict",
        description = "Classify image files with a trained package or an exported file.",
        footer = {
            "%nExamples:",
            "  mobilenetv3 predict --model-path runs/shapes-paper-small/best photo.jpg",
            "  mobilenetv3 predict --model-path runs/shapes-paper-small/best --features seen *.jpg"
        })
final class PredictCommand implements Callable<Integer> {

    private static final int BAR = 20;

    @Mixin private ComputeOptions compute;
    @Mixin private ExecutionOptions execution;

    @Option(
            names = {"--model-path", "--weights"},
            paramLabel = "WEIGHTS",
            required = true,
            description =
                    "A package, a zip of one, an exported file, or a file of torchvision, timm ...")
    private Path modelPath;

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
            description = "Give the logits of all classes, too, in their order (with --json).")
    private boolean logits;

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    @Parameters(
            arity = "1..*",
            paramLabel = "IMAGE",
            description = "Image files: PNG, JPEG, BMP, GIF.")
    private List<Path> files;

    private List<String> notes;

    @Override
    public Integer call() throws IOException {
        if (logits && !json) {
            throw new IllegalArgumentException("--logits goes with --json; add it.");
        }
        if (topK < 1) {
            throw new IllegalArgumentException("--top-k is " + topK + " but must be at least 1.");
        }
        try (TrainedNet net = compute.open(modelPath, execution)) {
            notes = WeightNotes.tell(modelPath, net);
            FeatureFiles into =
                    features == null ? null : FeatureFiles.of(net, modelPath, features, files);
            return predictAll(net, into) ? 0 : 1;
        }
    }

    /** Answers each image as it comes; one that cannot be read is named and ends nothing. */
    private boolean predictAll(TrainedNet net, FeatureFiles into) {
        boolean all = true;
        String before = "[\n";
        for (Path file : files) {
            Prediction prediction = tryToPredict(net, file, into);
            all &= prediction.error() == null;
            if (json) {
                System.out.print(
                        before
                                + JsonUtils.GSON_PRETTY
                                        .toJson(prediction)
                                        .indent(2)
                                        .stripTrailing());
                System.out.flush();
                before = ",\n";
            } else if (prediction.error() == null) {
                print(prediction);
            }
            if (prediction.error() != null) {
                System.err.println("mobilenetv3: " + prediction.error());
            }
        }
        if (json) {
            System.out.println("\n]");
        }
        return all;
    }

    private Prediction tryToPredict(TrainedNet net, Path file, FeatureFiles into) {
        try {
            return predict(net, file, into);
        } catch (IOException | RuntimeException e) {
            String why = FileErrors.sentence(e);
            return new Prediction(
                    file.toString(),
                    null,
                    null,
                    null,
                    null,
                    why == null ? file + ": " + e : FileNames.explained(why));
        }
    }

    private Prediction predict(TrainedNet net, Path file, FeatureFiles into) throws IOException {
        ExportedDescription description = net.description();
        Preprocessing preprocessing = description.preprocessing();
        int channels = preprocessing.channels();
        Pixels pixels = Pixels.read(file);
        FloatBuffer input = FloatBuffer.wrap(description.input(pixels));
        int height = preprocessing.height();
        int width = preprocessing.width();
        float[] answer = net.logits(input, 1, channels, height, width);
        List<Guess> best = Guess.likeliest(answer, description.classes(), topK);
        return new Prediction(
                file.toString(),
                best,
                logits ? answer : null,
                into == null ? null : into.write(file, input, channels, height, width),
                notes,
                null);
    }

    private static void print(Prediction prediction) {
        System.out.println(prediction.file());
        for (Guess guess : prediction.guesses()) {
            int filled = (int) Math.round(BAR * guess.probability());
            System.out.printf(
                    "  %5.1f %%  %s%s  %s%n",
                    100 * guess.probability(),
                    "█".repeat(filled),
                    "░".repeat(BAR - filled),
                    guess.className());
        }
        if (prediction.features() != null) {
            System.out.println("  " + prediction.features().line());
        }
    }

    /** One image's result, or why there is none; JSON leaves out what is null. */
    @SuppressWarnings("ArrayRecordComponent") // only written
    private record Prediction(
            String file,
            List<Guess> guesses,
            float[] logits,
            FeatureFiles.Written features,
            List<String> notes,
            String error) {}
}
