package org.mobilenetv3.train.metric;

import java.util.Arrays;
import java.util.List;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.detection.Detection;
import org.mobilenetv3.train.data.scene.LabeledBox;

/**
 * Which detections of one class in one image are right: pycocotools' {@code COCOeval.evaluateImg},
 * for every range of areas and every IoU that a box must reach.
 *
 * @param label the class
 * @param scores of the detections, highest first
 * @param verdicts {@code verdicts[range * detections + detection]}: bit {@code i} if it is right at
 *     the IoU of index {@code i}, bit {@code IOUS + i} if it is wrong there; neither if it is
 *     ignored. The same with {@link #VOC} for {@code i} if it is right or wrong as Pascal VOC has
 *     it
 * @param objects of the class in the image by range, without ignored ones
 */
record ImageMatches(int label, double[] scores, int[] verdicts, int[] objects) {

    /** How many IoUs there are. */
    static final int IOUS = 10;

    /** In the place of an IoU's index: as Pascal VOC's VOCevaldet.m decides, at an IoU of 0.5. */
    static final int VOC = 2 * IOUS;

    /** All, small, medium, large. */
    static final int RANGES = 4;

    private static final double LAST_IOU = 0.95;
    private static final double MOST = 1e5 * 1e5;
    private static final double[] LEAST_AREA = {0, 0, 32 * 32, 96 * 96};
    private static final double[] LARGEST_AREA = {MOST, 32 * 32, 96 * 96, MOST};

    /**
     * Returns the IoU that a detection's box must reach to be right.
     *
     * @param index 0 to 9
     * @return 0.5 to 0.95, to the last digit as NumPy's {@code linspace} gives it
     */
    static double iou(int index) {
        return index == IOUS - 1 ? LAST_IOU : 0.5 + index * ((LAST_IOU - 0.5) / (IOUS - 1));
    }

    /**
     * Compares the objects and the detections of a class.
     *
     * @param truth the objects, in any order; where two are as good, the later one is taken
     * @param found the detections, highest score first
     */
    static ImageMatches of(int label, List<LabeledBox> truth, List<Detection> found) {
        double[][] ious = new double[found.size()][truth.size()];
        double[] scores = new double[found.size()];
        for (int d = 0; d < scores.length; d++) {
            scores[d] = found.get(d).score();
            for (int g = 0; g < truth.size(); g++) {
                ious[d][g] = iou(found.get(d).box(), truth.get(g));
            }
        }
        int[] verdicts = Arrays.copyOf(voc(truth, found), RANGES * scores.length);
        int[] objects = new int[RANGES];
        for (int range = 0; range < RANGES; range++) {
            boolean[] ignored = new boolean[truth.size()];
            for (int g = 0; g < ignored.length; g++) {
                ignored[g] = truth.get(g).ignored() || isOutside(range, truth.get(g).area());
                objects[range] += ignored[g] ? 0 : 1;
            }
            int[] order = ignoredLast(ignored);
            for (int i = 0; i < IOUS; i++) {
                int[] matches = matches(Math.min(iou(i), 1 - 1e-10), ious, truth, ignored, order);
                for (int d = 0; d < scores.length; d++) {
                    boolean matched = matches[d] >= 0;
                    boolean counts =
                            matched
                                    ? !ignored[matches[d]]
                                    : !isOutside(range, found.get(d).box().area());
                    if (counts) {
                        verdicts[range * scores.length + d] |= 1 << (matched ? i : IOUS + i);
                    }
                }
            }
        }
        return new ImageMatches(label, scores, verdicts, objects);
    }

    /** Bits as in {@code verdicts}. */
    int verdict(int range, int detection) {
        return verdicts[range * scores.length + detection];
    }

    /** Of a crowd, only the detection's own area counts: it may be any part of it. */
    private static double iou(Box found, LabeledBox object) {
        if (!object.ignored()) {
            return found.iou(object.box());
        }
        double common = found.intersection(object.box()).area();
        return common > 0 ? common / found.area() : 0;
    }

    private static boolean isOutside(int range, double area) {
        return area < LEAST_AREA[range] || area > LARGEST_AREA[range];
    }

    private static int[] ignoredLast(boolean[] ignored) {
        int[] order = new int[ignored.length];
        int next = 0;
        for (boolean wanted : new boolean[] {false, true}) {
            for (int g = 0; g < ignored.length; g++) {
                if (ignored[g] == wanted) {
                    order[next++] = g;
                }
            }
        }
        return order;
    }

    /** The object that each detection takes, or -1; the surest detection chooses first. */
    private static int[] matches(
            double least, double[][] ious, List<LabeledBox> truth, boolean[] ignored, int[] order) {
        boolean[] taken = new boolean[truth.size()];
        int[] matches = new int[ious.length];
        Arrays.fill(matches, -1);
        for (int d = 0; d < ious.length; d++) {
            double best = least;
            int match = -1;
            for (int g : order) {
                if (match >= 0 && !ignored[match] && ignored[g]) {
                    break; // an object that counts goes before any that does not
                }
                boolean free = !taken[g] || truth.get(g).ignored(); // a crowd is never used up
                if (free && ious[d][g] >= best) {
                    best = ious[d][g];
                    match = g;
                }
            }
            if (match >= 0) {
                taken[match] = true;
                matches[d] = match;
            }
        }
        return matches;
    }

    /** Here a detection has one object only that it can take, the one that it lies on most. */
    private static int[] voc(List<LabeledBox> truth, List<Detection> found) {
        boolean[] taken = new boolean[truth.size()];
        int[] verdicts = new int[found.size()];
        for (int d = 0; d < verdicts.length; d++) {
            double best = 0;
            int match = -1;
            for (int g = 0; g < taken.length; g++) {
                double iou = found.get(d).box().iou(truth.get(g).box());
                if (iou > best) {
                    best = iou;
                    match = g;
                }
            }
            if (best < iou(0) || !truth.get(match).ignored()) {
                boolean right = best >= iou(0) && !taken[match];
                verdicts[d] = 1 << (right ? VOC : VOC + IOUS);
                if (right) {
                    taken[match] = true;
                }
            }
        }
        return verdicts;
    }
}
