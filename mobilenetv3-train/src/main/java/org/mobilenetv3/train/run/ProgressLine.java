package org.mobilenetv3.train.run;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.mobilenetv3.cli.Terminal;

/**
 * Shows the progress of a pass over images: a bar on a terminal, a line every ten seconds in a log
 * file. Written to standard error.
 */
public final class ProgressLine implements AutoCloseable {

    private static final Duration LOG_EVERY = Duration.ofSeconds(10);

    private final String task;
    private final long total;
    private final PrintStream out;
    private final ProgressBar bar;
    private final long before;
    private final long begin = System.nanoTime();
    private long logged = begin;

    /**
     * Starts a pass.
     *
     * @param task what is done, for instance {@code epoch 1/5}
     * @param total images in it
     * @param before images done in an earlier process
     */
    public ProgressLine(String task, long total, long before) {
        this.task = task;
        this.total = total;
        this.before = before;
        out = System.err;
        bar =
                !Terminal.interactive()
                        ? null
                        : new ProgressBarBuilder()
                                .setTaskName(task)
                                .setInitialMax(total)
                                .startsFrom(before, Duration.ZERO)
                                .setUnit(" images", 1)
                                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                                .showSpeed()
                                .hideEta()
                                .clearDisplayOnFinish()
                                .setUpdateIntervalMillis(250)
                                .build();
    }

    /**
     * Shows where the pass is.
     *
     * @param score of the images so far
     * @param timeLeft an estimate, the whole run's in training
     */
    public void update(Score score, Duration timeLeft) {
        String message =
                String.format(
                        Locale.ROOT,
                        "%s%s%s left",
                        Double.isNaN(score.loss())
                                ? ""
                                : String.format(Locale.ROOT, "loss %.4f  ", score.loss()),
                        Double.isNaN(score.top1())
                                ? ""
                                : String.format(Locale.ROOT, "top-1 %.2f %%  ", 100 * score.top1()),
                        format(timeLeft));
        if (bar != null) {
            bar.stepTo(score.images());
            bar.setExtraMessage(" " + message);
        } else if (System.nanoTime() - logged > LOG_EVERY.toNanos()) {
            logged = System.nanoTime();
            double rate = (score.images() - before) / ((logged - begin) / 1e9);
            out.printf(
                    Locale.ROOT,
                    "%s  %d/%d  %,.0f images/s  %s%n",
                    task,
                    score.images(),
                    total,
                    rate,
                    message);
        }
    }

    /** Prints a line above the bar. */
    public void message(String text) {
        out.println(bar == null ? text : "\r" + text + "\u001b[K");
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }

    /**
     * Writes a time as {@code 1:02:03} or {@code 2:03}.
     *
     * @param time not negative
     * @return hours, minutes and seconds
     */
    public static String format(Duration time) {
        return time.toHours() > 0
                ? String.format(
                        Locale.ROOT,
                        "%d:%02d:%02d",
                        time.toHours(),
                        time.toMinutesPart(),
                        time.toSecondsPart())
                : String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
    }
}
