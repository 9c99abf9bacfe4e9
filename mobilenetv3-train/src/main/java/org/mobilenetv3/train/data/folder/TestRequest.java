package org.mobilenetv3.train.data.folder;

import java.util.List;
import java.util.function.Predicate;
import org.mobilenetv3.io.DataPart;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.ImageSet;

/**
 * Which images of a folder a net is to be scored on.
 *
 * @param fit how images are brought to one size
 * @param channels 1 or 3
 * @param classes the net's, by label
 * @param choice what to score
 * @param seed with which the validation images were chosen
 * @param learned whether the net was trained on these images; what training held back is then what
 *     it is scored on
 * @param listener is told which images are taken and which files are left out
 */
public record TestRequest(
        Fit fit,
        int channels,
        List<String> classes,
        Choice choice,
        long seed,
        Predicate<ImageSet> learned,
        DataListener listener) {

    /** What to score. */
    public enum Choice {
        /** What the net has not seen: the test images; all if there are no parts. */
        UNSEEN,
        /** All images, of all parts. */
        ALL,
        /** The images that training learns from. */
        TRAIN,
        /** The images that training chooses by; held back by it where there is no such folder. */
        VALIDATION,
        /** The images that training reports on; held back by it where there is no such folder. */
        TEST;

        /** The part that is asked for; null for {@link #UNSEEN} and {@link #ALL}. */
        DataPart part() {
            return switch (this) {
                case TRAIN -> DataPart.TRAIN;
                case VALIDATION -> DataPart.VALIDATION;
                case TEST -> DataPart.TEST;
                case UNSEEN, ALL -> null;
            };
        }
    }
}
