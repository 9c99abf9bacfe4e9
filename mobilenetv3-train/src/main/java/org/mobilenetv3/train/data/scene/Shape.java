package org.mobilenetv3.train.data.scene;

import java.util.List;
import java.util.Locale;

/** The forms of the synthetic sets, in label order, each within a circle of radius 1. */
public enum Shape {
    /** A disk. */
    CIRCLE,
    /** Upright. */
    SQUARE,
    /** Equilateral, nearly. */
    TRIANGLE,
    /** Two bars. */
    CROSS,
    /** A disk with a round hole. */
    RING,
    /** A pentagram. */
    STAR,
    /** A disk without another one. */
    CRESCENT,
    /** A disk of horizontal bars. */
    STRIPES,
    /** A square of smaller ones. */
    CHECKERS,
    /** To the right. */
    ARROW;

    private static final List<Shape> ALL = List.of(values());
    private static final double CHECKERS_HALF = 0.75;
    private static final double[][] STAR_NORMALS = starNormals();
    private static final double STAR_DISTANCE = StrictMath.cos(2 * Math.PI / 5);

    /**
     * Returns the names of all.
     *
     * @return in lower case, in label order
     */
    public static List<String> names() {
        return ALL.stream().map(s -> s.name().toLowerCase(Locale.ROOT)).toList();
    }

    /**
     * Returns a shape.
     *
     * @param label its index in {@link #names}
     * @return the shape
     */
    public static Shape of(int label) {
        return ALL.get(label);
    }

    /**
     * Returns the label.
     *
     * @return the index in {@link #names}
     */
    public int label() {
        return ALL.indexOf(this);
    }

    /**
     * Returns whether a point has the color of the shape.
     *
     * @param u to the right, in radii from the middle
     * @param v down
     * @return whether it is colored; between bars and in a hole it is not
     */
    public boolean contains(double u, double v) {
        double r2 = u * u + v * v;
        if (r2 > 1.0) {
            return false;
        }
        return switch (this) {
            case CIRCLE -> r2 < 0.8;
            case SQUARE -> Math.max(Math.abs(u), Math.abs(v)) < 0.7;
            case TRIANGLE -> v > -0.5 && v < 1 - 1.732 * Math.abs(u);
            case CROSS -> Math.min(Math.abs(u), Math.abs(v)) < 0.25;
            case RING -> r2 > 0.3;
            case STAR -> inStar(u, v);
            case CRESCENT -> (u - 0.45) * (u - 0.45) + v * v > 0.6;
            case STRIPES -> Math.floorMod((int) Math.floor(v * 2.5 + 0.5), 2) == 0;
            case CHECKERS ->
                    inCheckers(u, v)
                            && Math.floorMod((int) Math.floor(u * 2) + (int) Math.floor(v * 2), 2)
                                    == 0;
            case ARROW -> onArrow(u, v);
        };
    }

    /**
     * Returns whether a point belongs to the object as people would outline it: a ring's hole does
     * not, what is between bars or small squares does.
     *
     * @param u to the right, in radii from the middle
     * @param v down
     * @return true wherever {@link #contains} is
     */
    public boolean covers(double u, double v) {
        return switch (this) {
            case STRIPES -> u * u + v * v <= 1.0;
            case CHECKERS -> inCheckers(u, v);
            default -> contains(u, v);
        };
    }

    private static boolean inCheckers(double u, double v) {
        return u * u + v * v <= 1.0 && Math.max(Math.abs(u), Math.abs(v)) < CHECKERS_HALF;
    }

    /** A pentagram: inside all of its five lines but one at most. */
    private static boolean inStar(double u, double v) {
        int outside = 0;
        for (double[] normal : STAR_NORMALS) {
            outside += normal[0] * u + normal[1] * v > STAR_DISTANCE ? 1 : 0;
        }
        return outside <= 1;
    }

    private static double[][] starNormals() {
        double[][] normals = new double[5][];
        for (int i = 0; i < 5; i++) {
            double angle = (2 * i + 1) * Math.PI / 5;
            normals[i] = new double[] {StrictMath.cos(angle), StrictMath.sin(angle)};
        }
        return normals;
    }

    private static boolean onArrow(double u, double v) {
        boolean head = u > 0.05 && u < 1 - 1.35 * Math.abs(v);
        boolean shaft = u <= 0.05 && Math.abs(v) < 0.2;
        return head || shaft;
    }
}
