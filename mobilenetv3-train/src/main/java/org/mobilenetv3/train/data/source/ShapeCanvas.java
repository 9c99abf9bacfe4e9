package org.mobilenetv3.train.data.source;

import org.mobilenetv3.train.data.augment.SplitMix;

/**
 * Draws one image of {@link SyntheticShapes}; everything random comes from one generator, in one
 * order.
 */
final class ShapeCanvas {
    private static final int SAMPLES = 2; // per pixel and axis, against jagged edges
    private static final double LEAST_CONTRAST = 120;

    private static final double MOST_TILT = Math.PI / 6;

    private static final double[][] STAR_NORMALS = starNormals();
    private static final double STAR_DISTANCE = StrictMath.cos(2 * Math.PI / 5);

    private final int side;
    private final SplitMix random;
    private final double[] rgb;

    ShapeCanvas(int side, SplitMix random) {
        this.side = side;
        this.random = random;
        this.rgb = new double[3 * side * side];
    }

    /** The image of a class as {@code (3, side, side)}. */
    byte[] draw(int label) {
        double[] ground = color();
        double[] figure = color();
        while (distance(ground, figure) < LEAST_CONTRAST) {
            figure = color();
        }
        background(ground);
        clutter();
        figure(label, figure);
        return withNoise(random.between(0, 15));
    }

    private double[] color() {
        return new double[] {
            random.between(0, 255), random.between(0, 255), random.between(0, 255)
        };
    }

    private static double distance(double[] a, double[] b) {
        return Math.sqrt(
                (a[0] - b[0]) * (a[0] - b[0])
                        + (a[1] - b[1]) * (a[1] - b[1])
                        + (a[2] - b[2]) * (a[2] - b[2]));
    }

    /** A gradient in a random direction around the ground color. */
    private void background(double[] ground) {
        double angle = random.between(0, 2 * Math.PI);
        double dx = StrictMath.cos(angle) / side;
        double dy = StrictMath.sin(angle) / side;
        for (int c = 0; c < 3; c++) {
            double slope = random.between(-50, 50);
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    double along = dx * (x - side / 2.0) + dy * (y - side / 2.0);
                    rgb[(c * side + y) * side + x] = ground[c] + slope * along;
                }
            }
        }
    }

    /** Up to two small specks of any color, which say nothing about the class. */
    private void clutter() {
        int specks = random.nextInt(3);
        for (int i = 0; i < specks; i++) {
            double[] color = color();
            int size = 1 + random.nextInt(3);
            int left = random.nextInt(side - size);
            int top = random.nextInt(side - size);
            for (int y = top; y < top + size; y++) {
                for (int x = left; x < left + size; x++) {
                    blend(y, x, color, 0.7);
                }
            }
        }
    }

    private void figure(int label, double[] color) {
        double radius = random.between(0.28, 0.42) * side;
        double margin = radius;
        double centerX = random.between(margin, side - margin);
        double centerY = random.between(margin, side - margin);
        double angle = random.between(-MOST_TILT, MOST_TILT);
        double stretch = random.between(0.85, 1.18);
        double cos = StrictMath.cos(angle);
        double sin = StrictMath.sin(angle);
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                int hits = 0;
                for (int s = 0; s < SAMPLES * SAMPLES; s++) {
                    int column = s % SAMPLES;
                    int row = s / SAMPLES;
                    double dx = x + (column + 0.5) / SAMPLES - centerX;
                    double dy = y + (row + 0.5) / SAMPLES - centerY;
                    double u = (cos * dx + sin * dy) / radius * stretch;
                    double v = (cos * dy - sin * dx) / radius / stretch;
                    hits += inside(label, u, v) ? 1 : 0;
                }
                if (hits > 0) {
                    blend(y, x, color, (double) hits / (SAMPLES * SAMPLES));
                }
            }
        }
    }

    /** Whether a point belongs to the shape of radius 1 around the origin. */
    private static boolean inside(int label, double u, double v) {
        double r2 = u * u + v * v;
        if (r2 > 1.0) {
            return false;
        }
        return switch (label) {
            case 0 -> r2 < 0.8;
            case 1 -> Math.max(Math.abs(u), Math.abs(v)) < 0.7;
            case 2 -> v > -0.5 && v < 1 - 1.732 * Math.abs(u);
            case 3 -> Math.min(Math.abs(u), Math.abs(v)) < 0.25;
            case 4 -> r2 > 0.3;
            case 5 -> inStar(u, v);
            case 6 -> (u - 0.45) * (u - 0.45) + v * v > 0.6;
            case 7 -> Math.floorMod((int) Math.floor(v * 2.5 + 0.5), 2) == 0;
            case 8 -> onCheckers(u, v);
            case 9 -> onArrow(u, v);
            default -> throw new IllegalArgumentException("There is no shape " + label + ".");
        };
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

    private static boolean onCheckers(double u, double v) {
        if (Math.max(Math.abs(u), Math.abs(v)) >= 0.75) {
            return false;
        }
        return Math.floorMod((int) Math.floor(u * 2) + (int) Math.floor(v * 2), 2) == 0;
    }

    private static boolean onArrow(double u, double v) {
        boolean head = u > 0.05 && u < 1 - 1.35 * Math.abs(v);
        boolean shaft = u <= 0.05 && Math.abs(v) < 0.2;
        return head || shaft;
    }

    private void blend(int y, int x, double[] color, double share) {
        for (int c = 0; c < 3; c++) {
            int at = (c * side + y) * side + x;
            rgb[at] += share * (color[c] - rgb[at]);
        }
    }

    private byte[] withNoise(double strength) {
        byte[] out = new byte[rgb.length];
        for (int i = 0; i < out.length; i++) {
            // The sum of two uniform numbers: near enough to a bell, and cheap.
            double noise = (random.nextDouble() + random.nextDouble() - 1) * 2 * strength;
            out[i] = (byte) Math.max(0, Math.min(255, Math.round(rgb[i] + noise)));
        }
        return out;
    }
}
