package org.mobilenetv3.train.run;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.io.WholeFile;
import org.mobilenetv3.train.metric.DetectionResult;
import org.mobilenetv3.train.metric.SegmentationResult;

/**
 * The result of a finished run that detects or segments: {@code result.json} in its directory.
 *
 * @param bestEpoch the epoch whose package was tested, counted from 1
 * @param detection how well objects were found, or null
 * @param segmentation how well images were segmented, or null
 * @param testSeconds wall time of the test
 * @param wallSeconds wall time of the whole run, over all its processes
 */
public record SceneResult(
        int bestEpoch,
        DetectionResult detection,
        SegmentationResult segmentation,
        double testSeconds,
        double wallSeconds)
        implements TestResult {

    @Override
    public long images() {
        return detection == null ? segmentation.images() : detection.images();
    }

    @Override
    public Map<String, Double> figures() {
        Map<String, Double> figures = new LinkedHashMap<>();
        if (detection != null) {
            figures.put("map", detection.figures().ap());
            figures.put("ap50", detection.figures().ap50());
            figures.put("ap75", detection.figures().ap75());
            figures.put("ar100", detection.figures().ar100());
        } else {
            figures.put("miou", segmentation.meanIou());
            figures.put("pixelAccuracy", segmentation.pixelAccuracy());
        }
        figures.values().removeIf(value -> value == null || value < 0);
        return figures;
    }

    @Override
    public String describe() {
        StringBuilder text = new StringBuilder();
        figures()
                .forEach(
                        (name, value) ->
                                text.append(text.length() == 0 ? "" : "  ")
                                        .append(
                                                String.format(
                                                        Locale.ROOT,
                                                        "%s %.2f %%",
                                                        label(name),
                                                        100 * value)));
        return text.toString();
    }

    private static String label(String name) {
        return switch (name) {
            case "map" -> "mAP";
            case "miou" -> "mIoU";
            case "pixelAccuracy" -> "pixel accuracy";
            default -> name.toUpperCase(Locale.ROOT);
        };
    }

    @Override
    public void write(Path run) throws IOException {
        WholeFile.write(run.resolve("result.json"), JsonUtils.GSON_PRETTY.toJson(this) + "\n");
    }
}
