package org.mobilenetv3.detection;

/**
 * Boxes as four numbers relative to an anchor, as SSD learns them: how far the center is from the
 * anchor's, in tenths of the anchor's size, and the logarithm of how many times as large the box
 * is, times 5. torchvision's {@code BoxCoder((10, 10, 5, 5))}.
 */
public final class BoxCoder {

    /** What codes are multiplied by: center, then size. */
    public static final float CENTER = 10;

    /** See {@link #CENTER}. */
    public static final float SIZE = 5;

    /** No box is more than this many times as large as its anchor: the logarithm of 1000 / 16. */
    public static final float LARGEST_LOG = (float) Math.log(1000.0 / 16);

    private BoxCoder() {}

    /**
     * Writes the codes of a box.
     *
     * @param box left, top, right, bottom, in pixels of the net's input
     * @param anchors of the net
     * @param anchor which
     * @param codes where to, {@code (count, 4)}
     */
    static void encode(float[] box, Anchors anchors, int anchor, float[] codes) {
        float[] a = anchors.corners();
        int at = 4 * anchor;
        for (int axis = 0; axis < 2; axis++) {
            float size = a[at + 2 + axis] - a[at + axis];
            float center = a[at + axis] + 0.5f * size;
            float boxSize = box[2 + axis] - box[axis];
            float boxCenter = box[axis] + 0.5f * boxSize;
            codes[at + axis] = CENTER * (boxCenter - center) / size;
            codes[at + 2 + axis] = SIZE * (float) Math.log(boxSize / size);
        }
    }

    /**
     * Reads boxes off a net's output.
     *
     * @param output rows that begin with an anchor's four codes
     * @param from where the first row begins
     * @param row length of a row
     * @param anchors of the net
     * @return {@code (count, 4)}: left, top, right and bottom in pixels of the net's input, cut off
     *     at its edges
     */
    public static float[] decode(float[] output, int from, int row, Anchors anchors) {
        float[] a = anchors.corners();
        float[] boxes = new float[a.length];
        for (int i = 0; i < anchors.count(); i++) {
            for (int axis = 0; axis < 2; axis++) {
                int at = 4 * i + axis;
                int code = from + i * row + axis;
                float size = a[at + 2] - a[at];
                float center = output[code] / CENTER * size + (a[at] + 0.5f * size);
                float log = Math.min(output[code + 2] / SIZE, LARGEST_LOG);
                float half = 0.5f * ((float) Math.exp(log) * size);
                float edge = axis == 0 ? anchors.width() : anchors.height();
                boxes[at] = Math.min(Math.max(center - half, 0), edge);
                boxes[at + 2] = Math.min(Math.max(center + half, 0), edge);
            }
        }
        return boxes;
    }
}
