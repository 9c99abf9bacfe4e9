package org.mobilenetv3.detection;

import java.util.List;
import java.util.Locale;

/**
 * The boxes that an SSD's outputs are relative to, six around the center of each cell of its maps:
 * two squares, then a wide and a tall one for each of the ratios 2 and 3. The k-th map's are
 * between 0.2 (the first) and 0.95 (the last) of the image wide and high.
 *
 * <p>Float for float those of torchvision's {@code DefaultBoxGenerator([[2, 3]] * maps, 0.2,
 * 0.95)}.
 */
public final class Anchors {

    /** Anchors of one cell. */
    public static final int PER_CELL = 6;

    private static final double SMALLEST = 0.2;
    private static final double LARGEST = 0.95;
    private static final int[] RATIOS = {2, 3};

    private final int height;
    private final int width;
    private final float[] corners;

    /**
     * The size of a map.
     *
     * @param rows of cells, from top to bottom
     * @param columns of cells, from left to right
     */
    public record Grid(int rows, int columns) {

        /** Refuses maps without cells. */
        public Grid {
            if (rows < 1 || columns < 1) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "A map of %d rows and %d columns has no cells.",
                                rows,
                                columns));
            }
        }

        int cells() {
            return rows * columns;
        }
    }

    /**
     * Computes the anchors of a net.
     *
     * @param height of the net's input, in pixels
     * @param width of the net's input, in pixels
     * @param maps the finest first, two at least
     */
    public Anchors(int height, int width, List<Grid> maps) {
        if (height < 1 || width < 1 || maps.size() < 2) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "Anchors need an image and two maps at least but were given %dx%d pixels and %d maps.",
                            width,
                            height,
                            maps.size()));
        }
        this.height = height;
        this.width = width;
        corners = new float[4 * PER_CELL * maps.stream().mapToInt(Grid::cells).sum()];
        int at = 0;
        for (int k = 0; k < maps.size(); k++) {
            at = add(maps.get(k), sizes(k, maps.size()), at);
        }
    }

    private int add(Grid map, float[] sizes, int start) {
        int at = start;
        for (int row = 0; row < map.rows; row++) {
            float y = (row + 0.5f) / map.rows;
            for (int column = 0; column < map.columns; column++) {
                float x = (column + 0.5f) / map.columns;
                for (int i = 0; i < sizes.length; i += 2) {
                    corners[at++] = (x - 0.5f * sizes[i]) * width;
                    corners[at++] = (y - 0.5f * sizes[i + 1]) * height;
                    corners[at++] = (x + 0.5f * sizes[i]) * width;
                    corners[at++] = (y + 0.5f * sizes[i + 1]) * height;
                }
            }
        }
        return at;
    }

    /** Width and height of a cell's anchors as shares of the image's. */
    private static float[] sizes(int map, int maps) {
        double scale = scale(map, maps);
        double next = map + 1 < maps ? scale(map + 1, maps) : 1;
        float[] sizes = new float[2 * PER_CELL];
        sizes[0] = (float) scale;
        sizes[1] = (float) scale;
        sizes[2] = (float) Math.sqrt(scale * next);
        sizes[3] = sizes[2];
        int at = 4;
        for (int ratio : RATIOS) {
            double root = Math.sqrt(ratio);
            float longer = Math.min((float) (scale * root), 1);
            float shorter = (float) (scale / root);
            sizes[at++] = longer;
            sizes[at++] = shorter;
            sizes[at++] = shorter;
            sizes[at++] = longer;
        }
        return sizes;
    }

    private static double scale(int map, int maps) {
        return SMALLEST + (LARGEST - SMALLEST) * map / (maps - 1.0);
    }

    /**
     * Returns the height of the net's input.
     *
     * @return in pixels
     */
    public int height() {
        return height;
    }

    /**
     * Returns the width of the net's input.
     *
     * @return in pixels
     */
    public int width() {
        return width;
    }

    /**
     * Returns how many there are.
     *
     * @return {@link #PER_CELL} for each cell of each map
     */
    public int count() {
        return corners.length / 4;
    }

    /**
     * Returns the anchors, map by map, row by row, cell by cell; they may reach over the image's
     * edges.
     *
     * @return {@code (count, 4)}: left, top, right and bottom in pixels of the net's input
     */
    public float[] toArray() {
        return corners.clone();
    }

    /** The same without a copy; not to be changed. */
    float[] corners() {
        return corners;
    }
}
