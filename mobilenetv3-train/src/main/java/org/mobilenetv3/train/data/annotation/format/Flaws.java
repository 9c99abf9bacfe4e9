package org.mobilenetv3.train.data.annotation.format;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Counts flaws; several threads may add at once, and the result does not depend on their order. */
public final class Flaws {
    private static final int LONGEST = 300;

    private record Count(long count, String first) {}

    private final Map<Flaw, Count> counts = new EnumMap<>(Flaw.class);

    /**
     * Counts one.
     *
     * @param flaw what
     * @param where an image's name or a sentence about it
     */
    public synchronized void add(Flaw flaw, String where) {
        counts.merge(
                flaw,
                new Count(1, printable(where)),
                (a, b) ->
                        new Count(
                                a.count + b.count,
                                a.first.compareTo(b.first) <= 0 ? a.first : b.first));
    }

    /**
     * Returns how often a flaw was counted.
     *
     * @param flaw what
     * @return 0 or more
     */
    public synchronized long count(Flaw flaw) {
        Count count = counts.get(flaw);
        return count == null ? 0 : count.count;
    }

    /**
     * Returns where a flaw was met, by name the first.
     *
     * @param flaw what
     * @return null if nowhere
     */
    public synchronized String first(Flaw flaw) {
        Count count = counts.get(flaw);
        return count == null ? null : count.first;
    }

    /**
     * Returns all that was counted.
     *
     * @return a sentence for each flaw
     */
    public synchronized List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        counts.forEach((flaw, count) -> sentences.add(flaw.sentence(count.count, count.first)));
        return sentences;
    }

    /**
     * Returns a text as a part of a sentence.
     *
     * @param text any text, perhaps foreign
     * @return one line, not long, without a full stop
     */
    public static String printable(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip().replaceAll("[.]+$", "");
        return line.length() > LONGEST ? line.substring(0, LONGEST) + " ..." : line;
    }
}
