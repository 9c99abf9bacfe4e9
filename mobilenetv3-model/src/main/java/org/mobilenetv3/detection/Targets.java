package org.mobilenetv3.detection;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a net is to answer for one image: which anchor is to show which object.
 *
 * <p>An anchor shows the object with which it overlaps most, if intersection over union is 0.5 or
 * more; besides, each object is shown by the anchor that overlaps most with it. torchvision's
 * {@code SSDMatcher(0.5)}, to the float: among equals the first counts, among objects that want the
 * same anchor the last.
 *
 * @param labels of each anchor: the object's class counted from 1, or 0 for the background
 * @param codes {@code (count, 4)}, the objects' boxes relative to their anchors; 0 for background
 * @param positives how many anchors show an object
 */
@SuppressWarnings("ArrayRecordComponent") // thousands of numbers on their way into a batch
public record Targets(long[] labels, float[] codes, int positives) {

    private static final float OVERLAP = 0.5f;
    private static final int NONE = -1;

    /**
     * Matches objects and anchors.
     *
     * @param anchors of the net
     * @param boxes the objects, in pixels of the net's input; none for an image of background
     * @param classes of the objects, from 0
     * @return the targets
     * @throws IllegalArgumentException if a box holds nothing, or there are not as many classes
     */
    public static Targets of(Anchors anchors, List<Box> boxes, int... classes) {
        if (boxes.size() != classes.length) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%d boxes cannot have %d classes.",
                            boxes.size(),
                            classes.length));
        }
        float[][] floats = new float[boxes.size()][];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = floats(boxes.get(i));
        }
        int[] matches = match(anchors, floats);
        long[] labels = new long[matches.length];
        float[] codes = new float[4 * matches.length];
        int positives = 0;
        for (int i = 0; i < matches.length; i++) {
            if (matches[i] != NONE) {
                labels[i] = classes[matches[i]] + 1L;
                BoxCoder.encode(floats[matches[i]], anchors, i, codes);
                positives++;
            }
        }
        return new Targets(labels, codes, positives);
    }

    private static float[] floats(Box box) {
        float[] edges = {
            (float) box.left(), (float) box.top(), (float) box.right(), (float) box.bottom()
        };
        if (!(edges[2] > edges[0] && edges[3] > edges[1])) {
            throw new IllegalArgumentException(
                    "%s holds nothing; leave out objects without width or height.".formatted(box));
        }
        return edges;
    }

    /** The object that each anchor shows, or {@link #NONE}. */
    private static int[] match(Anchors anchors, float[][] boxes) {
        float[] a = anchors.corners();
        int[] matches = new int[anchors.count()];
        Arrays.fill(matches, NONE);
        float[] best = new float[matches.length]; // of each anchor, over the objects so far
        int[] forced = new int[boxes.length];
        for (int box = 0; box < boxes.length; box++) {
            float left = boxes[box][0];
            float top = boxes[box][1];
            float right = boxes[box][2];
            float bottom = boxes[box][3];
            float area = (right - left) * (bottom - top);
            float most = -1;
            for (int i = 0; i < matches.length; i++) {
                float l = a[4 * i];
                float t = a[4 * i + 1];
                float r = a[4 * i + 2];
                float b = a[4 * i + 3];
                float width = Math.max(Math.min(right, r) - Math.max(left, l), 0);
                float height = Math.max(Math.min(bottom, b) - Math.max(top, t), 0);
                float common = width * height;
                float overlap = common / (area + (r - l) * (b - t) - common);
                if (overlap > most) {
                    most = overlap;
                    forced[box] = i;
                }
                if (overlap >= OVERLAP && overlap > best[i]) {
                    best[i] = overlap;
                    matches[i] = box;
                }
            }
        }
        for (int box = 0; box < forced.length; box++) {
            matches[forced[box]] = box;
        }
        return matches;
    }
}
