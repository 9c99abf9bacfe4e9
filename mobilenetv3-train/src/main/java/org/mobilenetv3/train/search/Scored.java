package org.mobilenetv3.train.search;

import org.mobilenetv3.train.supernet.Candidate;

/**
 * A candidate with what it costs and how good it is with the supernet's weights.
 *
 * @param candidate the net
 * @param cost in the limit's unit
 * @param top1 on the validation images, 0 to 1
 * @param loss likewise, in nats
 * @param random whether it was drawn at random to compare with, not by the search
 * @param seconds that scoring it took
 */
public record Scored(
        Candidate candidate,
        double cost,
        double top1,
        double loss,
        boolean random,
        double seconds) {

    /**
     * Compares two candidates.
     *
     * @param other another
     * @return whether this one is better: by top-1, then by loss
     */
    public boolean isBetterThan(Scored other) {
        return other == null || top1 > other.top1 || (top1 == other.top1 && loss < other.loss);
    }
}
