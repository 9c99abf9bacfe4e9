package org.mobilenetv3.train.data.source;

import org.mobilenetv3.train.data.augment.SplitMix;
import org.mobilenetv3.train.data.scene.Shape;

/**
 * Draws one image of {@link SyntheticShapes}; everything random comes from one generator, in one
 * order.
 */
final class ShapeCanvas {
    private static final int SAMPLES = 2; // per pixel and axis, against jagged edges
    private static final double LEAST_CONTRAST = 120;

    private static final double MOST_TILT = Math.PI / 6;

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
        Shape shape = Shape.of(label);
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
                    hits += shape.contains(u, v) ? 1 : 0;
                }
                if (hits > 0) {
                    blend(y, x, color, (double) hits / (SAMPLES * SAMPLES));
                }
            }
        }
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
