package org.mobilenetv3.train.evaluation;

import ai.djl.util.JsonUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.train.metric.CocoFigures;
import org.mobilenetv3.train.metric.DetectionResult;
import org.mobilenetv3.train.metric.Interval;
import org.mobilenetv3.train.metric.SegmentationResult;

/**
 * An evaluation's figures where boxes or masks were found, for machines and for people.
 *
 * @param dataset its name
 * @param split the part of it
 * @param detection how well objects were found, or null
 * @param segmentation how well images were segmented, or null
 * @param imagesPerSecond speed, drawing or decoding included
 * @param notes what was assumed, or null
 */
public record SceneFigures(
        String dataset,
        String split,
        DetectionResult detection,
        SegmentationResult segmentation,
        double imagesPerSecond,
        List<String> notes) {

    /**
     * Prints them on standard output.
     *
     * @param json whether for machines
     */
    public void print(boolean json) {
        System.out.println(json ? JsonUtils.GSON_PRETTY.toJson(this) : describe());
    }

    private String describe() {
        List<String> lines = new ArrayList<>();
        if (detection != null) {
            describe(detection, lines);
        } else {
            describe(segmentation, lines);
        }
        lines.add(String.format(Locale.ROOT, "%.1f images/s", imagesPerSecond));
        return String.join(System.lineSeparator(), lines);
    }

    private void describe(DetectionResult result, List<String> lines) {
        CocoFigures f = result.figures();
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%s, %s: %,d images, %,d objects",
                        dataset,
                        split.toLowerCase(Locale.ROOT),
                        result.images(),
                        result.objects()));
        lines.add("AP  " + percent(f.ap()) + sure(result.interval()));
        lines.add(
                "AP50  %s  AP75  %s  small %s  medium %s  large %s"
                        .formatted(
                                percent(f.ap50()),
                                percent(f.ap75()),
                                percent(f.apSmall()),
                                percent(f.apMedium()),
                                percent(f.apLarge())));
        lines.add(
                "AR1  %s  AR10  %s  AR100  %s  small %s  medium %s  large %s"
                        .formatted(
                                percent(f.ar1()),
                                percent(f.ar10()),
                                percent(f.ar100()),
                                percent(f.arSmall()),
                                percent(f.arMedium()),
                                percent(f.arLarge())));
        for (DetectionResult.ClassResult c : result.classes()) {
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "  %-24s AP %s  AP50 %s  %,d objects",
                            c.name(),
                            percent(c.ap()),
                            percent(c.ap50()),
                            c.objects()));
        }
    }

    private void describe(SegmentationResult result, List<String> lines) {
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%s, %s: %,d images",
                        dataset,
                        split.toLowerCase(Locale.ROOT),
                        result.images()));
        lines.add(
                "mIoU  "
                        + percent(result.meanIou())
                        + sure(result.interval())
                        + "  pixel accuracy  "
                        + percent(result.pixelAccuracy()));
        for (SegmentationResult.ClassResult c : result.classes()) {
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "  %-24s IoU %s  accuracy %s",
                            c.name(),
                            percent(c.iou()),
                            percent(c.accuracy())));
        }
    }

    private static String sure(Interval interval) {
        return interval == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        " (95 %% interval %.2f to %.2f %%)",
                        100 * interval.low(),
                        100 * interval.high());
    }

    private static String percent(Double share) {
        return share == null || share < 0
                ? "-"
                : String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }
}
