package org.mobilenetv3.train.data;

/** Is told what happens while a data set is found, fetched and read. */
@FunctionalInterface
public interface DataListener {
    /** Ignores everything. */
    DataListener SILENT = text -> {};

    /** One line for the user, e.g. that a fallback is used. */
    void message(String text);

    /**
     * How far a long step is; called often, and does nothing unless overridden.
     *
     * @param what e.g. the file being fetched
     * @param done bytes so far
     * @param total bytes in all, or -1 if not known
     */
    default void progress(String what, long done, long total) {}

    /**
     * How many images are read; called often, and does nothing unless overridden.
     *
     * @param what is being read
     * @param done images so far
     * @param total images in all
     */
    default void decoded(String what, long done, long total) {}
}
