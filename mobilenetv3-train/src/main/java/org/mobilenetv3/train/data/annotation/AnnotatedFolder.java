package org.mobilenetv3.train.data.annotation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.Task;
import org.mobilenetv3.io.DataPart;
import org.mobilenetv3.train.data.DataListener;
import org.mobilenetv3.train.data.annotation.format.AnnotationFormat;
import org.mobilenetv3.train.data.annotation.format.Flaw;
import org.mobilenetv3.train.data.scene.SceneSet;

/**
 * Images with boxes or masks on disk, of whatever format: COCO, Pascal VOC, YOLO, or folders of
 * masks, recognized by their content. Everything is checked once, when it is opened; what is wrong
 * is left out, counted and named. Images are decoded when a scene is asked for.
 *
 * @param train scenes to learn from
 * @param validation scenes to choose by
 * @param test scenes to report on
 * @param leftOut what was left out, changed or assumed, a sentence each, for people
 */
public record AnnotatedFolder(
        SceneSet train, SceneSet validation, SceneSet test, List<String> leftOut) {

    /** Copies the list. */
    public AnnotatedFolder {
        leftOut = List.copyOf(leftOut);
    }

    /**
     * Opens a data set to learn from. Parts that there are not are carved out of the training
     * images as {@link org.mobilenetv3.train.data.Splits} does: a tenth for test, the same for
     * every seed, and a tenth for validation.
     *
     * @param path a directory; or a file of COCO's, whose images are all of the data
     * @param task what is to be learned: boxes (detect) or masks (segment)
     * @param seed chooses the validation images
     * @param listener is told what is left out, and how far checking is
     * @return three parts, with the same classes
     * @throws IOException in one sentence, if the path holds no such data, none that can be learned
     *     from, or mostly files that cannot be read
     * @throws IllegalArgumentException if the task is to classify
     */
    public static AnnotatedFolder open(Path path, Task task, long seed, DataListener listener)
            throws IOException {
        Opening opening = new Opening(path, task, listener);
        Map<DataPart, FileScenes> parts = opening.read(null);
        FileScenes train = parts.get(DataPart.TRAIN);
        if (train == null) {
            throw new IOException(
                    "'%s' has no images to learn from%s."
                            .formatted(path, opening.reason(Flaw.values())));
        }
        FileScenes test = parts.get(DataPart.TEST);
        if (test == null) {
            Carving.Parts carved = Carving.test(train);
            train = carved.kept();
            test = carved.carved();
        }
        FileScenes validation = parts.get(DataPart.VALIDATION);
        if (validation == null) {
            Carving.Parts carved = Carving.validation(train, seed);
            train = carved.kept();
            validation = carved.carved();
        }
        return new AnnotatedFolder(train, validation, test, opening.leftOut());
    }

    /**
     * Opens a data set to score a trained net on: the parts that there are.
     *
     * @param path a directory; or a file of COCO's, whose images are taken for train
     * @param task the net's: detect or segment
     * @param classes the net's
     * @param listener is told what is left out, and how far checking is
     * @return the parts with the net's classes; null where there is none
     * @throws IOException in one sentence, as {@link #open} does
     */
    public static AnnotatedFolder openParts(
            Path path, Task task, List<String> classes, DataListener listener) throws IOException {
        Opening opening = new Opening(path, task, listener);
        Map<DataPart, FileScenes> parts = opening.read(List.copyOf(classes));
        if (parts.isEmpty()) {
            throw new IOException(
                    "'%s' has no images to score a net on%s."
                            .formatted(path, opening.reason(Flaw.values())));
        }
        return new AnnotatedFolder(
                parts.get(DataPart.TRAIN),
                parts.get(DataPart.VALIDATION),
                parts.get(DataPart.TEST),
                opening.leftOut());
    }

    /**
     * Returns whether a path looks like one of the formats; for choosing a data set's kind.
     *
     * @param path any path
     * @return whether {@link #open} would try to read it
     */
    public static boolean isAt(Path path) {
        return AnnotationFormat.isAt(path);
    }
}
