package org.mobilenetv3.train.pruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.pruning.ChannelGroup;
import org.mobilenetv3.pruning.Cut;
import org.mobilenetv3.train.cost.Cost;
import org.mobilenetv3.train.pruning.Importance.Scores;

class WidthsTest {

    private static final Architecture NET =
            Presets.of("mobilenet_v3_small").withClasses(10).withStemStride(1);
    private static final Cost COST = Cost.multiplyAdds(28, 28);

    @Test
    void aShareIsTheSameOfEachBlockInMultiples() {
        Map<String, Integer> widths = widths(new Widths(NET, byIndex(Criterion.L1), 8).share(0.5));
        // 72 / 2 is as near to 32 as to 40: rounded up.
        assertThat(widths)
                .containsEntry("features.2", 40)
                .containsEntry("features.4", 48)
                .containsEntry("features.11", 288)
                .containsEntry("classifier.0", 512)
                .hasSize(12);
        assertThat(widths(new Widths(NET, byIndex(Criterion.L1), 1).share(0.5)))
                .containsEntry("features.2", 36);
        assertThat(widths(new Widths(NET, byIndex(Criterion.L1), 8).share(1e-9)).values())
                .containsOnly(8);
    }

    @Test
    void theMostImportantChannelsStay() {
        Cut cut = new Widths(NET, byIndex(Criterion.L1), 8).share(0.5);
        assertThat(cut.kept().get("features.4")).isEqualTo(IntStream.range(48, 96).toArray());
    }

    @Test
    void aBudgetIsUsedUpButNotExceeded() throws IOException {
        double whole = COST.of(NET);
        for (Criterion criterion : List.of(Criterion.L2, Criterion.TAYLOR)) {
            Cut cut = new Widths(NET, byIndex(criterion), 8).within(COST, whole / 2);
            assertThat(COST.of(cut.architecture()))
                    .as(criterion.toString())
                    .isBetween(0.46 * whole, 0.5 * whole);
        }
    }

    /** As measured times do: a new width next to it moves what a width was known to take. */
    @Test
    void aBudgetIsKeptThoughKnownCostsMove() throws IOException {
        double whole = COST.of(NET);
        for (Criterion criterion : List.of(Criterion.L2, Criterion.TAYLOR)) {
            Set<Architecture> seen = new HashSet<>();
            Cost moving =
                    new Cost() {
                        @Override
                        public double of(Architecture net) throws IOException {
                            return (seen.add(net) ? 0.97 : 1) * COST.of(net);
                        }

                        @Override
                        public String text(double cost) {
                            return COST.text(cost);
                        }
                    };
            Cut cut = new Widths(NET, byIndex(criterion), 8).within(moving, whole / 2);
            assertThat(COST.of(cut.architecture()))
                    .as(criterion.toString())
                    .isBetween(0.44 * whole, 0.5 * whole);
        }
    }

    /** Scores that can be compared take from where a multiply-add is worth least. */
    @Test
    void taylorCutsWhereLeastIsLost() throws IOException {
        Importance importance =
                scored(
                        Criterion.TAYLOR,
                        (group, channel) -> group.name().equals("features.5") ? 1e-9 : 1);
        Cut cut = new Widths(NET, importance, 8).within(COST, 0.95 * COST.of(NET));
        assertThat(widths(cut).get("features.5")).isLessThan(120);
        assertThat(widths(cut)).containsEntry("features.6", 240).containsEntry("features.4", 96);
    }

    @Test
    void groupsWithoutScoresStayWhole() {
        Importance importance =
                new Importance(
                        Criterion.BN_SCALE,
                        ChannelGroup.of(NET).stream()
                                .map(
                                        g ->
                                                new Scores(
                                                        g,
                                                        g.name().startsWith("classifier")
                                                                ? new double[0]
                                                                : new double[g.width()]))
                                .toList());
        assertThat(widths(new Widths(NET, importance, 8).share(0.5)))
                .containsEntry("classifier.0", 1024)
                .containsEntry("features.4", 48);
    }

    @Test
    void whatCannotBeReachedIsRefused() {
        Widths widths = new Widths(NET, byIndex(Criterion.L1), 8);
        assertThatThrownBy(() -> widths.within(COST, 1e5))
                .hasMessageContaining("can be cut to")
                .hasMessageContaining("0.10 M multiply-adds is out of reach");
        assertThatThrownBy(() -> widths.within(COST, 1e9))
                .hasMessageContaining("leaves nothing to remove");
        assertThatThrownBy(() -> widths.within(COST, Double.NaN))
                .hasMessageContaining("leaves nothing to remove");
        assertThatThrownBy(() -> widths.share(0)).hasMessageContaining("above 0 and at most 1");
        assertThatThrownBy(() -> new Widths(NET, byIndex(Criterion.L1), 0))
                .hasMessageContaining("give 1 to 1024");
    }

    private static Importance byIndex(Criterion criterion) {
        return scored(criterion, (group, channel) -> channel + 1);
    }

    private static Importance scored(
            Criterion criterion, ToDoubleBiFunction<ChannelGroup, Integer> score) {
        return new Importance(
                criterion,
                ChannelGroup.of(NET).stream()
                        .map(
                                g ->
                                        new Scores(
                                                g,
                                                IntStream.range(0, g.width())
                                                        .mapToDouble(c -> score.applyAsDouble(g, c))
                                                        .toArray()))
                        .toList());
    }

    private static Map<String, Integer> widths(Cut cut) {
        return ChannelGroup.of(cut.architecture()).stream()
                .collect(Collectors.toMap(ChannelGroup::name, ChannelGroup::width));
    }
}
