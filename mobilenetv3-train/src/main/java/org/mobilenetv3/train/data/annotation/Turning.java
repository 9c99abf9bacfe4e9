package org.mobilenetv3.train.data.annotation;

import org.mobilenetv3.detection.Box;
import org.mobilenetv3.image.metadata.Orientation;
import org.mobilenetv3.segmentation.Mask;

/** Turns what was annotated in a photograph as it is stored, as the photograph is turned. */
final class Turning {

    private Turning() {}

    /**
     * Turns a box upright.
     *
     * @param box in the stored image
     * @param orientation as in Exif, 1 to 8
     * @param height of the stored image
     * @param width of the stored image
     */
    static Box upright(Box box, int orientation, double height, double width) {
        boolean right = Orientation.fromRight(orientation);
        boolean bottom = Orientation.fromBottom(orientation);
        double left = right ? width - box.right() : box.left();
        double end = right ? width - box.left() : box.right();
        double top = bottom ? height - box.bottom() : box.top();
        double base = bottom ? height - box.top() : box.bottom();
        return Orientation.turns(orientation)
                ? new Box(top, left, base, end)
                : new Box(left, top, end, base);
    }

    /** Turns a mask upright. */
    static Mask upright(Mask mask, int orientation) {
        if (orientation == Orientation.UPRIGHT) {
            return mask;
        }
        int height = mask.height();
        int width = mask.width();
        boolean turned = Orientation.turns(orientation);
        int outHeight = turned ? width : height;
        int outWidth = turned ? height : width;
        byte[] out = new byte[mask.classes().length];
        for (int y = 0; y < height; y++) {
            int row = Orientation.fromBottom(orientation) ? height - 1 - y : y;
            for (int x = 0; x < width; x++) {
                int column = Orientation.fromRight(orientation) ? width - 1 - x : x;
                int to = turned ? column * outWidth + row : row * outWidth + column;
                out[to] = mask.classes()[y * width + x];
            }
        }
        return new Mask(out, outHeight, outWidth);
    }

    /** Takes the nearest pixels, where an image was made smaller while it was decoded. */
    static Mask resized(Mask mask, int height, int width) {
        if (height == mask.height() && width == mask.width()) {
            return mask;
        }
        byte[] out = new byte[height * width];
        for (int y = 0; y < height; y++) {
            int row = (int) ((2L * y + 1) * mask.height() / (2L * height));
            for (int x = 0; x < width; x++) {
                int column = (int) ((2L * x + 1) * mask.width() / (2L * width));
                out[y * width + x] = mask.classes()[row * mask.width() + column];
            }
        }
        return new Mask(out, height, width);
    }
}
