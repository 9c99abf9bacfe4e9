package org.mobilenetv3.serve.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.detection.FoundObject;
import org.mobilenetv3.trained.Prediction;

/** One image's result, or why there is none; JSON leaves out what is null. */
@SuppressWarnings("ArrayRecordComponent") // only written
record ImageResult(
        String file,
        List<Prediction> predictions,
        float[] logits,
        FeatureFiles.Written features,
        DetectionFiles.Found detection,
        MaskFiles.Written segmentation,
        List<String> notes,
        String subnet,
        String error) {

    private static final int BAR = 20;

    /** Says which subnet answered. */
    ImageResult by(String other) {
        return new ImageResult(
                file, predictions, logits, features, detection, segmentation, notes, other, error);
    }

    static ImageResult of(Path file, MaskFiles.Written segmentation, List<String> notes) {
        return new ImageResult(
                file.toString(), null, null, null, null, segmentation, notes, null, null);
    }

    static ImageResult of(Path file, DetectionFiles.Found detection, List<String> notes) {
        return new ImageResult(
                file.toString(), null, null, null, detection, null, notes, null, null);
    }

    static ImageResult failed(Path file, String why) {
        return new ImageResult(file.toString(), null, null, null, null, null, null, null, why);
    }

    /** Prints it for people. */
    void print() {
        System.out.println(file + (subnet == null ? "" : " (subnet " + subnet + ")"));
        if (detection != null) {
            detection.objects().forEach(ImageResult::print);
            System.out.printf(
                    "  %s: %s%n",
                    detection.picture(),
                    switch (detection.objects().size()) {
                        case 0 -> "no object";
                        case 1 -> "1 object";
                        default -> detection.objects().size() + " objects";
                    });
            return;
        }
        if (segmentation != null) {
            segmentation.areas().forEach(area -> print(area.share(), area.className()));
            System.out.printf("  %s, %s%n", segmentation.mask(), segmentation.overlay());
            return;
        }
        predictions.forEach(best -> print(best.probability(), best.className()));
        if (features != null) {
            System.out.println("  " + features.line());
        }
    }

    private static void print(FoundObject object) {
        Box box = object.box();
        print(
                object.score(),
                String.format(
                        Locale.ROOT,
                        "%s, %.0f..%.0f across, %.0f..%.0f down",
                        object.className(),
                        box.left(),
                        box.right(),
                        box.top(),
                        box.bottom()));
    }

    private static void print(double share, String className) {
        int filled = (int) Math.round(BAR * share);
        System.out.printf(
                "  %5.1f %%  %s%s  %s%n",
                100 * share, "█".repeat(filled), "░".repeat(BAR - filled), className);
    }
}
