package org.mobilenetv3.train.data.scene;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.augment.SplitMix;

/**
 * Draws one scene of {@link ShapeScenes}; everything random comes from one generator, in one order.
 */
final class SceneCanvas {
    private static final int SAMPLES = 2; // per pixel and axis, against jagged edges
    private static final double TO_GROUND = 120;
    private static final double TO_OTHERS = 90;
    private static final double MOST_TILT = Math.PI / 6;
    private static final double SMALLEST = 0.1;
    private static final double LARGEST = 0.25;
    private static final double LEAST_VISIBLE = 0.6;
    private static final int MOST_SHAPES = 5;
    private static final int MOST_STROKES = 6;
    private static final int TRIES = 30;
    private static final int NOTHING = -1;

    private final int side;
    private final SplitMix random;
    private final double[] rgb;
    private final int[] owners; // which object is seen in each pixel
    private final List<Placed> objects = new ArrayList<>();
    private final double[] ground;

    /** An object with the color of what it covers, and how many pixels it would have alone. */
    private record Placed(Shape shape, double[] color, int pixels) {}

    SceneCanvas(int side, SplitMix random) {
        this.side = side;
        this.random = random;
        this.rgb = new double[3 * side * side];
        this.owners = new int[side * side];
        Arrays.fill(owners, NOTHING);
        this.ground = color();
    }

    Scene draw() {
        background();
        int strokes = random.nextInt(MOST_STROKES + 1);
        for (int i = 0; i < strokes; i++) {
            stroke();
        }
        int shapes = 1 + random.nextInt(MOST_SHAPES);
        for (int i = 0; i < shapes; i++) {
            place(Shape.of(random.nextInt(Shape.names().size())));
        }
        byte[] samples = withNoise(random.between(0, 15));
        return new Scene(new Pixels(samples, 3, side, side), boxes(), mask());
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

    /** A color that stands out from the ground and, if one is found, from all objects. */
    private double[] figureColor() {
        double[] chosen = color();
        for (int i = 0; i < TRIES || distance(chosen, ground) < TO_GROUND; i++) {
            double[] tried = chosen;
            if (distance(tried, ground) >= TO_GROUND
                    && objects.stream().allMatch(o -> distance(o.color(), tried) >= TO_OTHERS)) {
                break;
            }
            chosen = color();
        }
        return chosen;
    }

    /** A gradient and two waves in random directions around the ground color. */
    private void background() {
        double angle = random.between(0, 2 * Math.PI);
        double dx = StrictMath.cos(angle) / side;
        double dy = StrictMath.sin(angle) / side;
        double[] slopes = {
            random.between(-50, 50), random.between(-50, 50), random.between(-50, 50)
        };
        double[] texture = new double[side * side];
        addWave(texture);
        addWave(texture);
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    double along = dx * (x - side / 2.0) + dy * (y - side / 2.0);
                    rgb[(c * side + y) * side + x] =
                            ground[c] + slopes[c] * along + texture[y * side + x];
                }
            }
        }
    }

    private void addWave(double[] texture) {
        double height = random.between(0, 12);
        double angle = random.between(0, Math.PI);
        double step = 2 * Math.PI * random.between(2, 16) / side;
        double phase = random.between(0, 2 * Math.PI);
        double[] sinX = new double[side];
        double[] cosX = new double[side];
        for (int x = 0; x < side; x++) {
            double at = step * StrictMath.cos(angle) * x + phase;
            sinX[x] = StrictMath.sin(at);
            cosX[x] = StrictMath.cos(at);
        }
        for (int y = 0; y < side; y++) {
            double at = step * StrictMath.sin(angle) * y;
            double sin = StrictMath.sin(at);
            double cos = StrictMath.cos(at);
            for (int x = 0; x < side; x++) {
                texture[y * side + x] += height * (sinX[x] * cos + cosX[x] * sin);
            }
        }
    }

    /** A thin line of any color that says nothing about the shapes. */
    private void stroke() {
        double[] color = color();
        double half = random.between(0.004, 0.01) * side;
        double fromX = random.between(0, side);
        double fromY = random.between(0, side);
        double angle = random.between(0, 2 * Math.PI);
        double length = random.between(0.1, 0.5) * side;
        double cos = StrictMath.cos(angle);
        double sin = StrictMath.sin(angle);
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                double dx = x + 0.5 - fromX;
                double dy = y + 0.5 - fromY;
                double along = dx * cos + dy * sin;
                double across = Math.abs(dy * cos - dx * sin);
                if (along > 0 && along < length && across < half + 0.5) {
                    blend(y * side + x, color, Math.min(1, half + 0.5 - across));
                }
            }
        }
    }

    /** How a shape lies in the image. */
    private record Pose(
            double centerX, double centerY, double radius, double cos, double sin, double stretch) {

        double u(double x, double y) {
            return (cos * (x - centerX) + sin * (y - centerY)) / radius * stretch;
        }

        double v(double x, double y) {
            return (cos * (y - centerY) - sin * (x - centerX)) / radius / stretch;
        }

        /** Half the side of a square around the center that holds it. */
        double reach() {
            return radius * Math.max(stretch, 1 / stretch) + 1;
        }
    }

    private Pose pose() {
        double radius = random.between(SMALLEST, LARGEST) * side;
        double margin = 0.7 * radius; // so that some are cut off at the border
        double angle = random.between(-MOST_TILT, MOST_TILT);
        return new Pose(
                random.between(margin, side - margin),
                random.between(margin, side - margin),
                radius,
                StrictMath.cos(angle),
                StrictMath.sin(angle),
                random.between(0.85, 1.18));
    }

    /** Puts a shape where it and all others stay visible; nowhere if there is no such place. */
    private void place(Shape shape) {
        double[] color = figureColor();
        double[] between = color();
        while (distance(color, between) < TO_OTHERS) {
            between = color();
        }
        for (int i = 0; i < TRIES; i++) {
            Pose pose = pose();
            double[] shares = new double[side * side];
            double[] lit = new double[side * side];
            int pixels = trace(shape, pose, shares, lit);
            if (leavesAllVisible(shares, pixels)) {
                paint(shares, lit, color, between);
                objects.add(new Placed(shape, color, pixels));
                return;
            }
        }
    }

    /**
     * Finds the share of each pixel that a shape covers and the share that has its color.
     *
     * @return of how many pixels it has the half or more, those beyond the border included
     */
    private int trace(Shape shape, Pose pose, double[] shares, double[] lit) {
        int pixels = 0;
        int reach = (int) Math.ceil(pose.reach());
        int middleX = (int) pose.centerX();
        int middleY = (int) pose.centerY();
        for (int y = middleY - reach; y <= middleY + reach; y++) {
            for (int x = middleX - reach; x <= middleX + reach; x++) {
                int covered = 0;
                int colored = 0;
                for (int s = 0; s < SAMPLES * SAMPLES; s++) {
                    int column = s % SAMPLES;
                    int row = s / SAMPLES;
                    double px = x + (column + 0.5) / SAMPLES;
                    double py = y + (row + 0.5) / SAMPLES;
                    double u = pose.u(px, py);
                    double v = pose.v(px, py);
                    if (shape.covers(u, v)) {
                        covered++;
                        colored += shape.contains(u, v) ? 1 : 0;
                    }
                }
                double share = (double) covered / (SAMPLES * SAMPLES);
                pixels += share >= 0.5 ? 1 : 0;
                if (covered > 0 && x >= 0 && x < side && y >= 0 && y < side) {
                    shares[y * side + x] = share;
                    lit[y * side + x] = (double) colored / covered;
                }
            }
        }
        return pixels;
    }

    private boolean leavesAllVisible(double[] shares, int pixels) {
        int[] left = new int[objects.size()];
        int own = 0;
        for (int i = 0; i < owners.length; i++) {
            if (shares[i] >= 0.5) {
                own++;
            } else if (owners[i] != NOTHING) {
                left[owners[i]]++;
            }
        }
        boolean visible = own >= LEAST_VISIBLE * pixels;
        for (int i = 0; i < left.length; i++) {
            visible &= left[i] >= LEAST_VISIBLE * objects.get(i).pixels();
        }
        return visible;
    }

    private void paint(double[] shares, double[] lit, double[] color, double... between) {
        for (int i = 0; i < owners.length; i++) {
            if (shares[i] > 0) {
                double[] mixed = new double[3];
                for (int c = 0; c < 3; c++) {
                    mixed[c] = lit[i] * color[c] + (1 - lit[i]) * between[c];
                }
                blend(i, mixed, shares[i]);
                owners[i] = shares[i] >= 0.5 ? objects.size() : owners[i];
            }
        }
    }

    private void blend(int pixel, double[] color, double share) {
        for (int c = 0; c < 3; c++) {
            int at = c * side * side + pixel;
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

    /** Around what is seen of each object. */
    private List<LabeledBox> boxes() {
        int[] left = new int[objects.size()];
        int[] top = new int[objects.size()];
        int[] right = new int[objects.size()];
        int[] bottom = new int[objects.size()];
        Arrays.fill(left, side);
        Arrays.fill(top, side);
        for (int i = 0; i < owners.length; i++) {
            int owner = owners[i];
            if (owner != NOTHING) {
                left[owner] = Math.min(left[owner], i % side);
                top[owner] = Math.min(top[owner], i / side);
                right[owner] = Math.max(right[owner], i % side + 1);
                bottom[owner] = Math.max(bottom[owner], i / side + 1);
            }
        }
        List<LabeledBox> boxes = new ArrayList<>();
        for (int i = 0; i < objects.size(); i++) {
            Box box = new Box(left[i], top[i], right[i], bottom[i]);
            boxes.add(new LabeledBox(box, objects.get(i).shape().label(), false));
        }
        return boxes;
    }

    private Mask mask() {
        byte[] classes = new byte[owners.length];
        for (int i = 0; i < classes.length; i++) {
            int owner = owners[i];
            classes[i] = (byte) (owner == NOTHING ? 0 : objects.get(owner).shape().label() + 1);
        }
        return new Mask(classes, side, side);
    }
}
