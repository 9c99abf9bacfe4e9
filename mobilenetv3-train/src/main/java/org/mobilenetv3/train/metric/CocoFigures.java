package org.mobilenetv3.train.metric;

/**
 * COCO's twelve figures, as pycocotools' {@code COCOeval.summarize} prints them: 0 to 1, or -1
 * where there are no objects. Classes without objects do not count. Small objects have an area up
 * to 32² square pixels, medium ones up to 96².
 *
 * @param ap average precision: the mean over IoUs of 0.5, 0.55 to 0.95, over recalls of 0, 0.01 to
 *     1, and over classes; often called mAP
 * @param ap50 the same at an IoU of 0.5
 * @param ap75 the same at an IoU of 0.75
 * @param apSmall as {@code ap}, of small objects
 * @param apMedium as {@code ap}, of medium objects
 * @param apLarge as {@code ap}, of large objects
 * @param ar1 average recall, over IoUs and classes, with one detection per image and class
 * @param ar10 the same with ten
 * @param ar100 the same with a hundred
 * @param arSmall as {@code ar100}, of small objects
 * @param arMedium as {@code ar100}, of medium objects
 * @param arLarge as {@code ar100}, of large objects
 */
public record CocoFigures(
        double ap,
        double ap50,
        double ap75,
        double apSmall,
        double apMedium,
        double apLarge,
        double ar1,
        double ar10,
        double ar100,
        double arSmall,
        double arMedium,
        double arLarge) {}
