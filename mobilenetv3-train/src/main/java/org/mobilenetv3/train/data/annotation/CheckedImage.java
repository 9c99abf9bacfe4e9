package org.mobilenetv3.train.data.annotation;

import java.nio.file.Path;
import java.util.List;
import org.mobilenetv3.image.metadata.Orientation;
import org.mobilenetv3.segmentation.Mask;
import org.mobilenetv3.train.data.annotation.format.MaskFile;
import org.mobilenetv3.train.data.annotation.outline.Outline;
import org.mobilenetv3.train.data.scene.LabeledBox;

/**
 * An image whose annotations fit it.
 *
 * @param name for people and checksums
 * @param file the image
 * @param height upright
 * @param width upright
 * @param turn the orientation, as in Exif, of the image that was annotated: 1 if that was upright
 * @param boxes upright
 * @param areas outlines, in the order in which they are painted
 * @param mask its file; null if there is none
 * @param labels of the classes in it
 */
@SuppressWarnings("ArrayRecordComponent") // small, and never compared
record CheckedImage(
        String name,
        Path file,
        int height,
        int width,
        int turn,
        List<LabeledBox> boxes,
        List<Area> areas,
        MaskFile mask,
        int[] labels) {

    /** An outline and the class of its pixels. */
    record Area(Outline outline, int label) {}

    /** The same image with other labels. */
    CheckedImage with(int[] others) {
        return new CheckedImage(name, file, height, width, turn, boxes, areas, mask, others);
    }

    /** Paints the outlines, background first, each over those before it. */
    Mask paint() {
        boolean turned = Orientation.turns(turn);
        int rows = turned ? width : height;
        int columns = turned ? height : width;
        byte[] pixels = new byte[Math.multiplyExact(rows, columns)];
        for (Area area : areas) {
            area.outline.paint(pixels, rows, columns, (byte) area.label);
        }
        return Turning.upright(new Mask(pixels, rows, columns), turn);
    }
}
