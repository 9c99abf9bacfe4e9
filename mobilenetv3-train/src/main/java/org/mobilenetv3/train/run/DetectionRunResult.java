package org.mobilenetv3.train.run;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.train.metric.CocoFigures;
import org.mobilenetv3.train.metric.DetectionResult;

/**
 * The result of a finished run that learned to detect.
 *
 * @param bestEpoch the epoch whose package was tested, counted from 1
 * @param detection the figures on the test set
 * @param testSeconds wall time of the test
 * @param wallSeconds wall time of the whole run, over all its processes
 */
public record DetectionRunResult(
        int bestEpoch, DetectionResult detection, double testSeconds, double wallSeconds)
        implements TestResult {

    @Override
    public long images() {
        return detection.images();
    }

    @Override
    public Map<String, Double> figures() {
        CocoFigures coco = detection.figures();
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("map", coco.ap());
        figures.put("ap50", coco.ap50());
        figures.put("ap75", coco.ap75());
        figures.put("ar100", coco.ar100());
        figures.values().removeIf(figure -> figure < 0); // there are no objects
        return figures;
    }

    @Override
    public String describe() {
        CocoFigures coco = detection.figures();
        return coco.ap() < 0
                ? "no objects to find"
                : String.format(
                        Locale.ROOT,
                        "mAP %.2f %%  AP50 %.2f %%",
                        100 * coco.ap(),
                        100 * coco.ap50());
    }
}
