package org.mobilenetv3.train.data.annotation.format;

import java.util.Locale;

/** What can be wrong, or has to be assumed, in an annotated set of images. */
public enum Flaw {
    IMAGE_MISSING("image that does not exist", "images that do not exist"),
    IMAGE_OUTSIDE(
            "file that lies outside the data's folder", "files that lie outside the data's folder"),
    IMAGE_BROKEN("image that cannot be read", "images that cannot be read"),
    IMAGE_TWICE("image listed twice", "images listed twice", "taken once"),
    IMAGE_UNANNOTATED(
            "image without a file of annotations", "images without a file of annotations"),
    SIZE_DIFFERS(
            "image of another size than its annotations say",
            "images of another size than their annotations say"),
    FILE_BROKEN(
            "file of annotations that cannot be read", "files of annotations that cannot be read"),
    ANNOTATION_LOST("annotation of an unknown image", "annotations of unknown images"),
    ANNOTATION_BROKEN("annotation that makes no sense", "annotations that make no sense"),
    LABEL_UNKNOWN("object of an unknown class", "objects of unknown classes"),
    BOX_MISSING("object without a box", "objects without a box"),
    BOX_BROKEN("box that is not four numbers", "boxes that are not four numbers"),
    BOX_EMPTY("box without width or height", "boxes without width or height"),
    BOX_OUTSIDE("box outside its image", "boxes outside their images"),
    BOX_CLIPPED(
            "box partly outside its image",
            "boxes partly outside their images",
            "cut off at the edge"),
    OUTLINE_MISSING("object without an outline", "objects without an outline"),
    OUTLINE_BROKEN("outline that cannot be read", "outlines that cannot be read"),
    MASK_BROKEN("mask that cannot be read", "masks that cannot be read"),
    MASK_SIZE("mask of another size than its image", "masks of another size than their images"),
    MASK_VALUE(
            "mask with values of no class",
            "masks with values of no class",
            "ignored at these pixels"),
    MASK_LOST("mask without an image", "masks without an image"),
    STORED(
            "turned photograph was annotated before turning",
            "turned photographs were annotated before turning",
            "boxes and masks are turned along"),
    ASSUMED_UPRIGHT(
            "turned photograph does not tell by its size whether it was annotated before turning",
            "turned photographs do not tell by their size whether they were annotated before turning",
            "taken to be annotated upright");

    private final String one;
    private final String many;
    private final String consequence;

    Flaw(String one, String many) {
        this(one, many, "left out");
    }

    Flaw(String one, String many, String consequence) {
        this.one = one;
        this.many = many;
        this.consequence = consequence;
    }

    /**
     * Returns what was counted, as a sentence.
     *
     * @param count how often, at least once
     * @param first where for the first time
     * @return for people
     */
    public String sentence(long count, String first) {
        return String.format(
                Locale.ROOT,
                "%,d %s: %s (first: %s).",
                count,
                count == 1 ? one : many,
                consequence,
                first);
    }
}
