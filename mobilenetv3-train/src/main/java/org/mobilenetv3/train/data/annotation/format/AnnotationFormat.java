package org.mobilenetv3.train.data.annotation.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mobilenetv3.train.data.DataListener;

/** Recognizes the format of a data set by its content, and reads what it says. */
public final class AnnotationFormat {

    private AnnotationFormat() {}

    /**
     * Returns whether a path looks like one of the formats.
     *
     * @param path any path
     * @return whether {@link #read} would try to read it
     */
    public static boolean isAt(Path path) {
        try {
            return CocoFolder.at(path) != null
                    || (Files.isDirectory(path)
                            && (VocFolder.at(path) != null || MaskFolder.at(path) != null))
                    || YoloFolder.at(path) != null;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Reads all annotations, but not the images.
     *
     * @param path a directory, a file of COCO's or YOLO's data.yaml
     * @param masks whether pixels are wanted, otherwise boxes
     * @param flaws counts what makes no sense
     * @param listener is told how far reading is
     * @return what was read
     * @throws IOException in one sentence, if there is nothing of the kind wanted
     */
    public static Annotations read(Path path, boolean masks, Flaws flaws, DataListener listener)
            throws IOException {
        CocoFolder coco = CocoFolder.at(path);
        if (coco != null) {
            return coco.read(masks, flaws, listener);
        }
        VocFolder voc = Files.isDirectory(path) ? VocFolder.at(path) : null;
        if (voc != null) {
            return voc.read(masks, flaws, listener);
        }
        MaskFolder folder = Files.isDirectory(path) ? MaskFolder.at(path) : null;
        if (folder != null && masks) {
            return folder.read(flaws);
        }
        YoloFolder yolo = YoloFolder.at(path);
        if (yolo != null) {
            return yolo.read(masks, flaws);
        }
        if (folder != null) {
            throw new IOException(
                    "'%s' holds masks and no boxes; train it with --task segment.".formatted(path));
        }
        throw new IOException(
                "'%s' holds no annotations of a known format: COCO (annotations/instances_train.json), Pascal VOC (Annotations/*.xml and JPEGImages), YOLO (labels/*.txt and images), or masks (masks/*.png and images)."
                        .formatted(path));
    }
}
