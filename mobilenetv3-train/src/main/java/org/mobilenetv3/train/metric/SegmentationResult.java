package org.mobilenetv3.train.metric;

import java.util.List;

/**
 * How well images were segmented, in figures, for {@code result.json} too. Shares are 0 to 1;
 * pixels that are ignored in the truth count nowhere.
 *
 * @param images how many were looked at
 * @param pixels that count
 * @param meanIou mean of the classes' IoU, of those that occur in truth or prediction;
 *     torchvision's mean is NaN if one occurs in neither
 * @param interval 95 % confidence interval of {@code meanIou}, by bootstrap over images; null with
 *     fewer than two images or without pixels that count
 * @param pixelAccuracy share of the pixels whose class is right; torchvision's "global correct"
 * @param meanAccuracy mean of the classes' accuracy, of those that occur in the truth
 * @param classes figures of each class
 */
public record SegmentationResult(
        int images,
        long pixels,
        Double meanIou,
        Interval interval,
        Double pixelAccuracy,
        Double meanAccuracy,
        List<ClassResult> classes) {

    /** Copies the list. */
    public SegmentationResult {
        classes = List.copyOf(classes);
    }

    /**
     * The figures of one class.
     *
     * @param name of the class
     * @param pixels of the class
     * @param iou pixels that are of the class and were predicted as it, divided by those that are
     *     or were; null if there are none
     * @param accuracy share of its pixels that were predicted as it; null if it has none
     */
    public record ClassResult(String name, long pixels, Double iou, Double accuracy) {}
}
