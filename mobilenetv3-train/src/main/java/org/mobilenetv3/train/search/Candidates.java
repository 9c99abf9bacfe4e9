package org.mobilenetv3.train.search;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.run.ProgressLine;
import org.mobilenetv3.train.supernet.Candidate;

/** The stage that scores candidates, generation by generation, and tells of it. */
final class Candidates {

    private static final Duration TELL_EVERY = Duration.ofSeconds(10);

    private final SearchSettings settings;
    private final Cost cost;
    private final Scoring scoring;
    private final PrintStream log;
    private long told;

    /**
     * Prepares.
     *
     * @param settings of the search
     * @param cost what counts
     * @param scoring scores them
     * @param log told of those that lead, and now and then of others
     */
    Candidates(SearchSettings settings, Cost cost, Scoring scoring, PrintStream log) {
        this.settings = settings;
        this.cost = cost;
        this.scoring = scoring;
        this.log = log;
    }

    /**
     * Scores what is missing.
     *
     * @param known those that are known; the others are added in order
     * @param stop asked now and then whether to stop
     * @return whether all are scored; false if it was stopped
     * @throws IOException in one sentence, if one cannot be scored or written
     */
    boolean score(CandidateLog known, BooleanSupplier stop) throws IOException {
        Evolution evolution = new Evolution(settings, cost);
        int before = known.scored().size();
        long begin = System.nanoTime();
        told = begin;
        for (boolean random : new boolean[] {false, true}) {
            List<Candidate> next = evolution.generation(known.scored(), random);
            while (!next.isEmpty()) {
                for (Future<Scored> begun : scoring.begin(next, evolution, random, stop)) {
                    Scored one = get(begun);
                    if (one == null) {
                        return false;
                    }
                    List<Scored> others = known.scored();
                    known.add(one);
                    double each = (System.nanoTime() - begin) / (others.size() + 1.0 - before);
                    tell(one, others, each);
                }
                next = evolution.generation(known.scored(), random);
            }
        }
        return true;
    }

    private static Scored get(Future<Scored> begun) throws IOException {
        try {
            return begun.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw e.getCause() instanceof RuntimeException runtime
                    ? runtime
                    : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while candidates were scored.", e);
        }
    }

    private void tell(Scored one, List<Scored> others, double nanosEach) {
        double limit = settings.limit().value();
        boolean leads =
                !one.random()
                        && one.cost() <= limit
                        && one.isBetterThan(Evolution.winner(others, limit, false));
        int total = settings.candidates() + settings.random();
        int done = others.size() + 1;
        long now = System.nanoTime();
        if (!leads && done < total && now - told <= TELL_EVERY.toNanos()) {
            return;
        }
        told = now;
        log.printf(
                Locale.ROOT,
                "candidate %d/%d  %s  top-1 %.2f %%  %s%s left%n",
                done,
                total,
                cost.text(one.cost()),
                100 * one.top1(),
                leads ? "the best so far  " : one.random() ? "at random  " : "",
                ProgressLine.format(Duration.ofNanos((long) (nanosEach * (total - done)))));
    }
}
