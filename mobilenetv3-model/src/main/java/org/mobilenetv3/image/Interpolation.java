package org.mobilenetv3.image;

import com.google.gson.annotations.SerializedName;

/** How samples between pixels are computed when an image is resized: as which library does it. */
public enum Interpolation {
    /**
     * Pillow's {@code BILINEAR}, antialiased, equal bit for bit to Pillow before 13, which resizes
     * rows first; Pillow 13 resizes columns first where the height shrinks by more than twice as
     * many pixels as the width.
     */
    @SerializedName("bilinear")
    BILINEAR("bilinear"),
    /** Pillow's {@code BICUBIC} (a = -0.5), antialiased, in the same order as {@link #BILINEAR}. */
    @SerializedName("bicubic")
    BICUBIC("bicubic"),
    /**
     * OpenCV's {@code INTER_LINEAR}, not antialiased, equal bit for bit to opencv-python on x86.
     *
     * <p>It stands for PaddleClas' pipeline: resizing the shorter side rounds the longer one
     * (torchvision truncates it), and a center crop rounds its start down (torchvision rounds it to
     * the nearest).
     */
    @SerializedName("opencv_bilinear")
    OPENCV_BILINEAR("OpenCV's bilinear");

    private final String description;

    Interpolation(String description) {
        this.description = description;
    }

    /** Returns the length of the longer side when the shorter one becomes {@code size}. */
    int longerSide(int size, int shorter, int longer) {
        return this == OPENCV_BILINEAR
                ? (int) Math.rint(longer * ((double) size / shorter))
                : (int) ((double) ((long) size * longer) / shorter);
    }

    /** Returns where a center crop starts; negative: so many zeros go before the image. */
    int cropStart(int length, int crop) {
        if (length < crop) { // torchvision's padding puts the smaller half first
            return -((crop - length) / 2);
        }
        // Python's int(round(x)) rounds halves to even.
        return this == OPENCV_BILINEAR
                ? (length - crop) / 2
                : (int) Math.rint((length - crop) / 2.0);
    }

    /** Returns the name for people. */
    @Override
    public String toString() {
        return description;
    }
}
