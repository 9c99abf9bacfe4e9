package org.mobilenetv3.train.data.scene.augment;

import java.util.List;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.train.data.augment.SplitMix;
import org.mobilenetv3.train.data.scene.LabeledBox;

/**
 * SSD's random crop as torchvision's {@code RandomIoUCrop} (references/detection/transforms.py): a
 * part of 0.3 to 1 of each side and an aspect of 0.5 to 2, that holds the center of an object and
 * overlaps one of those by an IoU drawn from 0, 0.1, 0.3, 0.5, 0.7 and 0.9; or, drawn as likely,
 * the whole image.
 */
final class IouCrop {
    private static final double[] LEAST_IOU = {0, 0.1, 0.3, 0.5, 0.7, 0.9, 1};
    private static final double LEAST_SIDE = 0.3;
    private static final double LEAST_ASPECT = 0.5;
    private static final double MOST_ASPECT = 2;
    private static final int TRIES = 40;

    private IouCrop() {}

    /**
     * Draws a part.
     *
     * @param whole the image, or the larger ground that it lies on; of whole pixels
     * @param boxes objects in it; ignored ones do not count
     * @return the part, of whole pixels; all if no object is there to choose by
     */
    static Box draw(SplitMix random, Box whole, List<LabeledBox> boxes) {
        List<Box> objects =
                boxes.stream().filter(box -> !box.ignored()).map(LabeledBox::box).toList();
        if (objects.isEmpty()) {
            return whole;
        }
        while (true) {
            double least = LEAST_IOU[random.nextInt(LEAST_IOU.length)];
            if (least >= 1) {
                return whole;
            }
            for (int i = 0; i < TRIES; i++) {
                int wide = (int) (whole.width() * random.between(LEAST_SIDE, 1));
                int high = (int) (whole.height() * random.between(LEAST_SIDE, 1));
                double left = whole.left() + (int) ((whole.width() - wide) * random.nextDouble());
                double top = whole.top() + (int) ((whole.height() - high) * random.nextDouble());
                Box part = new Box(left, top, left + wide, top + high);
                double aspect = part.width() / part.height(); // no number if there are no pixels
                if (aspect >= LEAST_ASPECT
                        && aspect <= MOST_ASPECT
                        && objects.stream()
                                .anyMatch(b -> holdsCenter(part, b) && part.iou(b) >= least)) {
                    return part;
                }
            }
        }
    }

    /** Whether the middle of a box is inside, not on the edge. */
    static boolean holdsCenter(Box part, Box box) {
        double x = 0.5 * (box.left() + box.right());
        double y = 0.5 * (box.top() + box.bottom());
        return part.left() < x && x < part.right() && part.top() < y && y < part.bottom();
    }
}
