package org.mobilenetv3.cli;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.mobilenetv3.download.DownloadListener;

/** Messages and progress on standard error; a bar is drawn only on a terminal. */
public final class ConsoleProgress implements DownloadListener, AutoCloseable {
    private ProgressBar bar;
    private String shown;

    /** Creates it; nothing is drawn yet. */
    public ConsoleProgress() {}

    @Override
    public void message(String text) {
        close();
        System.err.println(text);
    }

    @Override
    public void progress(String what, long done, long total) {
        show(what, done, total, " MiB", 1 << 20);
    }

    /**
     * Shows how far something is.
     *
     * @param what is done; a bar of its own for each
     * @param done so far
     * @param total in all, or -1 if not known
     * @param unit behind the figures, with a space before it
     * @param size what one unit is, in that of {@code done}
     */
    public void show(String what, long done, long total, String unit, long size) {
        if (!Terminal.interactive()) {
            return;
        }
        if (!what.equals(shown)) {
            close();
            shown = what;
            bar =
                    new ProgressBarBuilder()
                            .setTaskName(what)
                            .setInitialMax(total)
                            .setUnit(unit, size)
                            .showSpeed()
                            .clearDisplayOnFinish()
                            .build();
        }
        bar.stepTo(done);
        if (done == total) {
            close();
        }
    }

    /** Removes the bar, if there is one. */
    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
            shown = null;
        }
    }
}
