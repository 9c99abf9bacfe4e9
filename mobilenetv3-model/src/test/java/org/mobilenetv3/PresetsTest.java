package org.mobilenetv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.LayerCost;
import org.mobilenetv3.nn.BlockSpec;
import org.mobilenetv3.nn.Gate;

/** Tables read off the modules of torchvision 0.22.1 and timm 1.0.31 by bench/architectures.py. */
class PresetsTest {

    static Stream<Arguments> libraries() throws IOException {
        try (Reader json =
                new InputStreamReader(
                        PresetsTest.class.getResourceAsStream("architectures.json"),
                        StandardCharsets.UTF_8)) {
            List<Arguments> nets = new ArrayList<>();
            for (JsonElement each : JsonUtils.GSON.fromJson(json, JsonArray.class)) {
                JsonObject net = each.getAsJsonObject();
                if (net.getAsJsonObject("gate").get("squeeze").isJsonNull()) {
                    net.getAsJsonObject("gate").addProperty("squeeze", "block");
                }
                nets.add(Arguments.of(net.get("name").getAsString(), net));
            }
            return nets.stream();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("libraries")
    void equalsTheLibrarysOwn(String name, JsonObject library) {
        long parameters = library.remove("parameters").getAsLong();
        Architecture theirs = JsonUtils.GSON.fromJson(library, Architecture.class);
        Architecture ours = Presets.of(name);
        // timm leaves dropout to the trainer.
        assertThat(ours.withDropout(theirs.head().dropout())).isEqualTo(theirs);
        assertThat(parameters(ours)).isEqualTo(parameters);
    }

    /**
     * PaddleClas 2.6.0 with paddlepaddle 3.3.1, trainable; Keras' minimal nets as timm has them.
     */
    @ParameterizedTest
    @CsvSource({
        "paddle_large_x0_35, 2104328",
        "paddle_large_x0_5, 2673422",
        "paddle_large_x0_75, 3912248",
        "paddle_large_x1_0, 5480206",
        "paddle_large_x1_25, 7443308",
        "paddle_small_x0_35, 1665954",
        "paddle_small_x0_5, 1902536",
        "paddle_small_x0_75, 2375106",
        "paddle_small_x1_0, 2939958",
        "paddle_small_x1_25, 3627370",
        "paddleocr_small, 329954",
        "large_minimal, 3924288",
        "small_minimal, 2044736",
        "lraspp_large, 3221538",
        "article_large, 8137982",
        "article_small, 42548566"
    })
    void hasAsManyParametersAsTheOriginal(String name, long parameters) {
        assertThat(parameters(Presets.of(name))).isEqualTo(parameters);
    }

    @Test
    void mediumHasLargesBlocksAndHalfItsCost() {
        Architecture large = Presets.of("mobilenet_v3_large");
        Architecture medium = Presets.of("mobilenet_v3_medium");
        assertThat(medium.blocks())
                .extracting(BlockSpec::out)
                .containsExactlyElementsOf(large.blocks().stream().map(BlockSpec::out).toList());
        assertThat(sum(medium, LayerCost::multiplyAdds)).isEqualTo(121_118_768);
        assertThat(parameters(medium)).isEqualTo(2_790_048);
    }

    @Test
    void everyPresetIsReadBackFromJson() {
        for (String name : Presets.names()) {
            Architecture net = Presets.of(name, 0.35).withClasses(7).withStemStride(1);
            assertThat(JsonUtils.GSON.fromJson(JsonUtils.GSON.toJson(net), Architecture.class))
                    .isEqualTo(net);
        }
    }

    @Test
    void unknownNamesAreAnsweredByTheList() {
        assertThatThrownBy(() -> Presets.of("resnet50"))
                .hasMessageStartingWith("There is no architecture resnet50; known are")
                .hasMessageContaining("mobilenet_v3_small")
                .hasMessageContaining("paddleocr_small");
        assertThatThrownBy(() -> Presets.of("mobilenet_v2", 0))
                .hasMessage("width is 0.0 but must be above 0 and at most 8.");
    }

    @Test
    void aLibrarysNetIsFoundWhateverItsNormAndWidth() {
        Architecture timm = Presets.of("mobilenetv3_large_100").withClasses(5);
        assertThat(Presets.like(timm, name -> name.equals("mobilenet_v3_large")))
                .contains(Presets.of("mobilenet_v3_large").withClasses(5));
        Architecture narrow = Presets.of("mobilenet_v3_small", 0.35);
        assertThat(Presets.like(narrow, name -> name.startsWith("mobilenet_v"))).contains(narrow);
        Architecture gated = timm.withConventions(timm.conventions().withGate(Gate.PADDLE));
        assertThat(Presets.like(gated, name -> true)).isEmpty();
    }

    private static long parameters(Architecture net) {
        return sum(net, LayerCost::parameters);
    }

    private static long sum(Architecture net, ToLongFunction<LayerCost> figure) {
        return Graph.trace(MobileNetV3.of(net), new Shape(1, net.inputChannels(), 224, 224))
                .cost()
                .stream()
                .mapToLong(figure)
                .sum();
    }
}
