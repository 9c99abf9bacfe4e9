package org.mobilenetv3.train.report.scene;

import java.util.Locale;
import org.mobilenetv3.train.metric.Interval;

/** Figures as the pages write them. */
final class Words {

    private Words() {}

    /** In percent; a dash for what is null, -1 or NaN: there is nothing to score. */
    static String percent(Double share) {
        return share == null || !(share >= 0)
                ? "–"
                : String.format(Locale.ROOT, "%.1f", 100 * share);
    }

    static String withUnit(Double share) {
        String percent = percent(share);
        return percent.equals("–") ? percent : percent + " %";
    }

    /** What a tile says in small type. */
    static String sure(Interval interval, int images) {
        return (interval == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "95 %% interval %.1f–%.1f %%, ",
                                100 * interval.low(),
                                100 * interval.high()))
                + String.format(Locale.ROOT, "%,d images", images);
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
