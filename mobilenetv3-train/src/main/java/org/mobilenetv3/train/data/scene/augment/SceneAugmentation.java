package org.mobilenetv3.train.data.scene.augment;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.mobilenetv3.Task;

/**
 * What is done at random to training scenes: the presets of torchvision's references, by the names
 * of its {@code --data-augmentation}.
 */
public enum SceneAugmentation {
    /** Nothing. */
    NONE(false, false, false, Scaling.NONE, "none"),

    /** Every other image, by chance, is mirrored. */
    HFLIP(false, false, true, Scaling.NONE, "flip"),

    /** What SSDLite was trained with. */
    SSDLITE(false, true, true, Scaling.NONE, "IoU crop, flip"),

    /** What SSD was trained with; for few images or small objects. */
    SSD(true, true, true, Scaling.NONE, "photometric distortion, zoom-out, IoU crop, flip"),

    /**
     * Large scale jitter (Ghiasi et al., 2021): the image in its own proportions, 0.1 to 2 times as
     * large as fits, padded or cropped at random to the input's size.
     */
    LSJ(false, false, true, Scaling.FIT, "large scale jitter, flip"),

    /**
     * What LR-ASPP was trained with: the shorter side 0.5 to 2 times the base size, which is 520
     * for an input of 480, cropped at random to the input's size; what is padded is not learned.
     */
    SCALE(false, false, true, Scaling.SHORTER_SIDE, "scale of 0.5 to 2, crop, flip");

    /** How an image in its own proportions is brought to another size. */
    enum Scaling {
        NONE,
        FIT,
        SHORTER_SIDE
    }

    private final boolean distorts;
    private final boolean crops;
    private final boolean flips;
    private final Scaling scaling;
    private final String description;

    SceneAugmentation(
            boolean distorts, boolean crops, boolean flips, Scaling scaling, String description) {
        this.distorts = distorts;
        this.crops = crops;
        this.flips = flips;
        this.scaling = scaling;
        this.description = description;
    }

    /**
     * Finds one by its name.
     *
     * @param name as {@link #toString} gives it
     * @return the preset
     * @throws IllegalArgumentException listing the names if there is none
     */
    public static SceneAugmentation of(String name) {
        for (SceneAugmentation value : values()) {
            if (value.toString().equals(name)) {
                return value;
            }
        }
        throw new IllegalArgumentException(
                "There is no augmentation '%s' of scenes; give one of %s."
                        .formatted(
                                name,
                                Arrays.stream(values())
                                        .map(SceneAugmentation::toString)
                                        .collect(Collectors.joining(", "))));
    }

    /** Whether colors change and the image may be put on a larger ground. */
    boolean distorts() {
        return distorts;
    }

    /** Whether a part is cut out around objects. */
    boolean crops() {
        return crops;
    }

    boolean flips() {
        return flips;
    }

    Scaling scaling() {
        return scaling;
    }

    /**
     * Returns whether it can be used where boxes are learned.
     *
     * @return false if it is for masks only
     */
    public boolean suitsBoxes() {
        return scaling != Scaling.SHORTER_SIDE;
    }

    /**
     * Returns whether it can be used where masks are learned.
     *
     * @return false if it chooses by boxes, or leaves only a small part of a picture
     */
    public boolean suitsMasks() {
        return !crops && scaling != Scaling.FIT;
    }

    /**
     * Refuses a task for which it is not made.
     *
     * @param task detect or segment
     * @throws IllegalArgumentException if it is for the other
     */
    public void requireFor(Task task) {
        if (task == Task.DETECT ? !suitsBoxes() : !suitsMasks()) {
            throw new IllegalArgumentException(
                    "The augmentation '%s' is for %s; give another one for %s."
                            .formatted(
                                    this,
                                    task == Task.DETECT ? "masks" : "boxes",
                                    task == Task.DETECT ? "boxes" : "masks"));
        }
    }

    /**
     * Returns what is done, for people.
     *
     * @return a phrase
     */
    public String describe() {
        return description;
    }

    /** Returns the name as it is given in a recipe. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
