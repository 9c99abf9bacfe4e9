package org.mobilenetv3.train.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Task;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Fit;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.train.Freezing;
import org.mobilenetv3.train.StartingPoint;
import org.mobilenetv3.train.data.scene.SceneSet;
import org.mobilenetv3.train.data.scene.SceneSplits;
import org.mobilenetv3.train.data.scene.ShapeScenes;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.task.RunData;

/**
 * A run that detects or segments, before it begins: what such runs need beside those that classify.
 *
 * @param task what is learned
 * @param data where the scenes lie, or null for drawn ones
 * @param start weights that it begins with, or null
 * @param family the architecture that the weights' state dict is of, or null if the file tells
 * @param inputSize the size that was asked for, or null
 */
record SceneRun(Task task, Path data, StartingPoint start, Architecture family, Fit inputSize) {

    /** torchvision's ssdlite320. */
    private static final int BOXES = 320;

    /** torchvision's lraspp. */
    private static final int MASKS = 520;

    /** What a run that detects or segments does not do. */
    private static final Set<RecipeKey> CLASSES_ONLY =
            EnumSet.of(
                    RecipeKey.LABEL_SMOOTHING,
                    RecipeKey.CLASS_WEIGHTS,
                    RecipeKey.CROP_PADDING,
                    RecipeKey.RESIZED_CROP,
                    RecipeKey.FLIP,
                    RecipeKey.TRIVIAL_AUGMENT,
                    RecipeKey.COLOR_JITTER,
                    RecipeKey.RANDOM_ERASING,
                    RecipeKey.CUTOUT,
                    RecipeKey.MIXUP,
                    RecipeKey.CUTMIX);

    /**
     * Refuses values that would do nothing.
     *
     * @param recipes the options
     * @param keys what does nothing
     * @param why the rest of the sentence
     */
    static void refuse(RecipeOptions recipes, Set<RecipeKey> keys, String why) {
        for (RecipeKey key : keys) {
            if (recipes.isGiven(key)) {
                throw new IllegalArgumentException("--%s %s".formatted(key, why));
            }
        }
    }

    /** Makes the net's table. */
    @FunctionalInterface
    interface Net {
        Architecture of(String name, int classes, int channels) throws IOException;
    }

    /**
     * Prepares the run.
     *
     * @param recipes the options
     * @param run the options
     * @param arch name of the net, or null for the recipe's
     * @param net makes its table; it is given the recipe's name of it
     * @return what is to be run
     * @throws IOException in one sentence, if data or weights cannot be used
     */
    RunOptions.NewRun prepare(RecipeOptions recipes, RunOptions run, String arch, Net net)
            throws IOException {
        run.refuseTeacher(recipes);
        refuse(recipes, CLASSES_ONLY, "is for nets that classify; see --data-augmentation.");
        SceneSplits splits = DataOptions.scenes(task, data, run.seed());
        SceneSet train = splits.train();
        Recipe recipe = recipes.choose(arch, train.name(), recipe(task));
        int channels = start == null ? 3 : start.architecture().inputChannels();
        Architecture table = net.of(recipe.arch(), train.classes().size(), channels);
        requireTask(task, table);
        recipe.sceneAugmentation().requireFor(task);
        requireFits(recipe, table);
        RunSettings settings =
                new RunSettings(
                        train.name(),
                        data == null ? null : data.toAbsolutePath().toString(),
                        train.size(),
                        train.checksum(),
                        table,
                        input(train, table, recipe),
                        recipe.with(RecipeKey.ARCH, table.name()),
                        start == null ? null : start.file().toAbsolutePath().toString(),
                        family,
                        null,
                        run.seed(),
                        run.replicas(),
                        run.threads(),
                        run.execution());
        return new RunOptions.NewRun(
                settings, new RunData.Scenes(splits), train.name() + "-" + table.name());
    }

    /** Before anything is written: what is frozen is there, and the weights are of this net. */
    private void requireFits(Recipe recipe, Architecture table) throws IOException {
        MobileNetV3 shapes = MobileNetV3.of(table);
        Freezing freezing = Freezing.of(recipe);
        if (freezing.any() && start == null) {
            throw new IllegalArgumentException(
                    "The recipe freezes %s, but freezing random weights makes no sense; give a trained net as --weights."
                            .formatted(freezing.describe()));
        }
        freezing.requireFits(shapes);
        if (start != null) {
            start.differing(shapes);
        }
    }

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

    /** Stretched for boxes, in its own proportions for masks. */
    private Preprocessing input(SceneSet train, Architecture net, Recipe recipe) {
        boolean same = start != null && start.architecture().task() == task;
        Fit fit = same ? start.input().fit() : fit(task, train);
        if (inputSize != null) {
            if (task == Task.SEGMENT && inputSize.height() != inputSize.width()) {
                throw new IllegalArgumentException(
                        "Masks are learned on squares and found in images of any size; give one number as --input-size.");
            }
            fit = fit(task, inputSize.height(), inputSize.width());
        }
        int least = net.minimumInputSize();
        if (Math.min(fit.height(), fit.width()) < least) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "Images of %dx%d pixels are too small for this net, which takes at least %d; give --input-size.",
                            fit.height(),
                            fit.width(),
                            least));
        }
        return new Preprocessing(fit, normalization(net, recipe));
    }

    /** What images are brought to if no size is asked for. */
    static Fit fit(Task task, SceneSet images) {
        int side =
                images instanceof ShapeScenes
                        ? ShapeScenes.SIDE
                        : task == Task.DETECT ? BOXES : MASKS;
        return fit(task, side, side);
    }

    private static Fit fit(Task task, int height, int width) {
        return task == Task.DETECT ? new Fit.Stretch(height, width) : new Fit.WholeImage(height);
    }

    /** The weights' own, torchvision's of the task, or none. */
    private Normalization normalization(Architecture net, Recipe recipe) {
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
