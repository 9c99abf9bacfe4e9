package org.mobilenetv3.train.data.augment;

import org.mobilenetv3.image.Pixels;

/**
 * Moves the pixels of an 8-bit image, with black where nothing was. The affine ones take the
 * nearest pixel in 16-bit fixed point and equal torchvision's on Pillow images bit for bit
 * (libImaging/Geometry.c), for images of less than 32,768 pixels a side.
 */
final class GeometricOps {
    private GeometricOps() {}

    /** Cuts a box out; where it reaches beyond the image there are zeros. */
    static Pixels crop(Pixels image, Box box) {
        Box inside = box.clippedTo(image.height(), image.width());
        byte[] out = new byte[image.channels() * box.area()];
        int channels = inside.area() == 0 ? 0 : image.channels();
        for (int c = 0; c < channels; c++) {
            for (int y = inside.top(); y < inside.bottom(); y++) {
                System.arraycopy(
                        image.data(),
                        (c * image.height() + y) * image.width() + inside.left(),
                        out,
                        (c * box.height() + y - box.top()) * box.width()
                                + inside.left()
                                - box.left(),
                        inside.width());
            }
        }
        return new Pixels(out, image.channels(), box.height(), box.width());
    }

    /** Mirrors left and right. */
    static Pixels flip(Pixels image) {
        byte[] in = image.data();
        byte[] out = new byte[in.length];
        int width = image.width();
        for (int row = 0; row < in.length; row += width) {
            for (int x = 0; x < width; x++) {
                out[row + x] = in[row + width - 1 - x];
            }
        }
        return new Pixels(out, image.channels(), image.height(), width);
    }

    /** Moves row {@code y} left by {@code factor * y} pixels. */
    static Pixels shearX(Pixels image, double factor) {
        return affine(image, 1, factor, 0, 0, 1, 0);
    }

    /** Moves column {@code x} up by {@code factor * x} pixels. */
    static Pixels shearY(Pixels image, double factor) {
        return affine(image, 1, 0, 0, factor, 1, 0);
    }

    /** Moves right and down by whole pixels. */
    static Pixels translate(Pixels image, int right, int down) {
        return crop(image, new Box(-down, -right, image.height(), image.width()));
    }

    /** Turns counter-clockwise around the middle. */
    static Pixels rotate(Pixels image, double degrees) {
        double angle = -Math.toRadians(degrees);
        double cos = to15Decimals(StrictMath.cos(angle));
        double sin = to15Decimals(StrictMath.sin(angle));
        double x = image.width() / 2.0;
        double y = image.height() / 2.0;
        return affine(
                image, cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y);
    }

    private static double to15Decimals(double value) {
        return Math.rint(value * 1e15) / 1e15;
    }

    /** Output pixel (x, y) is input pixel (ax + by + c, dx + ey + f), from the pixels' middles. */
    private static Pixels affine(
            Pixels image, double a, double b, double c, double d, double e, double f) {
        int height = image.height();
        int width = image.width();
        int plane = height * width;
        byte[] out = new byte[image.data().length];
        int startX = fixed(c + a * 0.5 + b * 0.5);
        int startY = fixed(f + d * 0.5 + e * 0.5);
        int stepX = fixed(a);
        int stepY = fixed(d);
        for (int y = 0; y < height; y++) {
            int fixedX = startX + y * fixed(b);
            int fixedY = startY + y * fixed(e);
            for (int x = 0; x < width; x++) {
                int sourceX = fixedX >> 16;
                int sourceY = fixedY >> 16;
                if (sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height) {
                    int source = sourceY * width + sourceX;
                    for (int shift = 0; shift < out.length; shift += plane) {
                        out[shift + y * width + x] = image.data()[shift + source];
                    }
                }
                fixedX += stepX;
                fixedY += stepY;
            }
        }
        return new Pixels(out, image.channels(), height, width);
    }

    private static int fixed(double value) {
        return (int) Math.floor(value * 65536.0 + 0.5);
    }
}
