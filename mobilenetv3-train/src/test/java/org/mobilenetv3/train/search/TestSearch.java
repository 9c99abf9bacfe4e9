package org.mobilenetv3.train.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.Presets;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.train.data.Splits;
import org.mobilenetv3.train.data.source.SyntheticShapes;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.RecordedWeights;
import org.mobilenetv3.train.run.RunSettings;
import org.mobilenetv3.train.supernet.SearchSpace;
import org.mobilenetv3.train.supernet.SearchSpace.Variety;

/** A search of seconds. */
final class TestSearch {

    static final Splits DATA =
            new Splits(
                    SyntheticShapes.generate("train", 96, 1),
                    SyntheticShapes.generate("validation", 60, 1),
                    SyntheticShapes.generate("test", 40, 1));

    private TestSearch() {}

    /** The first blocks of a narrow Small, one of which may be left out. */
    static Architecture net() {
        Architecture small =
                Presets.of("mobilenet_v3_small", 0.35).withClasses(10).withStemStride(1);
        List<BlockSpec> blocks = new ArrayList<>(small.blocks().subList(0, 4));
        return small.withBlocks(blocks).withName("tiny");
    }

    static SearchSettings settings(double limit) throws IOException {
        return settings(limit, null);
    }

    /**
     * A search of minutes in seconds.
     *
     * @param limit multiply-adds
     * @param weights to begin with, or null
     */
    static SearchSettings settings(double limit, RecordedWeights weights) throws IOException {
        SearchSpace space =
                SearchSpace.around(
                        net(), new Variety(List.of(3, 5), List.of(0.5, 1.0), true, true));
        Recipe recipe =
                Recipe.of("quick", "small")
                        .with(RecipeKey.EPOCHS, 1)
                        .with(RecipeKey.BATCH_SIZE, 32);
        RunSettings run =
                new RunSettings(
                        DATA.train().name(),
                        null,
                        DATA.train().size(),
                        DATA.train().checksum(),
                        space.whole(),
                        new Preprocessing(32, 32, Normalization.uniform(3, 0.5f, 0.5f)),
                        recipe,
                        null,
                        null,
                        null,
                        5,
                        1,
                        null,
                        Execution.COMPILED);
        Limit most = new Limit(Limit.Unit.MULTIPLY_ADDS, limit, 32, 32, 1, null, 1);
        return new SearchSettings(run, space, weights, most, 2, 1, 10, 3, 64, 60, 2);
    }
}
