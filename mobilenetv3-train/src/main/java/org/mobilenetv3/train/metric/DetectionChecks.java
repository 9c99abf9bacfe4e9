package org.mobilenetv3.train.metric;

import java.util.List;
import java.util.Locale;
import org.mobilenetv3.detection.Box;
import org.mobilenetv3.detection.Detection;
import org.mobilenetv3.train.data.scene.LabeledBox;

/** Requires that boxes, labels and scores are what they should be. */
final class DetectionChecks {

    private DetectionChecks() {}

    static void require(long image, List<LabeledBox> truth, List<Detection> found, int classes) {
        for (LabeledBox object : truth) {
            require("An object", image, object.box(), object.label(), classes);
            if (!(object.area() >= 0)) {
                throw refused(
                        "An object in image %d has an area of %s; expected 0 or more.",
                        image, object.area());
            }
        }
        for (Detection detection : found) {
            require("A detection", image, detection.box(), detection.label(), classes);
            if (!Double.isFinite(detection.score())) {
                throw refused(
                        "A detection in image %d has the score %s; expected a finite number.",
                        image, detection.score());
            }
        }
    }

    private static void require(String what, long image, Box box, int label, int classes) {
        if (!(box.width() >= 0 && box.height() >= 0 && Double.isFinite(box.area()))) {
            throw refused(
                    "%s in image %d has the edges left %s, top %s, right %s, bottom %s; expected"
                            + " finite numbers, the right not below the left and the bottom not"
                            + " below the top.",
                    what, image, box.left(), box.top(), box.right(), box.bottom());
        }
        if (label < 0 || label >= classes) {
            throw refused(
                    "%s in image %d has the label %d; expected 0 to %d.",
                    what, image, label, classes - 1);
        }
    }

    private static IllegalArgumentException refused(String sentence, Object... values) {
        return new IllegalArgumentException(String.format(Locale.ROOT, sentence, values));
    }
}
