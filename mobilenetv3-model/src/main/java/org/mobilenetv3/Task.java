package org.mobilenetv3;

import com.google.gson.annotations.SerializedName;
import java.util.Locale;

/** What a net does with an image. */
public enum Task {
    /** Tells which class an image is of: logits {@code (N, classes)}. */
    @SerializedName("classify")
    CLASSIFY("classifies"),
    /**
     * Finds objects and their boxes: {@code (N, anchors, 4 + classes + 1)}, a box's code and then
     * the logits of background and classes.
     */
    @SerializedName("detect")
    DETECT("detects"),
    /** Tells which class each pixel is of: logits {@code (N, classes, H, W)}. */
    @SerializedName("segment")
    SEGMENT("segments");

    private final String verb;

    Task(String verb) {
        this.verb = verb;
    }

    /** The word in files and on the command line, for instance {@code segment}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns what a net of this task does, for sentences about it.
     *
     * @return for instance {@code segments}
     */
    public String verb() {
        return verb;
    }
}
