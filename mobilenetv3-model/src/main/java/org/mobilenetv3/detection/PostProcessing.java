package org.mobilenetv3.detection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Turns the answers of a detection net into the objects found: for each class, the anchors with the
 * highest probabilities; of those that overlap, the likeliest; of all, the likeliest few.
 *
 * <p>Equals {@code postprocess_detections} of torchvision's SSD to the rounding of probabilities,
 * its {@code batched_nms} with its rounding included. Where probabilities are equal, the lower
 * class and then the earlier anchor counts first.
 *
 * @param threshold probabilities must be above it
 * @param candidates of each class, at most: the likeliest
 * @param overlap intersection over union above which the less likely box is left out
 * @param most objects in an image, at most
 */
public record PostProcessing(double threshold, int candidates, double overlap, int most) {

    /** As torchvision's ssdlite320_mobilenet_v3_large: 0.001, 300, 0.55, 300. */
    public static final PostProcessing SSDLITE = new PostProcessing(0.001, 300, 0.55, 300);

    /** Up to so many boxes torchvision 0.22 moves each class's to a place of its own. */
    private static final int MOVED = 1000;

    /** How many of the likeliest candidates are sorted at a time. */
    private static final int CHUNK = 2048;

    /** Logits this far below are certainly below the threshold, however they are rounded. */
    private static final double MARGIN = 1e-3;

    /** Refuses what can find nothing. */
    public PostProcessing {
        if (!(threshold >= 0 && threshold <= 1 && overlap >= 0 && overlap <= 1)
                || candidates < 1
                || most < 1) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "A threshold of %s, an overlap of %s, %d candidates and %d objects: the first two are shares of 0 to 1, the others 1 or more.",
                            threshold,
                            overlap,
                            candidates,
                            most));
        }
    }

    /**
     * Finds the objects in one image from the net's output.
     *
     * @param output of one image or of several: {@code (count, 4 + logits)} each, an anchor's
     *     codes, then its logits, the background's first
     * @param image which, from 0
     * @param anchors of the net
     * @param logits how many an anchor has, one more than classes
     * @param height of the image, in pixels, to which boxes are stretched
     * @param width of the image, in pixels
     * @return the likeliest first
     */
    public List<Detection> ofOutput(
            float[] output, int image, Anchors anchors, int logits, int height, int width) {
        int row = 4 + logits;
        int from = image * anchors.count() * row;
        Candidates found = new Candidates();
        double least = Math.log(threshold) - MARGIN;
        double[] powers = new double[logits];
        for (int i = 0; i < anchors.count(); i++) {
            int start = from + i * row + 4;
            float largest = output[start];
            float likeliest = Float.NEGATIVE_INFINITY;
            for (int c = start + 1; c < start + logits; c++) {
                likeliest = Math.max(likeliest, output[c]);
            }
            largest = Math.max(largest, likeliest);
            if (likeliest - largest > least) { // the probability is at most the power of this
                double sum = 0;
                for (int c = 0; c < logits; c++) {
                    powers[c] = exp(output[start + c] - largest);
                    sum += powers[c];
                }
                for (int c = 1; c < logits; c++) {
                    found.add((float) (powers[c] / sum), (c - 1) * anchors.count() + i);
                }
            }
        }
        float[] boxes = BoxCoder.decode(output, from, row, anchors);
        return found.objects(
                boxes, logits - 1, scale(height, anchors.height()), scale(width, anchors.width()));
    }

    /**
     * Finds the objects in one image from {@link Answers}.
     *
     * @param answer of one image or of several: {@code (count, 4 + logits)} each
     * @param image which, from 0
     * @param anchors of the net
     * @param logits how many an anchor has, one more than classes
     * @param height of the image, in pixels, to which boxes are stretched
     * @param width of the image, in pixels
     * @return the likeliest first
     */
    public List<Detection> ofAnswer(
            float[] answer, int image, Anchors anchors, int logits, int height, int width) {
        int row = 4 + logits;
        int from = image * anchors.count() * row;
        float[] boxes = new float[4 * anchors.count()];
        Candidates found = new Candidates();
        for (int i = 0; i < anchors.count(); i++) {
            int at = from + i * row;
            for (int k = 0; k < 4; k++) {
                int edge = k % 2 == 0 ? anchors.width() : anchors.height();
                boxes[4 * i + k] = answer[at + k] * edge;
            }
            for (int c = 1; c < logits; c++) {
                found.add(answer[at + 4 + c], (c - 1) * anchors.count() + i);
            }
        }
        return found.objects(
                boxes, logits - 1, scale(height, anchors.height()), scale(width, anchors.width()));
    }

    private static float scale(int image, int input) {
        return image / (float) input;
    }

    /**
     * A power of e to nine digits: by the powers of 2 and a polynomial, several times as fast as
     * Java's, which would be most of the work.
     *
     * @param x 0 or below
     */
    static double exp(double x) {
        double clamped = Math.max(x, -700); // NaN stays
        double shifted = clamped * LOG2_E + SHIFT;
        double r = clamped - (shifted - SHIFT) * LN_2;
        double p =
                1
                        + r
                                * (1
                                        + r
                                                * (1 / 2.0
                                                        + r
                                                                * (1 / 6.0
                                                                        + r
                                                                                * (1 / 24.0
                                                                                        + r
                                                                                                * (1
                                                                                                                / 120.0
                                                                                                        + r
                                                                                                                * (1
                                                                                                                                / 720.0
                                                                                                                        + r
                                                                                                                                * (1
                                                                                                                                                / 5040.0
                                                                                                                                        + r
                                                                                                                                                / 40320.0)))))));
        return p * Double.longBitsToDouble((Double.doubleToRawLongBits(shifted) + 1023) << 52);
    }

    private static final double LOG2_E = 1 / Math.log(2);
    private static final double LN_2 = Math.log(2);

    /** Adding it rounds to a whole number, which then stands in the last bits. */
    private static final double SHIFT = 0x1.8p52;

    /** Boxes with a class and a probability above the threshold. */
    private final class Candidates {

        /** Probability, then class and anchor: sorted downwards, ties come in order. */
        private long[] keys = new long[1024];

        private int size;

        void add(float score, int index) {
            if (score > (float) threshold) {
                if (size == keys.length) {
                    keys = Arrays.copyOf(keys, 2 * size);
                }
                keys[size++] =
                        (long) Float.floatToRawIntBits(score) << 32 | (Integer.MAX_VALUE - index);
            }
        }

        private static int index(long key) {
            return Integer.MAX_VALUE - (int) key;
        }

        List<Detection> objects(float[] boxes, int classes, float rows, float columns) {
            int count = boxes.length / 4;
            Kept kept = new Kept(boxes, classes, gap(boxes, classes));
            int[] seen = new int[classes];
            List<Detection> objects = new ArrayList<>();
            for (int end = size; end > 0; ) {
                int start = Math.max(0, end - CHUNK);
                selectLargest(keys, start, end);
                Arrays.sort(keys, start, end);
                for (int i = end - 1; i >= start; i--) {
                    int anchor = index(keys[i]) % count;
                    int label = index(keys[i]) / count;
                    if (++seen[label] <= candidates && kept.add(anchor, label)) {
                        int at = 4 * anchor;
                        Box box =
                                new Box(
                                        boxes[at] * columns,
                                        boxes[at + 1] * rows,
                                        boxes[at + 2] * columns,
                                        boxes[at + 3] * rows);
                        float score = Float.intBitsToFloat((int) (keys[i] >>> 32));
                        objects.add(new Detection(box, label, score));
                        if (objects.size() == most) {
                            return objects;
                        }
                    }
                }
                end = start;
            }
            return objects;
        }

        /**
         * How far apart torchvision puts the classes of few boxes: what it adds to their edges
         * rounds them. 0 for many.
         */
        private float gap(float[] boxes, int classes) {
            int count = boxes.length / 4;
            int[] found = new int[classes];
            int all = 0;
            for (int i = 0; i < size; i++) {
                if (++found[index(keys[i]) / count] <= candidates) {
                    all++;
                }
            }
            if (all > MOVED) {
                return 0;
            }
            Arrays.sort(keys, 0, size);
            int[] seen = new int[classes];
            float largest = 0;
            for (int i = size - 1; i >= 0; i--) {
                if (++seen[index(keys[i]) / count] <= candidates) {
                    int at = 4 * (index(keys[i]) % count);
                    largest = Math.max(largest, Math.max(boxes[at + 2], boxes[at + 3]));
                }
            }
            return largest + 1;
        }
    }

    /** Boxes that are in the result, by class. */
    private final class Kept {
        private final float[] boxes;
        private final float gap;
        private final float[] edges = new float[4 * most];

        /** The latest of each class, and the one before it of the same class; -1 for none. */
        private final int[] last;

        private final int[] before = new int[most];
        private int size;

        Kept(float[] boxes, int classes, float gap) {
            this.boxes = boxes;
            this.gap = gap;
            last = new int[classes];
            Arrays.fill(last, -1);
        }

        /** Adds a box unless one of its class overlaps. */
        boolean add(int anchor, int label) {
            float move = (label + 1) * gap;
            float left = boxes[4 * anchor] + move;
            float top = boxes[4 * anchor + 1] + move;
            float right = boxes[4 * anchor + 2] + move;
            float bottom = boxes[4 * anchor + 3] + move;
            float area = (right - left) * (bottom - top);
            for (int other = last[label]; other >= 0; other = before[other]) {
                float l = edges[4 * other];
                float t = edges[4 * other + 1];
                float r = edges[4 * other + 2];
                float b = edges[4 * other + 3];
                float width = Math.max(0, Math.min(right, r) - Math.max(left, l));
                float height = Math.max(0, Math.min(bottom, b) - Math.max(top, t));
                float common = width * height;
                if (common / ((r - l) * (b - t) + area - common) > overlap) {
                    return false;
                }
            }
            edges[4 * size] = left;
            edges[4 * size + 1] = top;
            edges[4 * size + 2] = right;
            edges[4 * size + 3] = bottom;
            before[size] = last[label];
            last[label] = size++;
            return true;
        }
    }

    /** Moves the largest of the numbers before {@code end} to {@code start} and behind it. */
    private static void selectLargest(long[] keys, int start, int end) {
        int low = 0;
        int high = end - 1;
        while (start > low && low < high) {
            long pivot = keys[(low + high) >>> 1];
            int i = low;
            int j = high;
            while (i <= j) {
                while (keys[i] < pivot) {
                    i++;
                }
                while (keys[j] > pivot) {
                    j--;
                }
                if (i <= j) {
                    long swapped = keys[i];
                    keys[i++] = keys[j];
                    keys[j--] = swapped;
                }
            }
            if (start <= j) {
                high = j;
            } else if (start >= i) {
                low = i;
            } else {
                return;
            }
        }
    }
}
