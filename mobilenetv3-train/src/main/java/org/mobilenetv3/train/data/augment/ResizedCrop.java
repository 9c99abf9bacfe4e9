package org.mobilenetv3.train.data.augment;

import org.mobilenetv3.image.Pixels;

/**
 * torchvision's {@code RandomResizedCrop(size, scale=(least, 1))}: a part of random area, uniform
 * in share, and of random aspect, log-uniform in 3/4 to 4/3, brought back to the image's size by
 * antialiased bilinear interpolation.
 *
 * @param least lower bound of the part's share of the area, above 0 and below 1
 */
record ResizedCrop(double least) {
    private static final double LOG_WIDEST = StrictMath.log(4.0 / 3);
    private static final int TRIES = 10;

    Pixels apply(Pixels image, SplitMix random) {
        return apply(image, draw(random, image.height(), image.width()));
    }

    static Pixels apply(Pixels image, Box box) {
        return GeometricOps.crop(image, box).resize(image.height(), image.width());
    }

    /** Draws the part; after ten that do not fit it is the middle, as much as its aspect allows. */
    Box draw(SplitMix random, int height, int width) {
        for (int i = 0; i < TRIES; i++) {
            double area = (double) height * width * random.between(least, 1);
            double aspect = StrictMath.exp(random.between(-LOG_WIDEST, LOG_WIDEST));
            int wide = (int) Math.rint(Math.sqrt(area * aspect));
            int high = (int) Math.rint(Math.sqrt(area / aspect));
            if (wide > 0 && wide <= width && high > 0 && high <= height) {
                return Box.anywhere(random, high, wide, height, width);
            }
        }
        int high = (int) Math.min(height, Math.rint(width * 4.0 / 3));
        int wide = (int) Math.min(width, Math.rint(height * 4.0 / 3));
        return new Box((height - high) / 2, (width - wide) / 2, high, wide);
    }
}
