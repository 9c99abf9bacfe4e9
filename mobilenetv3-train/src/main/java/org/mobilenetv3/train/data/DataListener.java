package org.mobilenetv3.train.data;

import org.mobilenetv3.download.DownloadListener;

/** Is told what happens while a data set is found, fetched and read. */
@FunctionalInterface
public interface DataListener extends DownloadListener {
    /** Ignores everything. */
    DataListener SILENT = text -> {};

    /**
     * How many images are read; called often, and does nothing unless overridden.
     *
     * @param what is being read
     * @param done images so far
     * @param total images in all
     */
    default void decoded(String what, long done, long total) {}
}
