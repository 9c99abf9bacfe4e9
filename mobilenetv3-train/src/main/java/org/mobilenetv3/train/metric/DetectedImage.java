package org.mobilenetv3.train.metric;

import java.util.Comparator;
import java.util.List;
import org.mobilenetv3.detection.Detection;

/**
 * What was found in one image. Here only detections with a score of at least 0.5 count, and a box
 * is right if it reaches an IoU of 0.5 with an object of its class that no surer one has taken.
 *
 * @param image its id
 * @param objects how many there are to find, without ignored ones
 * @param right detections that are right
 * @param wrong detections that are not; those of ignored objects are neither
 * @param found those with a score of at least 0.5, highest first
 */
public record DetectedImage(long image, int objects, int right, int wrong, List<Detection> found) {

    /** The least score with which a detection counts. */
    public static final double MIN_SCORE = 0.5;

    /** Lowest F1 first; of equals, the one with more mistakes. */
    static final Comparator<DetectedImage> WORST_FIRST =
            Comparator.comparingDouble(DetectedImage::f1)
                    .thenComparing(i -> -i.wrong() - i.missed())
                    .thenComparing(DetectedImage::image);

    /** Copies the list. */
    public DetectedImage {
        found = List.copyOf(found);
    }

    /** Counts what the matches of all its classes say of the detections, highest score first. */
    static DetectedImage of(long image, List<ImageMatches> matches, List<Detection> found) {
        int objects = 0;
        int right = 0;
        int wrong = 0;
        for (ImageMatches ofClass : matches) {
            objects += ofClass.objects()[RankedMatches.ALL];
            for (int d = 0; d < ofClass.scores().length; d++) {
                if (ofClass.scores()[d] >= MIN_SCORE) {
                    int verdict = ofClass.verdict(RankedMatches.ALL, d);
                    right += verdict & 1;
                    wrong += verdict >> ImageMatches.IOUS & 1;
                }
            }
        }
        return new DetectedImage(
                image,
                objects,
                right,
                wrong,
                found.stream().filter(d -> d.score() >= MIN_SCORE).toList());
    }

    /** Returns how many objects were not found. */
    public int missed() {
        return objects - right;
    }

    /**
     * Returns the harmonic mean of precision and recall.
     *
     * @return 0 to 1; 1 if there is nothing and nothing was found
     */
    public double f1() {
        int all = 2 * right + wrong + missed();
        return all == 0 ? 1 : 2.0 * right / all;
    }
}
