package org.mobilenetv3.train.preview;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.drawing.Mark;
import org.mobilenetv3.drawing.SceneDrawing;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.augment.SplitMix;
import org.mobilenetv3.train.data.scene.LabeledBox;
import org.mobilenetv3.train.data.scene.Scene;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.data.scene.augment.RenderedScene;
import org.mobilenetv3.train.data.scene.augment.SceneRenderer;
import org.mobilenetv3.train.preview.ContactSheet.Cell;

/**
 * Scenes beside what training makes of them in successive epochs, with their boxes or masks.
 *
 * @param set the training scenes
 * @param renderer makes values of 0 to 1
 * @param masks whether masks are shown, otherwise boxes
 * @param seed of what is random
 */
public record AugmentedScenes(SceneSet set, SceneRenderer renderer, boolean masks, long seed) {
    private static final int MIN_SIDE = 128;
    private static final int MAX_SIDE = 256;

    /**
     * Makes a table of cells.
     *
     * @param scenes rows; there are fewer if the set has fewer scenes
     * @param epochs columns after the original
     * @return the rows
     * @throws IOException if a scene cannot be read any more
     */
    public List<List<Cell>> rows(int scenes, int epochs) throws IOException {
        List<List<Cell>> rows = new ArrayList<>();
        for (int i = 0; i < Math.min(scenes, set.size()); i++) {
            Scene scene = set.scene(i);
            List<Cell> row = new ArrayList<>();
            for (int epoch = 0; epoch < epochs; epoch++) {
                row.add(cell(renderer.render(scene, SplitMix.of(seed, epoch, i))));
            }
            Pixels seen = row.get(0).image();
            row.add(0, original(scene, seen.height(), seen.width()));
            rows.add(row);
        }
        return rows;
    }

    private Cell cell(RenderedScene scene) {
        int plane = scene.height() * scene.width();
        byte[] samples = new byte[scene.values().length];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) Math.max(0, Math.min(255, Math.round(255 * scene.values()[i])));
        }
        Pixels image = new Pixels(samples, samples.length / plane, scene.height(), scene.width());
        int longer = Math.max(image.height(), image.width());
        int factor = Math.max(1, (MIN_SIDE + longer - 1) / longer);
        double scale = longer > MAX_SIDE ? (double) MAX_SIDE / longer : factor;
        return cell(image, scene.boxes(), scene.mask(), scale);
    }

    /** In its own proportions, on white. */
    private Cell original(Scene scene, int height, int width) {
        Pixels image = scene.image();
        double scale = Math.min((double) height / image.height(), (double) width / image.width());
        Cell drawn = cell(image, scene.boxes(), scene.mask(), scale);
        Pixels picture = drawn.image();
        byte[] out = new byte[3 * height * width];
        Arrays.fill(out, (byte) 255);
        for (int row = 0; row < 3 * picture.height(); row++) {
            int c = row / picture.height();
            System.arraycopy(
                    picture.data(),
                    row * picture.width(),
                    out,
                    (c * height + row % picture.height()) * width,
                    picture.width());
        }
        return new Cell(new Pixels(out, 3, height, width), drawn.caption());
    }

    private Cell cell(Pixels image, List<LabeledBox> boxes, Mask mask, double scale) {
        int height = Math.max(1, (int) (image.height() * scale));
        int width = Math.max(1, (int) (image.width() * scale));
        SceneDrawing drawing = new SceneDrawing(image.resize(height, width), 1);
        if (masks) {
            drawing.tint(resized(mask, height, width));
        } else {
            drawing.mark(marks(boxes, scale));
        }
        BufferedImage picture = drawing.picture();
        return new Cell(Pixels.of(picture), masks ? names(mask) : count(boxes.size()));
    }

    private static Mask resized(Mask mask, int height, int width) {
        byte[] out = new byte[height * width];
        for (int y = 0; y < height; y++) {
            int row = (int) ((y + 0.5) * mask.height() / height);
            for (int x = 0; x < width; x++) {
                int column = (int) ((x + 0.5) * mask.width() / width);
                out[y * width + x] = (byte) mask.at(row, column);
            }
        }
        return new Mask(out, height, width);
    }

    private List<Mark> marks(List<LabeledBox> boxes, double scale) {
        return boxes.stream()
                .map(
                        b ->
                                new Mark(
                                        new Box(
                                                b.box().left() * scale,
                                                b.box().top() * scale,
                                                b.box().right() * scale,
                                                b.box().bottom() * scale),
                                        b.label(),
                                        set.classes().get(b.label()),
                                        b.ignored()))
                .toList();
    }

    private static String count(int objects) {
        return objects == 1 ? "1 object" : objects + " objects";
    }

    /** The classes but the first, which is the background. */
    private String names(Mask mask) {
        boolean[] seen = new boolean[256];
        for (byte value : mask.classes()) {
            seen[value & 0xFF] = true;
        }
        return IntStream.range(1, set.classes().size())
                .filter(value -> seen[value])
                .mapToObj(set.classes()::get)
                .collect(Collectors.joining(", "));
    }
}
