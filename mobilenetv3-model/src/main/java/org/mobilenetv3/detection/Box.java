package org.mobilenetv3.detection;

/**
 * A rectangle in an image, in pixels from its upper left corner; the first pixel reaches from 0 to
 * 1.
 *
 * @param left edge
 * @param top edge
 * @param right edge, not below {@code left} in a box that holds anything
 * @param bottom edge, not below {@code top} in a box that holds anything
 */
public record Box(double left, double top, double right, double bottom) {

    /**
     * Returns the width.
     *
     * @return in pixels, below 0 if the edges are crossed
     */
    public double width() {
        return right - left;
    }

    /**
     * Returns the height.
     *
     * @return in pixels, below 0 if the edges are crossed
     */
    public double height() {
        return bottom - top;
    }

    /**
     * Returns the area.
     *
     * @return in square pixels, 0 for a box that holds nothing
     */
    public double area() {
        return Math.max(0, width()) * Math.max(0, height());
    }

    /**
     * Returns the part that two boxes have in common.
     *
     * @param other a box of the same image
     * @return their intersection; its area is 0 if they have nothing in common
     */
    public Box intersection(Box other) {
        return new Box(
                Math.max(left, other.left),
                Math.max(top, other.top),
                Math.min(right, other.right),
                Math.min(bottom, other.bottom));
    }

    /**
     * Returns how far two boxes are the same: intersection over union.
     *
     * @param other a box of the same image
     * @return 0 to 1; 0 if both hold nothing
     */
    public double iou(Box other) {
        double common = intersection(other).area();
        double union = area() + other.area() - common;
        return union > 0 ? common / union : 0;
    }

    /**
     * Returns the part inside an image.
     *
     * @param width of the image, in pixels
     * @param height of the image, in pixels
     * @return the box with its edges moved into the image
     */
    public Box clip(double width, double height) {
        return new Box(
                Math.min(Math.max(left, 0), width),
                Math.min(Math.max(top, 0), height),
                Math.min(Math.max(right, 0), width),
                Math.min(Math.max(bottom, 0), height));
    }
}
