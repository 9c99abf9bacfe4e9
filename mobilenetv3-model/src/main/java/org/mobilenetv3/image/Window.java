package org.mobilenetv3.image;

/**
 * The part that is kept of a resized image.
 *
 * @param height of the whole resized image
 * @param width of the whole resized image
 * @param top where the part begins
 * @param left where the part begins
 * @param rows height of the part
 * @param columns width of the part
 */
record Window(int height, int width, int top, int left, int rows, int columns) {

    static Window whole(int height, int width) {
        return new Window(height, width, 0, 0, height, width);
    }
}
