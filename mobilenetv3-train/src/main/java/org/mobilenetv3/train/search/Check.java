package org.mobilenetv3.train.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.mobilenetv3.Architecture;

/**
 * Whether the supernet ranks nets as training them alone does.
 *
 * @param nets some candidates, cheapest first
 */
public record Check(List<Net> nets) {

    /**
     * A candidate that was trained alone from random weights.
     *
     * @param architecture of it
     * @param scored with the supernet's weights
     * @param top1 on the test images after training alone, 0 to 1
     */
    public record Net(Architecture architecture, Scored scored, double top1) {}

    /** Copies the list. */
    public Check {
        nets = List.copyOf(nets);
    }

    /**
     * Chooses candidates at even distances in the order of their cost.
     *
     * @param scored all
     * @param count how many, at most
     * @return cheapest first
     */
    static List<Scored> choose(List<Scored> scored, int count) {
        List<Scored> sorted = new ArrayList<>(scored);
        sorted.sort(Comparator.comparingDouble(Scored::cost).thenComparing(Scored::loss));
        List<Scored> chosen = new ArrayList<>();
        int most = Math.min(count, sorted.size());
        for (int i = 0; i < most; i++) {
            int at = most == 1 ? 0 : Math.round((float) i * (sorted.size() - 1) / (most - 1));
            chosen.add(sorted.get(at));
        }
        return chosen;
    }

    /**
     * Computes Kendall's rank correlation of top-1 with the supernet's weights and alone.
     *
     * @return tau-b, from -1 (reversed) to 1 (the same order); NaN if all nets of one kind are
     *     equal
     */
    public double kendall() {
        int agree = 0;
        int tiedBefore = 0;
        int tiedAfter = 0;
        int pairs = 0;
        for (int i = 0; i < nets.size(); i++) {
            for (int j = 0; j < i; j++) {
                double before =
                        Double.compare(nets.get(i).scored.top1(), nets.get(j).scored.top1());
                double after = Double.compare(nets.get(i).top1, nets.get(j).top1);
                agree += (int) (before * after);
                tiedBefore += before == 0 ? 1 : 0;
                tiedAfter += after == 0 ? 1 : 0;
                pairs++;
            }
        }
        return agree / Math.sqrt((double) (pairs - tiedBefore) * (pairs - tiedAfter));
    }
}
