package org.mobilenetv3.train.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.detection.Detection;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.scene.LabeledBox;

/** Draws the scenes of metrics.py, line by line as it does. */
final class MetricScenes {

    private static final int[] SCALES = {20, 60, 200};
    private static final double FOURTHS = 4;

    /** What is in an image, and what was found. */
    record Image(long id, List<LabeledBox> truth, List<Detection> found) {}

    /** A whole data set. */
    record Scenes(List<String> classes, List<Image> images) {

        CocoEvaluation evaluate() {
            CocoEvaluation evaluation = new CocoEvaluation(classes);
            images.forEach(i -> evaluation.add(i.id(), i.truth(), i.found()));
            return evaluation;
        }
    }

    /** Masks by image. */
    record Masks(List<String> classes, List<Mask> truth, List<Mask> found) {

        SegmentationScore score() {
            SegmentationScore score = new SegmentationScore(classes);
            IntStream.range(0, truth.size()).forEach(i -> score.add(i, truth.get(i), found.get(i)));
            return score;
        }
    }

    private long state;

    private MetricScenes(long seed) {
        state = seed;
    }

    private int next(int bound) {
        state = state * 6364136223846793005L + 1442695040888963407L;
        return (int) ((state >>> 33) % bound);
    }

    static List<String> names(int classes) {
        return IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();
    }

    private double[] box(double grid) {
        int scale = SCALES[next(3)];
        double x = next((int) (300 * grid)) / grid;
        double y = next((int) (300 * grid)) / grid;
        double width =
                grid == FOURTHS ? 5 + 5 * next(scale / 5) : (1 + next((int) (scale * grid))) / grid;
        return new double[] {x, y, width, (grid + next((int) (scale * grid))) / grid};
    }

    private double[] moved(double[] near, double grid) {
        double[] out = near.clone();
        int sides = next(5);
        if (sides == 4) {
            if (grid == FOURTHS && out[2] % 5 == 0) {
                out[2] = out[2] * (10 + next(11)) / 20;
            }
            return out;
        }
        for (int side = 0; side < sides; side++) {
            out[side] =
                    side >= 2
                            ? Math.max(1 / grid, out[side] - next((int) (20 * grid)) / grid)
                            : out[side] + (next((int) (20 * grid)) - 10 * grid) / grid;
        }
        return out;
    }

    private static Box corners(double[] box) {
        return new Box(box[0], box[1], box[0] + box[2], box[1] + box[3]);
    }

    static Scenes scenes(int seed) {
        return new MetricScenes(seed).draw(seed);
    }

    private Scenes draw(int seed) {
        double grid = seed % 2 == 0 ? FOURTHS : 10;
        int classes = 1 + next(6);
        int withObjects = Math.max(1, classes - next(3));
        int count = 1 + next(12);
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<LabeledBox> truth = new ArrayList<>();
            List<double[]> boxes = new ArrayList<>();
            int objects = next(7);
            for (int o = 0; o < objects; o++) {
                boolean again = o > 0 && next(2) == 0;
                double[] box = again ? moved(boxes.get(o - 1), grid) : box(grid);
                int label = again ? truth.get(o - 1).label() : next(withObjects);
                boolean crowd = next(5) == 0;
                double area = box[2] * box[3];
                if (next(3) == 0) {
                    area = area * (50 + next(51)) / 100;
                }
                boxes.add(box);
                truth.add(new LabeledBox(corners(box), label, crowd, area));
            }
            boolean many = seed % 10 == 3 && i == 0;
            List<Detection> found = found(truth, boxes, classes, grid);
            int more = many ? 150 : next(4);
            for (int d = 0; d < more; d++) {
                Box box = corners(box(grid));
                int label = many ? 0 : next(classes);
                found.add(new Detection(box, label, next(32) / 32f));
            }
            images.add(new Image(i * 7919L % 1009 + 1, truth, found));
        }
        return new Scenes(names(classes), images);
    }

    private List<Detection> found(
            List<LabeledBox> truth, List<double[]> boxes, int classes, double grid) {
        List<Detection> found = new ArrayList<>();
        for (int o = 0; o < truth.size(); o++) {
            int times = next(truth.get(o).ignored() ? 5 : 3);
            for (int d = 0; d < times; d++) {
                float score = next(32) / 32f;
                boolean wrong = next(6) == 0;
                Box box = corners(moved(boxes.get(o), grid));
                int label = wrong ? next(classes) : truth.get(o).label();
                found.add(new Detection(box, label, score));
            }
        }
        return found;
    }

    static Masks masks(int seed) {
        return new MetricScenes(1000 + seed).drawMasks();
    }

    private Masks drawMasks() {
        int classes = 2 + next(6);
        int occurring = classes - next(2);
        int images = 1 + next(5);
        Masks masks = new Masks(names(classes), new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < images; i++) {
            int height = 1 + next(20);
            int width = 1 + next(20);
            byte[] truth = new byte[height * width];
            byte[] found = new byte[height * width];
            for (int p = 0; p < truth.length; p++) {
                int label = next(8) == 0 ? Mask.IGNORED : next(occurring);
                boolean right = label != Mask.IGNORED && next(3) > 0;
                truth[p] = (byte) label;
                found[p] = (byte) (right ? label : next(occurring));
            }
            masks.truth().add(new Mask(truth, height, width));
            masks.found().add(new Mask(found, height, width));
        }
        return masks;
    }
}
