package org.mobilenetv3.train.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.Presets;
import org.mobilenetv3.elastic.Subnet;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.train.data.augment.SplitMix;
import org.mobilenetv3.train.supernet.Candidate.Choice;
import org.mobilenetv3.train.supernet.SearchSpace.Variety;

class SearchSpaceTest {

    private static final Architecture SMALL = Presets.of("mobilenet_v3_small");
    private static final SearchSpace SPACE = SearchSpace.around(SMALL, Variety.USUAL);

    @Test
    void theNetItselfIsInTheSpaceAroundIt() {
        Candidate base = SPACE.find(SMALL);
        List<BlockSpec> blocks = SPACE.subnet(base).part().blocks();
        assertThat(blocks).isEqualTo(SMALL.blocks());
        assertThat(SPACE.subnet(base).part().last()).isEqualTo(SMALL.last());
        assertThat(SPACE.subnet(base).part().head()).isEqualTo(SMALL.head());
        SearchSpace narrow =
                SearchSpace.around(SMALL, new Variety(List.of(3), List.of(1.0), true, true));
        assertThat(narrow.find(SMALL)).isNull();
    }

    @Test
    void whateverIsDrawnLiesWithinTheLargest() {
        SplitMix random = SplitMix.of(1);
        Set<Candidate> seen = new HashSet<>();
        Candidate before = SPACE.largest();
        assertThat(SPACE.subnet(before).part().blocks()).isEqualTo(SPACE.whole().blocks());
        for (int i = 0; i < 60; i++) {
            Candidate drawn = SPACE.random(random);
            Candidate child = SPACE.mutated(SPACE.crossed(before, drawn, random), random);
            for (Candidate one : List.of(drawn, child)) {
                Subnet subnet = SPACE.subnet(one); // refuses what does not fit
                assertThat(subnet.part().blocks()).hasSameSizeAs(subnet.rows());
                seen.add(one);
            }
            before = child;
        }
        assertThat(seen).hasSizeGreaterThan(110);
        Candidate least = SPACE.smallest();
        assertThat(least.blocks()).filteredOn(Choice::kept).hasSize(5);
        assertThat(SPACE.subnet(least).part().blocks()).hasSize(5);
    }

    @Test
    void aCoverHasAllThatABlockMayBe() {
        List<Candidate> cover = SPACE.cover();
        for (int i = 0; i < SPACE.rows().size(); i++) {
            int block = i;
            long kinds = cover.stream().map(c -> c.blocks().get(block)).distinct().count();
            assertThat(kinds).isEqualTo(SPACE.rows().get(i).all().size());
        }
        long ends = cover.stream().map(c -> List.of(c.last(), c.hidden())).distinct().count();
        assertThat(ends).isEqualTo((long) SPACE.lasts().size() * SPACE.hiddens().size());
    }

    @Test
    void whatCannotVaryIsRefused() {
        assertThatThrownBy(() -> SearchSpace.around(Presets.of("article_small"), Variety.USUAL))
                .hasMessageContaining("cannot have subnets");
        assertThatThrownBy(() -> new Variety(List.of(4), List.of(1.0), true, true))
                .hasMessageContaining("odd numbers");
        assertThatThrownBy(() -> new Variety(List.of(3), List.of(0.0), true, true))
                .hasMessageContaining("factors above 0");
    }
}
