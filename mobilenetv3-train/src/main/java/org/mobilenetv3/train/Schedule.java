package org.mobilenetv3.train;

/**
 * The learning rate over a run: a linear warm-up, then half a cosine down to zero, or constant.
 *
 * @param peak the highest rate
 * @param warmupSteps steps over which the rate rises to the peak
 * @param totalSteps steps of the whole run
 * @param cosine whether the rate falls after the warm-up
 */
record Schedule(double peak, long warmupSteps, long totalSteps, boolean cosine) {

    /**
     * Gives the rate of one step.
     *
     * @param step counted from 0
     * @return the learning rate
     */
    double at(long step) {
        if (step < warmupSteps) {
            return peak * (step + 1) / warmupSteps;
        }
        if (!cosine) {
            return peak;
        }
        double done = (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
        return peak * (1 + Math.cos(Math.PI * Math.min(1, done))) / 2;
    }
}
