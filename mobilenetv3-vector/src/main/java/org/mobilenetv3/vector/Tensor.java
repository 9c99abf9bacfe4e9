package org.mobilenetv3.vector;

import ai.djl.ndarray.types.Shape;

/**
 * Where a value lies while a net runs. Images are stored channels last, {@code (N, H, W, stride)},
 * vectors as images of one pixel, rows as images of one column without padding.
 */
final class Tensor {

    /** How a value's numbers follow one another in the caller's arrays. */
    enum Kind {
        /** {@code (N, C, H, W)}. */
        IMAGE,
        /** {@code (N, C)}. */
        VECTOR,
        /** {@code (N, rows, columns)}. */
        ROWS
    }

    final Kind kind;
    final int count;
    final int height;
    final int width;
    final int channels;

    /** Floats from pixel to pixel: the channels, padded. */
    final int stride;

    private final int size;

    /** Where it begins in the arena, which values that are the same numbers share. */
    private final Place place;

    /** A place in the arena. */
    static final class Place {
        int offset = -1;
    }

    private Tensor(
            Kind kind, int count, int height, int width, int channels, int stride, Place place) {
        this.kind = kind;
        this.count = count;
        this.height = height;
        this.width = width;
        this.channels = channels;
        this.stride = stride;
        this.place = place;
        if (count < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "There are %s images of %s x %s pixels, expected at least one of each."
                            .formatted(count, height, width));
        }
        size =
                Math.multiplyExact(
                        Math.multiplyExact(Math.multiplyExact(count, height), width), stride);
    }

    static Tensor image(int count, int height, int width, int channels, int lanes) {
        return new Tensor(
                Kind.IMAGE, count, height, width, channels, padded(channels, lanes), new Place());
    }

    static Tensor vector(int count, int channels, int lanes) {
        return new Tensor(Kind.VECTOR, count, 1, 1, channels, padded(channels, lanes), new Place());
    }

    static Tensor rows(int count, int rows, int columns) {
        return new Tensor(Kind.ROWS, count, rows, 1, columns, columns, new Place());
    }

    private static int padded(int channels, int lanes) {
        return (channels + lanes - 1) / lanes * lanes;
    }

    /** The same numbers in the same place, called a vector or an image. */
    Tensor as(Kind other) {
        return new Tensor(other, count, height, width, channels, stride, place);
    }

    Place place() {
        return place;
    }

    int offset() {
        return place.offset;
    }

    int pixels() {
        return height * width;
    }

    /** Floats of one image. */
    int image() {
        return pixels() * stride;
    }

    int size() {
        return size;
    }

    boolean hasSizeOf(Tensor other) {
        return count == other.count && height == other.height && width == other.width;
    }

    boolean hasShapeOf(Tensor other) {
        return hasSizeOf(other) && channels == other.channels;
    }

    Shape shape() {
        return switch (kind) {
            case IMAGE -> new Shape(count, channels, height, width);
            case VECTOR -> new Shape(count, channels);
            case ROWS -> new Shape(count, height, channels);
        };
    }

    /** How many values it has, without those of padding channels. */
    int values() {
        return Math.multiplyExact(count * channels, pixels());
    }

    /** Copies the values to a place in an array, in the caller's order. */
    void read(float[] a, float[] values, int at) {
        int pixels = pixels();
        for (int n = 0; n < count; n++) {
            int from = offset() + n * image();
            int to = at + n * channels * pixels;
            if (kind == Kind.IMAGE && pixels > 1) {
                for (int p = 0; p < pixels; p++) {
                    for (int c = 0; c < channels; c++) {
                        values[to + c * pixels + p] = a[from + p * stride + c];
                    }
                }
            } else {
                for (int p = 0; p < pixels; p++) {
                    System.arraycopy(a, from + p * stride, values, to + p * channels, channels);
                }
            }
        }
    }
}
