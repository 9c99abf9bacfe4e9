package org.mobilenetv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.util.JsonUtils;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.nn.Conventions;
import org.mobilenetv3.nn.Gate;
import org.mobilenetv3.nn.InvertedResidual;

class ArchitectureJsonTest {

    private static final Path PAGE = Path.of("../docs/architectures.md");

    /** The file that docs/architectures.md shows. */
    static String tiny() throws IOException {
        Matcher block =
                Pattern.compile("```json\n(.*?)```", Pattern.DOTALL)
                        .matcher(Files.readString(PAGE));
        assertThat(block.find()).isTrue();
        return block.group(1);
    }

    @Test
    void whatIsLeftOutHasTheUsualValue() throws IOException {
        Architecture net = read(tiny());
        assertThat(net.name()).isEqualTo("tiny");
        assertThat(net.inputChannels()).isEqualTo(3);
        assertThat(net.classes()).isEqualTo(1000);
        assertThat(net.conventions()).isEqualTo(Conventions.TORCHVISION);
        assertThat(net.blocks())
                .containsExactly(
                        InvertedResidual.Spec.of(16, 3, 16, 16, 0, Nonlinearity.RELU, 1),
                        InvertedResidual.Spec.of(16, 3, 48, 24, 0, Nonlinearity.RELU, 2),
                        InvertedResidual.Spec.of(24, 5, 72, 24, 24, Nonlinearity.HARD_SWISH, 1),
                        InvertedResidual.Spec.of(24, 5, 96, 40, 24, Nonlinearity.HARD_SWISH, 2));
        assertThat(net.head().dropout()).isEqualTo(0.2f);
        assertThat(net.minimumInputSize()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"kernel\": 5, \"expanded\": 72' | '\"kernel\": 4, \"expanded\": 72' | blocks[2].kernel of the architecture is 4 but must be odd, 1 to 31.",
                "'\"expanded\": 72' | '\"expnded\": 72' | blocks[2].expanded of the architecture is missing.",
                "'\"kernel\": 5, \"expanded\": 72' | '\"size\": 5, \"kernel\": 5, \"expanded\": 72' | blocks[2].size of the architecture is not known here.",
                "'\"stride\": 2, \"squeeze\": 24' | '\"stride\": 3, \"squeeze\": 24' | blocks[3].stride of the architecture is 3 but must be 1 or 2.",
                "'\"stride\": 2, \"squeeze\": 24' | '\"stride\": 2, \"residual\": true' | 'blocks[3] of the architecture does not fit its 24 input channels: it is residual with stride (2, 2) from 24 to 40 channels.'",
                "'\"activation\": \"relu\"}' | '\"activation\": \"gelu\"}' | 'blocks[0].activation of the architecture is gelu but must be one of [identity, relu, relu6, sigmoid, tanh, silu, hard_sigmoid, paddle_hard_sigmoid, hard_swish].'",
                "'\"stride\": 2, \"squeeze\": 24' | '\"stride\": 2, \"spatialGate\": 3' | blocks[3].spatialGate of the architecture must be true or false.",
                "'\"kernel\": 5, \"expanded\": 72' | '\"kernel\": 5, \"type\": \"dense\", \"spatialGate\": true' | blocks[2].spatialGate of the architecture is not known here.",
                "'\"channels\": 160' | '\"channels\": \"many\"' | last.channels of the architecture must be a number.",
                "'\"channels\": 160' | '\"channels\": 0' | last.channels of the architecture is 0 but must be 1 to 65536.",
                "'\"name\": \"tiny\"' | '\"name\": \"../tiny\"' | 'name of the architecture is ../tiny but must be 1 to 80 letters, digits and . _ -.'"
            })
    void whatDoesNotFitIsRefusedWithItsPlace(String right, String wrong, String message)
            throws IOException {
        String json = tiny();
        assertThat(json).contains(right);
        assertThatThrownBy(() -> read(json.replaceFirst(Pattern.quote(right), wrong)))
                .isInstanceOf(JsonParseException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({
        "SMALL, PAPER, TORCHVISION, mobilenet_v3_small_w0.5",
        "LARGE, PAPER, TORCHVISION, mobilenet_v3_large_w0.5",
        "LARGE, PAPER, TIMM, mobilenetv3_large_100_w0.5",
        "SMALL, PAPER, PADDLE_OCR, paddleocr_small_w0.5",
        "LARGE, ARTICLE, TORCHVISION, article_large_w0.5"
    })
    void theFormOfVersion01IsRead(String size, String variant, String dialect, String name) {
        float dropout = variant.equals("ARTICLE") ? 0 : 0.1f;
        Architecture net =
                read(
                        "{'size': '%s', 'variant': '%s', 'classes': 7, 'width': 0.5, 'dropout': %s, 'inputChannels': 1, 'stemStride': 1, 'dialect': '%s'}"
                                .formatted(size, variant, dropout, dialect));
        String preset = name.replace("_w0.5", "");
        Architecture expected =
                Presets.of(preset, 0.5)
                        .withClasses(7)
                        .withInputChannels(1)
                        .withStemStride(1)
                        .withDropout(dropout);
        if (dialect.equals("PADDLE_OCR")) { // its gates' slope was taken into the weights
            expected = expected.withConventions(expected.conventions().withGate(Gate.PAPER));
        }
        assertThat(net).isEqualTo(expected);
        assertThat(net.name()).isEqualTo(name);
    }

    @Test
    void theSpatialGateIsWrittenOnlyWhereItIs() throws IOException {
        Architecture plain = read(tiny());
        assertThat(JsonUtils.GSON.toJson(plain)).doesNotContain("spatial");
        Architecture net =
                read(tiny().replace("\"squeeze\"", "\"spatialGate\": true, \"squeeze\""));
        assertThat(net.blocks().stream().map(row -> ((InvertedResidual.Spec) row).spatial()))
                .containsExactly(false, false, true, true);
        assertThat(read(JsonUtils.GSON.toJson(net))).isEqualTo(net);
        assertThat(net).isNotEqualTo(plain);
    }

    @Test
    void aHeadWithoutATypeIsAClassifiers() throws IOException {
        Architecture net = read(tiny());
        assertThat(net.task()).isEqualTo(Task.CLASSIFY);
        assertThat(JsonUtils.GSON.toJson(net)).doesNotContain("classifier");
        String named = tiny().replace("\"head\": {", "\"head\": {\"type\": \"classifier\", ");
        assertThat(read(named)).isEqualTo(net);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'lraspp', 'inner': 16, 'low': 1} | SEGMENT",
                "{'type': 'lraspp', 'low': 0} | SEGMENT",
                "{'type': 'ssdlite', 'tap': 1, 'extra': [64, 32]} | DETECT"
            })
    void aHeadsTypeTellsTheTask(String head, Task task) throws IOException {
        Architecture net = read(withHead(head));
        assertThat(net.task()).isEqualTo(task);
        assertThat(read(JsonUtils.GSON.toJson(net))).isEqualTo(net);
        assertThatThrownBy(() -> net.withDropout(0.5f))
                .hasMessageStartingWith(
                        "head.dropout of the architecture is 0.5 but must be 0 for a net that ");
        assertThatThrownBy(() -> net.requireTask(Task.CLASSIFY, "prune"))
                .hasMessage("prune takes nets that classify, but tiny %s.".formatted(task.verb()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'lraspp', 'low': 4} | head.low of the architecture is 4 but must be a row, 0 to 3.",
                "{'type': 'lraspp'} | head.low of the architecture is missing.",
                "{'type': 'lraspp', 'low': 1, 'dropout': 0.1} | head.dropout of the architecture is not known here.",
                "{'type': 'lraspp', 'low': 1, 'inner': 0} | head.inner of the architecture is 0 but must be 1 to 65536.",
                "{'type': 'ssdlite', 'tap': 2, 'extra': [64]} | head.tap of the architecture is 2 but must be a row with an expansion that does not add its input.",
                "{'type': 'ssdlite', 'tap': 1, 'extra': 64} | head.extra of the architecture must be a list of whole numbers.",
                "{'type': 'ssdlite', 'tap': 1, 'extra': [0.5]} | head.extra of the architecture must be a whole number.",
                "{'type': 'unet'} | 'head.type of the architecture must be classifier, lraspp or ssdlite.'"
            })
    void headsThatDoNotFitAreRefused(String head, String message) {
        assertThatThrownBy(() -> read(withHead(head)))
                .isInstanceOf(JsonParseException.class)
                .hasMessage(message);
    }

    private static String withHead(String head) throws IOException {
        JsonObject net = JsonUtils.GSON.fromJson(tiny(), JsonObject.class);
        net.add("head", JsonUtils.GSON.fromJson(head, JsonObject.class));
        return net.toString();
    }

    private static Architecture read(String json) {
        return JsonUtils.GSON.fromJson(json, Architecture.class);
    }
}
