package org.mobilenetv3.train.metric;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * All detections of one class, highest score first, and of equal scores the earlier image's first:
 * a class's share of pycocotools' {@code COCOeval.accumulate}.
 */
final class RankedMatches {

    /** How many recalls there are at which the precision is taken: 0, 0.01 to 1. */
    static final int RECALLS = 101;

    /** Of all ranges of areas, the one without bounds. */
    static final int ALL = 0;

    /** So that nothing is divided by 0. */
    private static final double LEAST = Math.ulp(1.0);

    private final int[] images;
    private final int[][] verdicts;
    private final int[] ranks;
    private final int[][] objects;

    /**
     * Puts the detections in order.
     *
     * @param images one for each image, in the order of their ids; null where the image has nothing
     *     of the class
     */
    RankedMatches(List<ImageMatches> images) {
        int count = images.stream().mapToInt(m -> m == null ? 0 : m.scores().length).sum();
        double[] scores = new double[count];
        int[] image = new int[count];
        int[] rank = new int[count];
        objects = new int[ImageMatches.RANGES][images.size()];
        int next = 0;
        for (int i = 0; i < images.size(); i++) {
            ImageMatches matches = images.get(i);
            for (int d = 0; matches != null && d < matches.scores().length; d++) {
                scores[next] = matches.scores()[d];
                image[next] = i;
                rank[next++] = d;
            }
            for (int range = 0; matches != null && range < objects.length; range++) {
                objects[range][i] = matches.objects()[range];
            }
        }
        int[] order = highestFirst(scores);
        this.images = Arrays.stream(order).map(d -> image[d]).toArray();
        ranks = Arrays.stream(order).map(d -> rank[d]).toArray();
        verdicts = new int[ImageMatches.RANGES][];
        for (int r = 0; r < verdicts.length; r++) {
            int range = r;
            verdicts[range] =
                    Arrays.stream(order)
                            .map(d -> images.get(image[d]).verdict(range, rank[d]))
                            .toArray();
        }
    }

    /** The places of scores; equal ones, 0 and -0 among them, stay in their order. */
    private static int[] highestFirst(double[] scores) {
        return IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble(d -> 0.0 - scores[d]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** How many objects of a range of areas count. */
    long objects(int range) {
        return Arrays.stream(objects[range]).asLongStream().sum();
    }

    /**
     * Finds the share of objects that are found.
     *
     * @param most so many detections of an image count
     * @return 0 to 1; -1 if there are no objects
     */
    double recall(int range, int iou, int most) {
        long all = objects(range);
        int right = 0;
        for (int d = 0; d < ranks.length; d++) {
            right += ranks[d] < most ? verdicts[range][d] >> iou & 1 : 0;
        }
        return all == 0 ? -1 : (double) right / all;
    }

    /**
     * Finds the highest precision with at least each recall.
     *
     * @return 0 to 1; 0 at recalls that are not reached; -1 if there are no objects
     */
    double[] precision(int range, int iou) {
        return curve(range, iou, null, objects(range)).at(RECALLS, 0.01);
    }

    /** As Pascal VOC 2007 has it: the mean of the precision at recalls of 0, 0.1 to 1; or -1. */
    double voc2007() {
        Curve curve = curve(ALL, ImageMatches.VOC, null, objects(ALL));
        return Arrays.stream(curve.at(11, 0.1)).average().orElse(-1);
    }

    /** As Pascal VOC has it since 2010: the area under the curve; or -1. */
    double voc() {
        return curve(ALL, ImageMatches.VOC, null, objects(ALL)).area();
    }

    /**
     * What detections reach, from the surest on.
     *
     * @param recalls where one more is right
     * @param precisions the highest with at least that recall
     * @param all objects; there may be none
     */
    private record Curve(double[] recalls, double[] precisions, long all) {

        double[] at(int count, double step) {
            double[] precision = new double[count];
            int hit = 0;
            for (int r = 0; r < count; r++) {
                while (hit < recalls.length && recalls[hit] < r * step) {
                    hit++;
                }
                precision[r] = all == 0 ? -1 : hit < recalls.length ? precisions[hit] : 0;
            }
            return precision;
        }

        double area() {
            double area = all == 0 ? -1 : 0;
            for (int i = 0; i < recalls.length; i++) {
                area += precisions[i] * (recalls[i] - (i == 0 ? 0 : recalls[i - 1]));
            }
            return area;
        }
    }

    /**
     * Follows the detections.
     *
     * @param times how often each image counts; null for once
     * @param all objects, so counted
     */
    private Curve curve(int range, int iou, int[] times, long all) {
        // Only where a detection is right does the recall grow, and only there is a maximum.
        double[] recalls = new double[images.length];
        double[] precisions = new double[images.length];
        int hits = 0;
        long right = 0;
        long counted = 0;
        for (int d = 0; d < images.length; d++) {
            int verdict = verdicts[range][d] >> iou;
            int weight = times == null ? 1 : times[images[d]];
            if ((verdict & 1) != 0 && weight > 0) {
                right += weight;
                counted += weight;
                recalls[hits] = (double) right / all;
                precisions[hits++] = right / (counted + LEAST);
            } else if ((verdict >> ImageMatches.IOUS & 1) != 0) {
                counted += weight;
            }
        }
        for (int i = hits - 1; i > 0; i--) {
            precisions[i - 1] = Math.max(precisions[i - 1], precisions[i]);
        }
        return new Curve(Arrays.copyOf(recalls, hits), Arrays.copyOf(precisions, hits), all);
    }

    /**
     * Averages the precision over all IoUs and recalls.
     *
     * @param times how often each image counts
     * @return 0 to 1; NaN if there are no objects
     */
    double ap(int[] times) {
        long all = 0;
        for (int i = 0; i < times.length; i++) {
            all += (long) times[i] * objects[ALL][i];
        }
        double sum = 0;
        for (int iou = 0; iou < ImageMatches.IOUS; iou++) {
            sum += Arrays.stream(curve(ALL, iou, times, all).at(RECALLS, 0.01)).sum();
        }
        return all == 0 ? Double.NaN : sum / (ImageMatches.IOUS * RECALLS);
    }
}
