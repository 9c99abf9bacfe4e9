package org.mobilenetv3.train.metric;

import java.util.List;

/**
 * How well objects were found, in figures, for {@code result.json} too.
 *
 * @param images how many were looked at
 * @param objects how many there are to find, without ignored ones
 * @param figures COCO's twelve
 * @param voc2007 mean of the classes' {@code voc2007}, of those that have objects; -1 if none has
 * @param voc mean of the classes' {@code voc}, likewise
 * @param interval 95 % confidence interval of {@code figures.ap()}, by bootstrap over images; null
 *     with fewer than two images or without objects
 * @param classes figures of each class
 */
public record DetectionResult(
        int images,
        long objects,
        CocoFigures figures,
        double voc2007,
        double voc,
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
     * @param voc2007 average precision as in Pascal VOC 2007: at an IoU of 0.5, the mean at recalls
     *     of 0, 0.1 to 1
     * @param voc average precision as in Pascal VOC since 2010: at an IoU of 0.5, the area under
     *     the curve
     */
    public record ClassResult(
            String name,
            long objects,
            double ap,
            double ap50,
            double ap75,
            double ar100,
            double voc2007,
            double voc) {}
}
