package org.mobilenetv3.train.data.augment;

/** A rectangle of pixels; it may reach beyond the image, top and left may be negative. */
record Box(int top, int left, int height, int width) {

    int bottom() {
        return top + height;
    }

    int right() {
        return left + width;
    }

    int area() {
        return height * width;
    }

    /** The part of it that is in an image of the given size. */
    Box clippedTo(int imageHeight, int imageWidth) {
        int y = Math.max(0, top);
        int x = Math.max(0, left);
        return new Box(
                y,
                x,
                Math.max(0, Math.min(imageHeight, bottom()) - y),
                Math.max(0, Math.min(imageWidth, right()) - x));
    }

    /** A box of the given size, anywhere in an image that holds it. */
    static Box anywhere(SplitMix random, int height, int width, int imageHeight, int imageWidth) {
        int top = random.nextInt(imageHeight - height + 1);
        return new Box(top, random.nextInt(imageWidth - width + 1), height, width);
    }
}
