package org.mobilenetv3.train.data.augment;

import java.util.Arrays;

/** Sets a rectangle of an image to one color. */
final class Erasing {
    private static final double LEAST = 0.02;
    private static final double MOST = 0.33;
    private static final double LOG_FLATTEST = StrictMath.log(0.3);
    private static final double LOG_TALLEST = StrictMath.log(3.3);
    private static final int TRIES = 10;

    private Erasing() {}

    /**
     * The rectangle of torchvision's {@code RandomErasing} (Zhong et al., 2017) with its default
     * ranges: 2 to 33 % of the area, uniform, and height to width of 0.3 to 3.3, log-uniform.
     *
     * @return null if ten tries gave none that is smaller than the image in both directions
     */
    static Box randomErasing(SplitMix random, int height, int width) {
        for (int i = 0; i < TRIES; i++) {
            double area = (double) height * width * random.between(LEAST, MOST);
            double aspect = StrictMath.exp(random.between(LOG_FLATTEST, LOG_TALLEST));
            int high = (int) Math.rint(Math.sqrt(area * aspect));
            int wide = (int) Math.rint(Math.sqrt(area / aspect));
            if (high < height && wide < width) {
                return Box.anywhere(random, high, wide, height, width);
            }
        }
        return null;
    }

    /**
     * The square of cutout (DeVries and Taylor, 2017): its center is anywhere in the image, so that
     * up to three quarters of it fall outside.
     *
     * @param side in pixels
     */
    static Box cutout(SplitMix random, int side, int height, int width) {
        int top = random.nextInt(height) - side / 2;
        int left = random.nextInt(width) - side / 2;
        return new Box(top, left, side, side).clippedTo(height, width);
    }

    /** Sets the box in an image {@code (C, height, width)} to one value for each channel. */
    static void erase(float[] image, int height, int width, Box box, float[] color) {
        for (int c = 0; c < color.length; c++) {
            int plane = c * height * width;
            for (int y = box.top(); y < box.bottom(); y++) {
                int row = plane + y * width + box.left();
                Arrays.fill(image, row, row + box.width(), color[c]);
            }
        }
    }
}
