package org.mobilenetv3.train.pruning;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.pruning.ChannelGroup;
import org.mobilenetv3.pruning.Cut;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.pruning.Importance.Scores;

/**
 * Decides how many channels each group of a net keeps; which ones, their importance decides.
 *
 * @param net the whole net
 * @param importance of its channels
 * @param multiple widths are rounded to multiples of this, as kernels like them
 */
public record Widths(Architecture net, Importance importance, int multiple) {

    /** A cut by global ranking leaves each group this share at least: none may starve. */
    private static final double LEAST = 0.1;

    private static final int BISECTIONS = 24;
    private static final int ATTEMPTS = 5;

    /** Checks the multiple. */
    public Widths {
        if (multiple < 1 || multiple > 1024) {
            throw new IllegalArgumentException(
                    "Widths are to be multiples of %s, but give 1 to 1024.".formatted(multiple));
        }
    }

    /**
     * Keeps the same share of each group.
     *
     * @param share above 0, at most 1
     * @return the cut
     * @throws IllegalArgumentException if the share is out of range, or removes nothing
     */
    public Cut share(double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "The share of channels to keep is %s but must be above 0 and at most 1."
                            .formatted(share));
        }
        Map<String, Integer> widths = shares(share);
        if (share < 1 && judged().stream().allMatch(s -> keepsAll(s.group(), widths))) {
            throw new IllegalArgumentException(
                    "Nothing would be removed by %s in multiples of %s; give a smaller share or --multiple, or another criterion."
                            .formatted(importance.criterion(), multiple));
        }
        return cut(widths);
    }

    private static boolean keepsAll(ChannelGroup group, Map<String, Integer> widths) {
        return widths.get(group.name()) == group.width();
    }

    /**
     * Keeps as much as a budget allows: by {@link Criterion#TAYLOR} the channels that are worth
     * most for what they cost, wherever they are; by the others, whose scores of different groups
     * cannot be compared, the same share of each group.
     *
     * @param cost what counts
     * @param budget the most that the net may cost
     * @return the cut
     * @throws IllegalArgumentException if the narrowest net costs more, or the whole net no more
     * @throws IOException if the cost cannot be measured
     */
    public Cut within(Cost cost, double budget) throws IOException {
        requireReachable(cost, budget);
        boolean ranked = importance.criterion() == Criterion.TAYLOR;
        Map<String, Integer> widths = Map.of();
        for (int i = 0; i < ATTEMPTS; i++) {
            widths = ranked ? ranked(cost, budget) : alike(cost, budget);
            // Milliseconds are smoothed: what was measured meanwhile moves what was known.
            if (cost.of(narrowed(widths)) <= budget) {
                break;
            }
        }
        return cut(widths);
    }

    private Map<String, Integer> alike(Cost cost, double budget) throws IOException {
        double low = 0;
        double high = 1;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            if (cost.of(narrowed(shares(middle))) <= budget) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return shares(low);
    }

    private void requireReachable(Cost cost, double budget) throws IOException {
        double whole = cost.of(net);
        if (!(budget > 0) || whole <= budget) {
            throw new IllegalArgumentException(
                    "%s costs %s, so a budget of %s leaves nothing to remove; give a smaller one above 0."
                            .formatted(net.name(), cost.text(whole), cost.text(budget)));
        }
        Map<String, Integer> least = new LinkedHashMap<>();
        for (Scores scores : judged()) {
            least.put(scores.group().name(), least(scores.group()));
        }
        double narrowest = cost.of(narrowed(least));
        if (narrowest > budget) {
            throw new IllegalArgumentException(
                    "%s can be cut to no less than %s, so %s is out of reach; give a larger budget, or begin with a smaller net."
                            .formatted(net.name(), cost.text(narrowest), cost.text(budget)));
        }
    }

    private List<Scores> judged() {
        return importance.groups().stream().filter(Scores::isJudged).toList();
    }

    private int least(ChannelGroup group) {
        boolean ranked = importance.criterion() == Criterion.TAYLOR;
        return rounded(ranked ? LEAST * group.width() : 0, group.width());
    }

    private int rounded(double channels, int width) {
        int nearest = (int) Math.round(channels / multiple) * multiple;
        return Math.min(width, Math.max(multiple, nearest));
    }

    private Map<String, Integer> shares(double share) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        for (Scores scores : judged()) {
            ChannelGroup group = scores.group();
            widths.put(group.name(), rounded(share * group.width(), group.width()));
        }
        return widths;
    }

    private Architecture narrowed(Map<String, Integer> widths) {
        return ChannelGroup.narrowed(net, widths);
    }

    /** Channels that go together, from {@code width} of a group to {@code width - channels}. */
    private record Step(ChannelGroup group, int width, int channels, double score) {}

    private Map<String, Integer> ranked(Cost cost, double budget) throws IOException {
        Map<String, Integer> widths = new LinkedHashMap<>();
        Map<String, Double> worth = new HashMap<>();
        double whole = cost.of(net);
        List<Step> steps = new ArrayList<>();
        for (Scores scores : judged()) {
            ChannelGroup group = scores.group();
            widths.put(group.name(), group.width());
            int least = least(group);
            if (group.width() > least) {
                double saving = whole - cost.of(narrowed(Map.of(group.name(), least)));
                worth.put(group.name(), saving / (group.width() - least));
                steps.addAll(steps(scores, least));
            }
        }
        steps.sort(
                Comparator.comparingDouble(
                        s -> s.score / Math.max(1e-12, worth.get(s.group.name()) * s.channels)));
        int low = 0; // steps that are too few
        int high = steps.size(); // and enough: the narrowest net is within the budget
        while (high - low > 1) {
            int middle = (low + high) / 2;
            if (cost.of(narrowed(after(steps.subList(0, middle), widths))) <= budget) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return after(steps.subList(0, high), widths);
    }

    /** Scores of a group ascend with its steps, so the wider ones come before. */
    private static Map<String, Integer> after(List<Step> steps, Map<String, Integer> begin) {
        Map<String, Integer> widths = new LinkedHashMap<>(begin);
        steps.forEach(step -> widths.put(step.group.name(), step.width - step.channels));
        return widths;
    }

    private List<Step> steps(Scores scores, int least) {
        int[] ranking = scores.ranking();
        List<Step> steps = new ArrayList<>();
        int width = scores.group().width();
        while (width > least) {
            int odd = width % multiple;
            int channels = Math.min(odd == 0 ? multiple : odd, width - least);
            double score = 0;
            for (int i = width - channels; i < width; i++) {
                score += scores.scores()[ranking[i]];
            }
            steps.add(new Step(scores.group(), width, channels, score));
            width -= channels;
        }
        return steps;
    }

    /**
     * Keeps the most important channels.
     *
     * @param widths how many by the groups' names; the others stay whole
     * @return the cut
     */
    public Cut cut(Map<String, Integer> widths) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        for (Scores scores : importance.groups()) {
            Integer width = widths.get(scores.group().name());
            if (width != null) {
                kept.put(scores.group().name(), scores.best(width));
            }
        }
        return new Cut(net, importance.groups().stream().map(Scores::group).toList(), kept);
    }
}
