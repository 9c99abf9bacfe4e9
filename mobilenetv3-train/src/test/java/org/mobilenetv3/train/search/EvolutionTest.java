package org.mobilenetv3.train.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.supernet.Candidate;

class EvolutionTest {

    private static final Cost COST = Cost.multiplyAdds(32, 32);

    @TempDir private Path temporary;

    /** As if wide blocks and gates were all that counts. */
    private static double top1(Candidate candidate) {
        return candidate.blocks().stream()
                .filter(Candidate.Choice::kept)
                .mapToDouble(c -> c.expanded() / 1000.0 + (c.gate() ? 0.02 : 0))
                .sum();
    }

    private static SearchSettings settings(double limit) throws IOException {
        SearchSettings few = TestSearch.settings(limit);
        return new SearchSettings(
                few.run(), few.space(), null, few.limit(), 1, 1, 40, 3, 64, 60, 0);
    }

    private static List<Scored> scored(Evolution evolution, int count) throws IOException {
        List<Scored> scored = new ArrayList<>();
        while (scored.size() < count) {
            for (Candidate next : evolution.generation(scored, false)) {
                scored.add(new Scored(next, evolution.of(next), top1(next), 1, false, 0));
            }
        }
        return scored.subList(0, count);
    }

    @Test
    void candidatesAreNewAndGetBetterWithinTheLimit() throws IOException {
        double limit = 500e3;
        List<Scored> scored = scored(new Evolution(settings(limit), COST), 40);
        assertThat(scored).extracting(Scored::candidate).doesNotHaveDuplicates();
        Scored winner = Evolution.winner(scored, limit, false);
        assertThat(winner.cost()).isLessThanOrEqualTo(limit);
        assertThat(winner.top1())
                .isGreaterThan(Evolution.winner(scored.subList(0, 8), limit, false).top1());
        assertThat(scored)
                .filteredOn(s -> s.cost() > 0.8 * limit && s.cost() <= limit)
                .hasSizeGreaterThan(10);
        List<Scored> front = Evolution.front(scored, false);
        for (int i = 1; i < front.size(); i++) {
            assertThat(front.get(i).cost()).isGreaterThan(front.get(i - 1).cost());
            assertThat(front.get(i).top1()).isGreaterThan(front.get(i - 1).top1());
        }
    }

    @Test
    void theNextFollowFromTheSeedAndThoseBefore() throws IOException {
        SearchSettings settings = settings(500e3);
        List<Scored> all = scored(new Evolution(settings, COST), 40);
        List<Candidate> candidates = all.stream().map(Scored::candidate).toList();
        Evolution again = new Evolution(settings, COST);
        assertThat(again.generation(all.subList(0, 16), false))
                .isEqualTo(candidates.subList(16, 24));
        // Of a generation that was begun the rest, and the last is as large as there are left.
        assertThat(again.generation(all.subList(0, 19), false))
                .isEqualTo(candidates.subList(19, 24));
        assertThat(again.generation(all.subList(0, 36), false)).hasSize(4);
        assertThat(again.generation(all, false)).isEmpty();
        assertThat(again.generation(all, true)).hasSize(3);
    }

    @Test
    void aLimitOutOfReachIsRefused() {
        assertThatThrownBy(() -> new Evolution(TestSearch.settings(1000), COST))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The smallest net of the space costs");
    }

    /** Milliseconds are smoothed over all that were measured: none may be measured later. */
    @Test
    void whatMayTakeTimeIsMeasuredBeforeTheFirstCandidate() throws IOException {
        SearchSettings counted = TestSearch.settings(500e3);
        Limit limit = new Limit(Limit.Unit.MILLISECONDS, 500e3, 32, 32, 1, null, 1);
        SearchSettings settings =
                new SearchSettings(
                        counted.run(), counted.space(), null, limit, 1, 1, 24, 0, 64, 60, 0);
        Set<BlockSpec> known = new HashSet<>();
        Cost times =
                new Cost() {
                    @Override
                    public double of(Architecture net) throws IOException {
                        known.addAll(net.blocks());
                        return COST.of(net);
                    }

                    @Override
                    public String text(double cost) {
                        return cost + " ms";
                    }
                };
        Evolution evolution = new Evolution(settings, times);
        Set<BlockSpec> before = Set.copyOf(known);
        scored(evolution, 20);
        assertThat(known).isEqualTo(before);
    }

    @Test
    void aLineThatACrashCutOffIsForgotten() throws IOException {
        Path file = temporary.resolve("candidates.jsonl");
        List<Scored> some = scored(new Evolution(TestSearch.settings(500e3), COST), 3);
        try (CandidateLog log = new CandidateLog(file)) {
            for (Scored one : some) {
                log.add(one);
            }
        }
        String whole = Files.readString(file);
        Files.writeString(file, "{\"candidate\":{\"blo", StandardOpenOption.APPEND);
        try (CandidateLog log = new CandidateLog(file)) {
            assertThat(log.scored()).isEqualTo(some);
            log.add(some.get(0));
        }
        assertThat(Files.readString(file)).startsWith(whole).hasLineCount(4);
        Files.writeString(file, "nonsense\n");
        assertThatThrownBy(() -> new CandidateLog(file).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Line 1 of");
    }

    @Test
    void kendallsTauCountsPairsInOneOrder() throws IOException {
        Candidate any = TestSearch.settings(500e3).space().largest();
        double[][] pairs = {{1, 1}, {2, 3}, {3, 2}, {4, 4}, {5, 5}};
        List<Check.Net> nets = new ArrayList<>();
        for (double[] pair : pairs) {
            Scored one = new Scored(any, pair[0], pair[0], 1, false, 0);
            nets.add(new Check.Net(TestSearch.net(), one, pair[1]));
        }
        // scipy.stats.kendalltau([1, 2, 3, 4, 5], [1, 3, 2, 4, 5])
        assertThat(new Check(nets).kendall()).isEqualTo(0.8);
        assertThat(new Check(List.of(nets.get(0), nets.get(0))).kendall()).isNaN();
        List<Scored> scored = nets.stream().map(Check.Net::scored).toList();
        assertThat(Check.choose(scored, 3)).extracting(Scored::cost).containsExactly(1.0, 3.0, 5.0);
    }
}
