package org.mobilenetv3.train.run;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.mobilenetv3.train.metric.SegmentationResult;

/**
 * The result of a finished run that learned to segment.
 *
 * @param bestEpoch the epoch whose package was tested, counted from 1
 * @param segmentation the figures on the test set
 * @param testSeconds wall time of the test
 * @param wallSeconds wall time of the whole run, over all its processes
 */
public record SegmentationRunResult(
        int bestEpoch, SegmentationResult segmentation, double testSeconds, double wallSeconds)
        implements TestResult {

    @Override
    public long images() {
        return segmentation.images();
    }

    @Override
    public Map<String, Double> figures() {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("miou", segmentation.meanIou());
        figures.put("pixelAccuracy", segmentation.pixelAccuracy());
        figures.put("meanAccuracy", segmentation.meanAccuracy());
        figures.values().removeIf(Objects::isNull); // every pixel is ignored
        return figures;
    }

    @Override
    public String describe() {
        return segmentation.meanIou() == null
                ? "no pixels that count"
                : String.format(
                        Locale.ROOT,
                        "mIoU %.2f %%  pixel accuracy %.2f %%",
                        100 * segmentation.meanIou(),
                        100 * segmentation.pixelAccuracy());
    }
}
