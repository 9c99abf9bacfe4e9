package org.mobilenetv3.train.data.annotation.outline;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Checksum;

/**
 * Polygons, whose pixels are those that pycocotools' {@code frPyObjects} gives (rleFrPoly of COCO's
 * maskApi.c): corners are rounded to fifths of a pixel, and only these are kept.
 */
public final class Polygons implements Outline {
    private static final int SCALE = 5;

    /** Beyond, no image lies, and sums of corners might overflow. */
    private static final double FARTHEST = 1e7;

    /** Of a border that could still be walked in a second. */
    private static final long MOST_STEPS = 1L << 27;

    private record Ring(byte[] packed, int size) {}

    private final Ring[] rings;
    private final int least;
    private final int most;

    private Polygons(Builder builder) {
        rings = builder.rings.toArray(Ring[]::new);
        least = builder.least;
        most = builder.most;
    }

    /** Takes the corners. */
    public static final class Builder {
        private final List<Ring> rings = new ArrayList<>(1);
        private final int[] before = new int[2];
        private PackedInts open = new PackedInts();
        private boolean broken;
        private int least;
        private int most;
        private long steps;

        /**
         * Adds a coordinate: x, y, x, y and so on.
         *
         * @param coordinate in pixels
         */
        public void add(double coordinate) {
            if (!(Math.abs(coordinate) <= FARTHEST)) { // also NaN
                broken = true;
                return;
            }
            int corner = (int) (SCALE * coordinate + 0.5);
            int axis = open.size() % 2;
            steps += open.size() < 2 ? 0 : Math.abs((long) corner - before[axis]);
            before[axis] = corner;
            least = Math.min(least, corner);
            most = Math.max(most, corner);
            open.add(corner);
        }

        /** Ends a polygon. */
        public void close() {
            broken |= open.size() < 6 || open.size() % 2 != 0;
            rings.add(new Ring(open.packed(), open.size()));
            open = new PackedInts();
        }

        /**
         * Returns all polygons together.
         *
         * @return {@link Outline#BROKEN} if there are none, if one has fewer than three corners or
         *     half of one, or if their border is too long
         */
        public Outline build() {
            return broken || rings.isEmpty() || steps > MOST_STEPS ? BROKEN : new Polygons(this);
        }
    }

    /** Not if it reaches farther beyond the image than this is long. */
    @Override
    public boolean fits(int height, int width) {
        long side = (long) SCALE * Math.max(height, width);
        return least >= -side && most <= 2 * side;
    }

    @Override
    public void paint(byte[] pixels, int height, int width, byte value) {
        for (Ring ring : rings) {
            int[] crossings = crossings(PackedInts.unpack(ring.packed, ring.size), height, width);
            Arrays.sort(crossings);
            for (int i = 0; i < crossings.length; i += 2) {
                int end = i + 1 < crossings.length ? crossings[i + 1] : height * width;
                Runs.fill(pixels, height, width, crossings[i], end, value);
            }
        }
    }

    /**
     * Where the border crosses the middles of columns, as places of pixels column by column; from
     * each odd one to the next, pixels are within.
     */
    private static int[] crossings(int[] corners, int height, int width) {
        Border border = new Border(height, width);
        int count = corners.length / 2;
        for (int i = 0; i < count; i++) {
            int next = (i + 1) % count;
            border.edge(
                    corners[2 * i], corners[2 * i + 1], corners[2 * next], corners[2 * next + 1]);
        }
        return Arrays.copyOf(border.crossings, border.size);
    }

    /** Walks along the border in steps of a fifth of a pixel. */
    private static final class Border {
        private final int height;
        private final int width;
        private int[] crossings = new int[64];
        private int size;
        private boolean started;
        private int lastX;
        private int lastY;

        Border(int height, int width) {
            this.height = height;
            this.width = width;
        }

        void edge(int fromX, int fromY, int toX, int toY) {
            int dx = Math.abs(toX - fromX);
            int dy = Math.abs(toY - fromY);
            boolean wide = dx >= dy;
            boolean flip = wide ? fromX > toX : fromY > toY;
            int xs = flip ? toX : fromX;
            int ys = flip ? toY : fromY;
            int xe = flip ? fromX : toX;
            int ye = flip ? fromY : toY;
            double slope = wide ? (double) (ye - ys) / dx : (double) (xe - xs) / dy;
            int steps = wide ? dx : dy;
            for (int d = 0; d <= steps; d++) {
                int t = flip ? steps - d : d;
                if (wide) {
                    point(t + xs, (int) (ys + slope * t + 0.5));
                } else {
                    point((int) (xs + slope * t + 0.5), t + ys);
                }
            }
        }

        private void point(int x, int y) {
            if (started && x != lastX) {
                int left = Math.min(x, lastX);
                // The middle of a column, (left + 0.5) / 5 - 0.5, is whole for 2, 7, 12 ...
                if (left >= 0 && left % SCALE == SCALE / 2 && left / SCALE < width) {
                    double row = (Math.min(y, lastY) + 0.5) / SCALE - 0.5;
                    row = Math.ceil(Math.min(Math.max(row, 0), height));
                    add(left / SCALE * height + (int) row);
                }
            }
            started = true;
            lastX = x;
            lastY = y;
        }

        private void add(int place) {
            if (size == crossings.length) {
                crossings = Arrays.copyOf(crossings, 2 * size);
            }
            crossings[size++] = place;
        }
    }

    @Override
    public void update(Checksum sum) {
        for (Ring ring : rings) {
            sum.update(ByteBuffer.allocate(4).putInt(ring.size).flip());
            sum.update(ring.packed);
        }
    }
}
