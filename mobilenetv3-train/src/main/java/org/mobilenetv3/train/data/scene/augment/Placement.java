package org.mobilenetv3.train.data.scene.augment;

import java.util.ArrayList;
import java.util.List;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.scene.LabeledBox;

/**
 * Where a net's input lies in an image: the point (x, y) of the input, before it is mirrored, is
 * the image's {@code (shiftX + (x + offsetX) * stepX, ...)}.
 *
 * @param shiftX whole pixels of the image
 * @param shiftY whole pixels of the image
 * @param offsetX whole pixels of the input
 * @param offsetY whole pixels of the input
 * @param stepX pixels of the image for each of the input
 * @param stepY pixels of the image for each of the input
 * @param width of the input
 * @param height of the input
 * @param mirrored whether left and right are exchanged at the end
 */
record Placement(
        int shiftX,
        int shiftY,
        int offsetX,
        int offsetY,
        double stepX,
        double stepY,
        int width,
        int height,
        boolean mirrored) {

    /** Brings boxes to the input, however little of them is seen. */
    List<LabeledBox> all(List<LabeledBox> boxes) {
        return boxes.stream()
                .map(b -> new LabeledBox(map(b.box()), b.label(), b.ignored()))
                .toList();
    }

    /** Brings to the input those of which a pixel or more is seen. */
    List<LabeledBox> seen(List<LabeledBox> boxes) {
        List<LabeledBox> seen = new ArrayList<>();
        for (LabeledBox box : all(boxes)) {
            if (box.box().width() >= 1 && box.box().height() >= 1) {
                seen.add(box);
            }
        }
        return seen;
    }

    private Box map(Box box) {
        Box moved =
                new Box(
                                (box.left() - shiftX) / stepX - offsetX,
                                (box.top() - shiftY) / stepY - offsetY,
                                (box.right() - shiftX) / stepX - offsetX,
                                (box.bottom() - shiftY) / stepY - offsetY)
                        .clip(width, height);
        return mirrored
                ? new Box(width - moved.right(), moved.top(), width - moved.left(), moved.bottom())
                : moved;
    }

    /**
     * Brings a mask to the input: each pixel is that of the image where its middle lies, as
     * Pillow's {@code NEAREST}.
     *
     * @param mask or null
     * @return of the input's size, ignored where the image does not reach; null if there is none
     */
    Mask map(Mask mask) {
        if (mask == null) {
            return null;
        }
        int[] columns = new int[width];
        for (int x = 0; x < width; x++) {
            int source = shiftX + (int) Math.floor((x + offsetX + 0.5) * stepX);
            columns[mirrored ? width - 1 - x : x] = source;
        }
        byte[] out = new byte[height * width];
        for (int y = 0; y < height; y++) {
            int row = shiftY + (int) Math.floor((y + offsetY + 0.5) * stepY);
            for (int x = 0; x < width; x++) {
                int column = columns[x];
                boolean inside =
                        row >= 0 && row < mask.height() && column >= 0 && column < mask.width();
                out[y * width + x] = (byte) (inside ? mask.at(row, column) : Mask.IGNORED);
            }
        }
        return new Mask(out, height, width);
    }
}
