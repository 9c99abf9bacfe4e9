package org.mobilenetv3.serve.http;

/**
 * Decides which net computes the next batch: a cheaper one while new requests would wait too long,
 * a larger one again when they would not have for a while. It knows no clock, but is told the time.
 *
 * <p><b>Down:</b> by one net for a batch, when the requests that wait already would keep a new one
 * waiting for longer than the target.
 *
 * <p><b>Up:</b> by one net, when for a second none would have waited for half the target even with
 * the larger net, and the larger net would have been busy for at most {@value #BEARABLE} of that
 * second with the requests that came. So it does not try what it cannot bear.
 *
 * <p>How long a net takes for a request is what it took in the warm-up, times the factor by which
 * the net in use is slower now than it was then.
 */
final class DegradeRule {

    private static final double SHORT = 0.5;
    private static final double BEARABLE = 0.8;
    private static final long CALM = 1_000_000_000;

    /** How much the last request counts in the mean. */
    private static final double LAST = 0.05;

    private static final int MOST_AT_ONCE = 10;

    private final double[] nanos;
    private final int workers;
    private final long target;
    private double slowdown = 1;
    private int level;
    private long calmSince;

    /** Computed since it has been calm. */
    private int requests;

    /**
     * Makes a rule for nets that have just been warmed up.
     *
     * @param nanos of each net for a request, the largest first
     * @param workers how many batches are computed at once
     * @param target how long a request may wait, in nanoseconds
     * @param now in nanoseconds of any beginning, as all times here
     */
    DegradeRule(double[] nanos, int workers, long target, long now) {
        this.nanos = nanos.clone();
        this.workers = workers;
        this.target = target;
        this.calmSince = now;
    }

    /**
     * Decides.
     *
     * @param waiting requests that have come and are not being computed
     * @return which net computes next, 0 for the largest
     */
    synchronized int next(int waiting, long now) {
        if (wait(level, waiting) > target) {
            disturb(now);
            level = Math.min(level + 1, nanos.length - 1);
            return level;
        }
        if (level > 0 && wait(level - 1, waiting) > SHORT * target) {
            disturb(now);
        }
        while (level > 0 && now - calmSince >= CALM) { // several times after a pause
            double busy = requests * time(level - 1) / workers;
            if (busy > BEARABLE * (now - calmSince)) {
                disturb(now);
            } else {
                level--;
                calmSince += CALM;
                requests = 0;
            }
        }
        return level;
    }

    private void disturb(long now) {
        calmSince = now;
        requests = 0;
    }

    private double wait(int at, int waiting) {
        return waiting * time(at) / workers;
    }

    private double time(int at) {
        return nanos[at] * slowdown;
    }

    /**
     * Learns how long a batch took.
     *
     * @param at which net computed it
     * @param count its requests
     * @param took in nanoseconds
     */
    synchronized void computed(int at, int count, long took) {
        double weight = LAST * Math.min(count, MOST_AT_ONCE);
        slowdown += weight * (took / (count * nanos[at]) - slowdown);
        requests += count;
    }
}
