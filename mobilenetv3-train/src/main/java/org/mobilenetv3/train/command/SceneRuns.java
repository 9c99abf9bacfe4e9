package org.mobilenetv3.train.command;

import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.data.scene.ShapeScenes;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Task;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.train.StartingPoint;
import org.mobilenetv3.train.data.scene.SceneSplits;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;

/** What runs that detect or segment need beside those that classify. */
final class SceneRuns {

    /** torchvision's ssdlite320. */
    private static final int BOXES = 320;

    /** torchvision's lraspp. */
    private static final int MASKS = 520;

    private SceneRuns() {}

    /** The recipe if none is named. */
    static String recipe(Task task) {
        return task == Task.DETECT ? "detect" : "segment";
    }

    /**
     * Refuses data sets that have neither boxes nor masks.
     *
     * @param task what is to be learned
     * @param data the options
     */
    static void requireScenes(Task task, DataOptions data) {
        if (!List.of("auto", "shapes", "folder").contains(data.dataset())) {
            throw new IllegalArgumentException(
                    "The data set '%s' has classes but no %s; give --data DIR with %s, or --dataset shapes."
                            .formatted(
                                    data.dataset(),
                                    task == Task.DETECT ? "boxes" : "masks",
                                    task == Task.DETECT
                                            ? "annotations of COCO, Pascal VOC or YOLO"
                                            : "masks or annotations of COCO or Pascal VOC"));
        }
        if (data.dataset().equals("folder") && data.data() == null) {
            throw new IllegalArgumentException(
                    "The data set 'folder' needs a directory of annotated images; give --data DIR.");
        }
        if (data.dataset().equals("shapes") && data.data() != null) {
            throw new IllegalArgumentException(
                    "The data set 'shapes' is drawn and has no --data; leave out one of the two.");
        }
    }

    /**
     * Refuses a net of another task.
     *
     * @param task what is to be learned
     * @param net the net
     */
    static void requireTask(Task task, Architecture net) {
        if (net.task() != task) {
            throw new IllegalArgumentException(
                    "%s %s, which is not --task %s; give --arch %s, say."
                            .formatted(
                                    net.name(),
                                    net.task().verb(),
                                    task,
                                    task == Task.DETECT
                                            ? "ssdlite320_small"
                                            : task == Task.SEGMENT
                                                    ? "lraspp_small"
                                                    : "mobilenet_v3_small"));
        }
    }

    /**
     * Chooses how images become the net's input.
     *
     * @param task what is learned
     * @param data the scenes
     * @param net the net
     * @param recipe whether it normalizes
     * @param start weights that the run begins with, or null
     * @param asked the size that was asked for, or null
     * @return stretched for boxes, in its own proportions for masks
     * @throws IOException if the size is too small
     */
    static Preprocessing input(
            Task task,
            SceneSplits data,
            Architecture net,
            Recipe recipe,
            StartingPoint start,
            Fit asked)
            throws IOException {
        boolean same = start != null && start.architecture().task() == task;
        Fit fit = same ? start.input().fit() : fit(task, data.train());
        if (asked != null) {
            if (task == Task.SEGMENT && asked.height() != asked.width()) {
                throw new IllegalArgumentException(
                        "Masks are learned on squares and found in images of any size; give one number as --input-size.");
            }
            fit = fit(task, asked.height(), asked.width());
        }
        int least = net.minimumInputSize();
        if (Math.min(fit.height(), fit.width()) < least) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "--input-size is %dx%d but this net takes at least %d.",
                            fit.height(),
                            fit.width(),
                            least));
        }
        return new Preprocessing(fit, normalization(task, net, recipe, start));
    }

    /** What images are brought to if no size is asked for. */
    static Fit fit(Task task, SceneSet images) {
        int side =
                images.name().equals("shapes") ? ShapeScenes.SIDE : task == Task.DETECT ? BOXES : MASKS;
        return fit(task, side, side);
    }

    private static Fit fit(Task task, int height, int width) {
        return task == Task.DETECT ? new Fit.Stretch(height, width) : new Fit.WholeImage(height);
    }

    /** The weights' own, torchvision's of the task, or none. */
    private static Normalization normalization(
            Task task, Architecture net, Recipe recipe, StartingPoint start) {
        int channels = net.inputChannels();
        if (start != null) {
            return start.input().normalization();
        }
        if (!recipe.is(RecipeKey.NORMALIZE)) {
            return Normalization.unit(channels);
        }
        return task == Task.DETECT || channels != 3
                ? Normalization.uniform(channels, 0.5f, 0.5f)
                : Normalization.IMAGENET;
    }
}
