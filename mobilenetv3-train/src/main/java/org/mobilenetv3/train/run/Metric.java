package org.mobilenetv3.train.run;

/** What the best epoch of a run is chosen by. */
public enum Metric {
    /** Share of images classified correctly. */
    TOP1("top-1", "Top1"),
    /** Mean over the classes of intersection over union. */
    MIOU("mIoU", "Miou"),
    /** Mean average precision, as COCO counts it. */
    MAP("mAP", "Map");

    private final String label;
    private final String key;

    Metric(String label, String key) {
        this.label = label;
        this.key = key;
    }

    /**
     * Returns what people call it.
     *
     * @return for instance {@code top-1}
     */
    public String label() {
        return label;
    }

    /**
     * Returns the end of its names in files.
     *
     * @return for instance {@code Top1} of {@code validationTop1}
     */
    public String key() {
        return key;
    }
}
