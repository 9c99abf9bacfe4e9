package org.mobilenetv3.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilenetv3.format.ElementType;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.pickle.TorchCheckpoint;
import org.mobilenetv3.weights.GoldenWeights.Expected;

@Timeout(60)
class StateDictTest {

    private static final Map<String, ElementType> TYPES =
            Map.of(
                    "torch.float64", ElementType.F64,
                    "torch.float32", ElementType.F32,
                    "torch.float16", ElementType.F16,
                    "torch.bfloat16", ElementType.BF16,
                    "torch.int64", ElementType.I64,
                    "torch.int32", ElementType.I32,
                    "torch.int16", ElementType.I16,
                    "torch.int8", ElementType.I8,
                    "torch.uint8", ElementType.U8,
                    "torch.bool", ElementType.BOOL);

    @TempDir private Path temporary;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "types-2.pth",
                "types-3.pth",
                "types-4.pth",
                "types-5.pth",
                "types.safetensors",
                "training-2.pth",
                "training-4.pth",
                "ema.pth",
                "stamps.pth",
                "compiled.pth",
                "views.pth"
            })
    void whatPythonWroteIsReadToTheLastBit(String name) throws IOException {
        Map<String, Expected> expected = GoldenWeights.expected().get(name);
        try (StateDict dict = StateDict.open(GoldenWeights.file(name))) {
            assertThat(dict.tensors()).hasSameSizeAs(expected);
            for (Map.Entry<String, Expected> entry : expected.entrySet()) {
                Tensor tensor = dict.tensors().get(entry.getKey());
                Expected of = entry.getValue();
                assertThat(tensor).as(entry.getKey()).isNotNull();
                assertThat(tensor.type()).isEqualTo(TYPES.get(of.type()));
                assertThat(tensor.shape().getShape()).isEqualTo(of.shape());
                float[] values = new float[of.values().length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) of.values()[i];
                }
                assertThat(tensor.floats()).as(entry.getKey()).containsExactly(values);
            }
        }
    }

    @Test
    void tensorsComeInTheFilesOrder() throws IOException {
        try (StateDict dict = StateDict.open(GoldenWeights.file("types-2.pth"))) {
            assertThat(dict.tensors().keySet())
                    .containsExactlyElementsOf(
                            GoldenWeights.expected().get("types-2.pth").keySet());
            assertThat(dict.format()).isEqualTo("PyTorch");
            assertThat(dict.metadata()).isEmpty();
        }
    }

    @Test
    void theMetadataOfASafetensorsFileIsRead() throws IOException {
        Path file = GoldenWeights.file("types.safetensors");
        try (StateDict dict = StateDict.open(file)) {
            assertThat(dict.metadata())
                    .containsOnly(Map.entry("format", "pt"), Map.entry("näme", "a\"b"));
            assertThat(dict.format()).isEqualTo("safetensors");
            assertThat(dict.file()).isEqualTo(file);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"types-2.pth", "views.pth", "types.safetensors"})
    void afterClosingNumbersAreRefusedInASentence(String name) throws IOException {
        StateDict dict = StateDict.open(GoldenWeights.file(name));
        dict.close();
        Tensor tensor = dict.tensors().values().iterator().next();
        assertThat(GoldenWeights.sentence(tensor::floats)).contains("closed", name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.x, b.y|a.x, b.y",
                "module.x, module.y|x, y",
                "module.x, y|module.x, y",
                "model.net._orig_mod.x|x",
                "module.n_averaged, n_averaged|n_averaged",
                "n_averaged, x|n_averaged, x",
                "n_averaged|n_averaged",
                "modulex, module.y|modulex, module.y",
            })
    void firstPartsThatAllNamesShareAndThatOnlyWrapANetAreTakenOff(String names, String expected)
            throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : names.split(", ", -1)) {
            tensors.put(name, Tensor.scalar(1));
        }
        Path file = temporary.resolve("names.pth");
        TorchCheckpoint.write(file, tensors);
        try (StateDict dict = StateDict.open(file)) {
            assertThat(String.join(", ", dict.tensors().keySet())).isEqualTo(expected);
        }
    }

    @Test
    void filesThatAreNeitherAreRefusedInASentence() throws IOException {
        Path file = temporary.resolve("x");
        assertThat(GoldenWeights.sentence(() -> StateDict.open(file))).contains("no file");
        assertThat(GoldenWeights.sentence(() -> StateDict.open(temporary))).contains("directory");
        for (String text : new String[] {"", "hello", "# a longer text of no format at all"}) {
            Files.write(file, text.getBytes(StandardCharsets.UTF_8));
            assertThat(GoldenWeights.sentence(() -> StateDict.open(file))).contains("neither");
        }
    }
}
