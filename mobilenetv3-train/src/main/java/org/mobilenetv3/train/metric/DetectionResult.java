package org.mobilenetv3.train.metric;

import java.util.List;

/**
 * How well objects were found, in figures, for {@code result.json} too.
 *
 * @param images how many were looked at
 * @param objects how many there are to find, without ignored ones
 * @param figures COCO's twelve
 * @param interval 95 % confidence interval of {@code figures.ap()}, by bootstrap over images; null
 *     with fewer than two images or without objects
 * @param classes figures of each class
 */
public record DetectionResult(
        int images,
        long objects,
        CocoFigures figures,
        Interval interval,
        List<ClassResult> classes) {

    /** Copies the list. */
    public DetectionResult {
        classes = List.copyOf(classes);
    }

    /**
     * The figures of one class, 0 to 1, or -1 if it has no objects.
     *
     * @param name of the class
     * @param objects of the class, without ignored ones
     * @param ap average precision over IoUs of 0.5 to 0.95
     * @param ap50 average precision at an IoU of 0.5
     * @param ap75 average precision at an IoU of 0.75
     * @param ar100 average recall over IoUs of 0.5 to 0.95
     */
    public record ClassResult(
            String name, long objects, double ap, double ap50, double ap75, double ar100) {}
}
