package org.mobilenetv3.train.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.util.JsonUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class RecipeTest {

    static final java.util.List<String> NAMES = Recipe.NAMES;

    @TempDir private Path temporary;

    @ParameterizedTest
    @FieldSource("NAMES")
    void everyRecipeInTheJarBeginsWithALineThatTellsWhatItIsFor(String name) throws IOException {
        assertThat(Recipe.text(name)).startsWith("# ");
        assertThat(Recipe.of(name, "mobilenet_v3_small").describe()).startsWith(name + ": ");
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void aResolvedRecipeIsTheSameReadFromItsFileOrItsJson(String name) throws IOException {
        Recipe recipe = Recipe.of(name, "mobilenet_v3_large").with(RecipeKey.EPOCHS, 7);
        Path file = Files.writeString(temporary.resolve("mine.properties"), recipe.toFile());
        assertThat(Recipe.of(file.toString(), "mobilenet_v3_small").values())
                .isEqualTo(recipe.values());
        String json = JsonUtils.GSON.toJson(recipe);
        Recipe read = JsonUtils.GSON.fromJson(json, Recipe.class);
        assertThat(read.values()).isEqualTo(recipe.values()).hasSize(RecipeKey.values().length);
        assertThat(read.name()).isEqualTo(name);
    }

    /** Runs of before this line go on with the momentum that their nets had. */
    @ParameterizedTest
    @CsvSource({"quick,0.1", "finetune,0.1", "cifar10-200,0.1", "imagenet,0.01", "article,0"})
    void smallSetsMoveRunningStatisticsFasterThanThePaper(String name, double momentum)
            throws IOException {
        Recipe recipe = Recipe.of(name, "mobilenet_v3_small");
        assertThat(recipe.number(RecipeKey.NORM_MOMENTUM)).isEqualTo(momentum);
        String before =
                JsonUtils.GSON.toJson(recipe).replaceAll(",?\"norm-momentum\":\"[^\"]*\"", "");
        assertThat(before).doesNotContain("momentum");
        Recipe read = JsonUtils.GSON.fromJson(before, Recipe.class);
        assertThat(read.number(RecipeKey.NORM_MOMENTUM)).isZero();
        assertThat(read.with(RecipeKey.NORM_MOMENTUM, momentum).values())
                .isEqualTo(recipe.values());
    }

    @Test
    void theArticleTrainsItsNetsAtDifferentRates() throws IOException {
        assertThat(Recipe.of("article", "article_large").number(RecipeKey.LR)).isEqualTo(0.001);
        assertThat(Recipe.of("article", "article_small").number(RecipeKey.LR)).isEqualTo(0.01);
        assertThat(Recipe.of("article", null).arch()).isEqualTo("article_small");
    }

    @Test
    void aFileMaySayLittleAndTheCommandLineHasTheLastWord() throws IOException {
        Path file =
                Files.writeString(
                        temporary.resolve("r.properties"), "\uFEFFlr = 0.5\nlarge.lr=2\n");
        Recipe recipe = Recipe.of(file.toString(), "mobilenet_v3_large");
        assertThat(recipe.name()).isEqualTo("r");
        assertThat(recipe.number(RecipeKey.LR)).isEqualTo(2);
        assertThat(recipe.batchSize()).isEqualTo(64);
        assertThat(recipe.with(Map.of(RecipeKey.LR, "0.1")).number(RecipeKey.LR)).isEqualTo(0.1);
    }

    @Test
    void whatDoesNotFitIsNamed() throws IOException {
        assertFails("speed = 3", "r.properties: A recipe has no 'speed'; it has arch, epochs");
        assertFails("batch-size = 1", "batch-size is 1 but must be a whole number of at least 2");
        assertFails("lr = fast", "lr is fast but must be a number above 0");
        assertFails("lr = NaN", "lr is NaN but must be a number above 0");
        assertFails("flip = perhaps", "flip is perhaps but must be true or false");
        assertFails("optimizer = magic", "must be one of adam, adamw, sgd, nesterov, rmsprop");
        assertFails("ema-decay = 1", "ema-decay is 1 but must be a number of at least 0 and below");
        assertFails("epochs =", "epochs is empty but must be");
        assertThatThrownBy(() -> Recipe.of("none", "mobilenet_v3_small"))
                .hasMessageContaining("There is no recipe 'none'; there are quick, article");
    }

    @Test
    void theLineOfVersion01ThatNamesTheVariantIsRead() throws IOException {
        Path file =
                Files.writeString(
                        temporary.resolve("r.properties"),
                        "variant = article\nsmall.lr = 0.5\nlarge.lr = 0.25\n");
        assertThat(Recipe.of(file.toString(), null).arch()).isEqualTo("article_small");
        assertThat(Recipe.of(file.toString(), null).number(RecipeKey.LR)).isEqualTo(0.5);
        assertThat(Recipe.of(file.toString(), "mobilenetv3_large_100").number(RecipeKey.LR))
                .isEqualTo(0.25);
        assertThat(Recipe.of(file.toString(), "mobilenet_v2").number(RecipeKey.LR))
                .isEqualTo(0.003);
    }

    private void assertFails(String text, String message) throws IOException {
        Path file = Files.writeString(temporary.resolve("r.properties"), text);
        assertThatThrownBy(() -> Recipe.of(file.toString(), "mobilenet_v3_small"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
