package org.mobilenetv3.train.metric;

import java.util.Comparator;
import org.mobilenetv3.segmentation.Mask;

/**
 * How one image was segmented.
 *
 * @param image its id
 * @param meanIou mean IoU of the classes that occur in its truth or prediction, 0 to 1
 * @param found the prediction
 */
public record SegmentedImage(long image, double meanIou, Mask found) {

    static final Comparator<SegmentedImage> WORST_FIRST =
            Comparator.comparingDouble(SegmentedImage::meanIou)
                    .thenComparing(SegmentedImage::image);
}
