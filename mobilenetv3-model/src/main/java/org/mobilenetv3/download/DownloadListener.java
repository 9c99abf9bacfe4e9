package org.mobilenetv3.download;

/** Is told what happens while a file is found and fetched. */
@FunctionalInterface
public interface DownloadListener {
    /** Ignores everything. */
    DownloadListener SILENT = text -> {};

    /**
     * Is told one line for the user, for instance from where a file is fetched.
     *
     * @param text a sentence
     */
    void message(String text);

    /**
     * Is told how far a download is; called often, and does nothing unless overridden.
     *
     * @param what the file being fetched
     * @param done bytes so far
     * @param total bytes in all, or -1 if not known
     */
    default void progress(String what, long done, long total) {}
}
