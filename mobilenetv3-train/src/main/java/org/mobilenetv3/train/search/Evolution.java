package org.mobilenetv3.train.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.data.augment.SplitMix;
import org.mobilenetv3.train.supernet.Candidate;
import org.mobilenetv3.train.supernet.SearchSpace;

/**
 * Chooses the candidates to score next, a generation at a time (an evolution as in Real et al.
 * 2019, Cai et al. 2020). Half of them aim at the limit, half at any cost, so that the whole front
 * is found. Each is a function of the seed and of the generations before: a search that was killed
 * goes on to the same winner.
 */
final class Evolution {

    /** So many are chosen at once, and scored side by side, whatever the number of threads. */
    static final int GENERATION = 8;

    /** The first are drawn at random, so many, but at most a quarter of all. */
    private static final int FIRST = 32;

    /** A candidate that aims at a cost has at least this share of it. */
    private static final double CLOSE = 0.9;

    /** Parents are among so many of the best at their cost. */
    private static final int PARENTS = 8;

    private static final int ATTEMPTS = 300;

    private final SearchSpace space;
    private final Cost cost;
    private final double limit;
    private final int total;
    private final int totalRandom;
    private final long seed;
    private final double least;
    private final double most;
    private final Map<Candidate, Double> costs = new HashMap<>();

    /**
     * Prepares.
     *
     * @param settings of the search
     * @param cost what counts
     * @throws IOException if it has to be measured and cannot be
     * @throws IllegalArgumentException if no net of the space is within the limit
     */
    Evolution(SearchSettings settings, Cost cost) throws IOException {
        space = settings.space();
        this.cost = cost;
        limit = settings.limit().value();
        total = settings.candidates();
        totalRandom = settings.random();
        seed = settings.run().seed();
        if (settings.limit().unit() == Limit.Unit.MILLISECONDS) {
            // Times are smoothed over all that are known: these are to be the same to the end.
            for (Candidate candidate : space.cover()) {
                cost.of(space.subnet(candidate).part());
            }
        }
        least = of(space.smallest());
        most = of(space.largest());
        if (least > limit) {
            throw new IllegalArgumentException(
                    "The smallest net of the space costs %s, more than %s; give a larger limit or a smaller --arch."
                            .formatted(cost.text(least), cost.text(limit)));
        }
    }

    /** What a candidate costs. */
    double of(Candidate candidate) throws IOException {
        Double known = costs.get(candidate);
        if (known == null) {
            Architecture net = space.subnet(candidate).part();
            known = cost.of(net);
            costs.put(candidate, known);
        }
        return known;
    }

    /**
     * Chooses the next candidates: a generation, whose parents are of those before, or what is left
     * of one.
     *
     * @param scored those before, in their order
     * @param random whether they are of those drawn at random to compare with
     * @return ones that were not scored yet, unless the space has no more; none if all are scored
     */
    List<Candidate> generation(List<Scored> scored, boolean random) throws IOException {
        List<Scored> mine = scored.stream().filter(s -> s.random() == random).toList();
        int begin = mine.size() / GENERATION * GENERATION;
        int end = Math.min(begin + GENERATION, random ? totalRandom : total);
        List<Scored> before = mine.subList(0, begin);
        Set<Candidate> known = new HashSet<>();
        before.forEach(s -> known.add(s.candidate()));
        List<Candidate> generation = new ArrayList<>();
        for (int at = begin; at < end; at++) {
            Candidate next = next(before, known, at, random);
            known.add(next);
            generation.add(next);
        }
        return generation.subList(mine.size() - begin, generation.size());
    }

    private Candidate next(List<Scored> before, Set<Candidate> known, int at, boolean random)
            throws IOException {
        if (at == 0 && !random) {
            return space.largest();
        }
        if (at == 1 && !random) {
            return space.smallest();
        }
        Candidate child = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            SplitMix draw = SplitMix.of(seed, random ? 1 : 0, at, attempt);
            double target = at % 2 == 0 ? Math.min(limit, most) : draw.between(least, most);
            boolean first = random || before.size() < Math.min(FIRST, total / 4);
            child = aimed(first ? space.random(draw) : child(before, target, draw), target, draw);
            if (!known.contains(child)) {
                return child;
            }
        }
        return child;
    }

    /** A change of one of the best nets that cost at most the target, or a mixture of two. */
    private Candidate child(List<Scored> scored, double target, SplitMix draw) {
        List<Scored> parents =
                scored.stream()
                        .filter(s -> s.cost() <= target)
                        .sorted(
                                Comparator.comparingDouble((Scored s) -> -s.top1())
                                        .thenComparing(Scored::loss))
                        .limit(PARENTS)
                        .toList();
        if (parents.isEmpty()) {
            return space.random(draw);
        }
        Candidate one = parents.get(draw.nextInt(parents.size())).candidate();
        Candidate other = parents.get(draw.nextInt(parents.size())).candidate();
        return draw.nextBoolean()
                ? space.mutated(one, draw)
                : space.mutated(space.crossed(one, other, draw), draw);
    }

    /** Changes a candidate until it costs what it should, or as near as it gets below that. */
    private Candidate aimed(Candidate begin, double target, SplitMix draw) throws IOException {
        Candidate now = begin;
        double distance = distance(of(now), target);
        for (int i = 0; i < ATTEMPTS && distance > 0; i++) {
            Candidate other = space.mutated(now, draw);
            double farther = distance(of(other), target);
            if (farther < distance) {
                now = other;
                distance = farther;
            }
        }
        return of(now) <= target ? now : space.smallest();
    }

    /** Too much is worse than too little. */
    private static double distance(double cost, double target) {
        if (cost > target) {
            return cost / target;
        }
        return cost >= CLOSE * target ? 0 : 1 - cost / target;
    }

    /** The best within the limit. */
    static Scored winner(List<Scored> scored, double limit, boolean random) {
        Scored best = null;
        for (Scored one : scored) {
            if (one.random() == random && one.cost() <= limit && one.isBetterThan(best)) {
                best = one;
            }
        }
        return best;
    }

    /**
     * Finds the candidates that no cheaper one equals.
     *
     * @param scored any
     * @param random which of them
     * @return cheapest first
     */
    static List<Scored> front(List<Scored> scored, boolean random) {
        List<Scored> sorted = new ArrayList<>(scored);
        sorted.removeIf(s -> s.random() != random);
        sorted.sort(
                Comparator.comparingDouble(Scored::cost)
                        .thenComparing(s -> -s.top1())
                        .thenComparing(Scored::loss));
        List<Scored> front = new ArrayList<>();
        for (Scored one : sorted) {
            if (front.isEmpty() || one.top1() > front.get(front.size() - 1).top1()) {
                front.add(one);
            }
        }
        return front;
    }
}
