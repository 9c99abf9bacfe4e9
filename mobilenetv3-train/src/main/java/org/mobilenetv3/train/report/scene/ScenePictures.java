package org.mobilenetv3.train.report.scene;

import java.awt.image.BufferedImage;
import java.util.List;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.drawing.Mark;
import org.mobilenetv3.drawing.SceneDrawing;
import org.mobilenetv3.image.Pixels;
import org.mobilenetv3.segmentation.Mask;

/**
 * Pictures of one image, small enough for a page.
 *
 * @param image in its size on the page
 * @param scale of that size to the image's own
 */
record ScenePictures(Pixels image, double scale) {

    /** About as large as it is shown, so that labels can be read. */
    private static final int MAX_SIDE = 320;

    private static final int MIN_SIDE = 240;

    static ScenePictures of(Pixels image) {
        int longer = Math.max(image.height(), image.width());
        if (longer <= MAX_SIDE) {
            return new ScenePictures(image, 1);
        }
        double scale = (double) MAX_SIDE / longer;
        int height = Math.max(1, (int) Math.round(image.height() * scale));
        int width = Math.max(1, (int) Math.round(image.width() * scale));
        return new ScenePictures(image.resize(height, width), scale);
    }

    BufferedImage plain() {
        return new SceneDrawing(image, MIN_SIDE).picture();
    }

    /** Marks are in pixels of the image's own size. */
    BufferedImage marked(List<Mark> marks) {
        List<Mark> scaled =
                marks.stream()
                        .map(m -> new Mark(scaled(m.box()), m.label(), m.text(), m.dashed()))
                        .toList();
        return new SceneDrawing(image, MIN_SIDE).mark(scaled).picture();
    }

    private Box scaled(Box box) {
        return new Box(
                box.left() * scale, box.top() * scale, box.right() * scale, box.bottom() * scale);
    }

    /** A mask of the whole image in any size, with a legend. */
    BufferedImage tinted(Mask mask, List<String> classes) {
        Mask resized = resized(mask);
        return new SceneDrawing(image, MIN_SIDE).tint(resized).withLegend(resized, classes);
    }

    private Mask resized(Mask mask) {
        byte[] out = new byte[image.height() * image.width()];
        for (int y = 0; y < image.height(); y++) {
            int row = (int) ((y + 0.5) * mask.height() / image.height());
            for (int x = 0; x < image.width(); x++) {
                int column = (int) ((x + 0.5) * mask.width() / image.width());
                out[y * image.width() + x] = mask.classes()[row * mask.width() + column];
            }
        }
        return new Mask(out, image.height(), image.width());
    }
}
