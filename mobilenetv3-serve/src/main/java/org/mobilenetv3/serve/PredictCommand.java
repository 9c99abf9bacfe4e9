package org.mobilenetv3.serve;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.Classifications.Classification;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.mobilenetv3.cli.ComputeOptions;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.zoo.ModelPackage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Classifies image files with a trained package. */
@Command(
        name = "predict",
        description = "Classify image files with a trained package.",
        footer = {
            "%nExample:",
            "  mobilenetv3 predict --model-path runs/shapes-paper-small/best photo.jpg"
        })
final class PredictCommand implements Callable<Integer> {

    private static final int BAR = 20;

    @Mixin private ComputeOptions compute;

    @Option(
            names = {"--model-path", "--weights"},
            paramLabel = "PACKAGE",
            required = true,
            description = "A package directory, or a zip of one.")
    private Path modelPath;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "Classes to show (default: ${DEFAULT-VALUE}).",
            defaultValue = "3")
    private int topK;

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    @Parameters(
            arity = "1..*",
            paramLabel = "IMAGE",
            description = "Image files: PNG, JPEG, BMP, GIF.")
    private List<Path> files;

    @Override
    public Integer call() throws IOException {
        if (topK < 1) {
            throw new IllegalArgumentException("--top-k is " + topK + " but must be at least 1.");
        }
        Device device = compute.start();
        List<Prediction> predictions = new ArrayList<>();
        try (ZooModel<Image, Classifications> model = ModelPackage.open(modelPath, device);
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            int channels = ModelPackage.read(model.getModelPath()).description().input().channels();
            for (Path file : files) {
                Image image = read(file, channels);
                List<Classification> best = predictor.predict(image).topK(topK);
                Prediction prediction = Prediction.of(file, best);
                predictions.add(prediction);
                if (!json) {
                    print(prediction);
                }
            }
        } catch (TranslateException e) {
            throw new IOException("Prediction failed: " + e.getMessage(), e);
        }
        if (json) {
            System.out.println(JsonUtils.GSON_PRETTY.toJson(predictions));
        }
        return 0;
    }

    private Image read(Path file, int channels) throws IOException {
        Pixels pixels = Pixels.read(file);
        if (pixels.channels() == 1 && channels == 3) {
            throw new IOException(
                    "%s is grey (1 channel) but %s was trained on colour (3 channels): give a colour image, or a package trained on grey ones."
                            .formatted(file, modelPath));
        }
        return ImageFactory.getInstance().fromImage(pixels.toImage());
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
    }

    /** One image's result. */
    private record Prediction(String file, List<Guess> guesses) {
        static Prediction of(Path file, List<Classification> best) {
            return new Prediction(
                    file.toString(),
                    best.stream()
                            .map(c -> new Guess(c.getClassName(), c.getProbability()))
                            .toList());
        }
    }

    private record Guess(String className, double probability) {}
}
