package org.mobilenetv3.weights;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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

/** Files that Paddle and NumPy wrote, and some that they never would ({@code paddle_files.py}). */
@Timeout(60)
class PaddleStateDictTest {

    private static final Map<String, ElementType> TYPES =
            Map.of(
                    "float64", ElementType.F64,
                    "float32", ElementType.F32,
                    "float16", ElementType.F16,
                    "bfloat16", ElementType.BF16,
                    "int64", ElementType.I64,
                    "int32", ElementType.I32,
                    "int16", ElementType.I16,
                    "int8", ElementType.I8,
                    "uint8", ElementType.U8,
                    "bool", ElementType.BOOL);

    @TempDir private Path temporary;

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void whatPaddleWroteIsReadToTheLastBit(int protocol) throws IOException {
        Path file = GoldenWeights.file("types-" + protocol + ".pdparams");
        try (StateDict dict = StateDict.open(file)) {
            assertThat(dict.format()).isEqualTo("Paddle");
            assertThat(dict.tensors()).hasSize(TYPES.size() + 1); // not the internal names
            assertThat(dict.tensors().get("scalar").shape()).isEqualTo(new Shape());
            assertThat(dict.tensors().get("scalar").floats()).containsExactly(2.5f);
            for (Map.Entry<String, ElementType> entry : TYPES.entrySet()) {
                Tensor tensor = dict.tensors().get(entry.getKey());
                assertThat(tensor.type()).as(entry.getKey()).isEqualTo(entry.getValue());
                assertThat(tensor.shape()).isEqualTo(new Shape(2, 3));
                assertThat(tensor.floats())
                        .as(entry.getKey())
                        .containsExactly(
                                switch (entry.getValue()) {
                                    case BOOL -> new float[] {0, 1, 1, 1, 1, 1};
                                    case U8 -> new float[] {0, 1, 3, 100, 1, 2};
                                    case I64, I32, I16, I8 -> new float[] {0, 1, 3, 100, -1, 2};
                                    default -> new float[] {0, 1, 3, 100, -1.5f, 2};
                                });
            }
        }
    }

    @Test
    void aTensorWithItsInternalNameIsTheTensor() throws IOException {
        try (StateDict dict = StateDict.open(GoldenWeights.file("tuples.pdparams"))) {
            assertThat(dict.tensors()).containsOnlyKeys("w");
            assertThat(dict.tensors().get("w").floats()).containsExactly(0, 1, 3, 100, -1.5f, 2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5})
    void arraysInFortransOrderAreTurned(int protocol) throws IOException {
        Path file = GoldenWeights.file("numpy-" + protocol + ".pickle");
        try (StateDict dict = StateDict.open(file)) {
            assertThat(dict.tensors()).containsOnlyKeys("c", "fortran", "cube", "sliced");
            for (String name : new String[] {"c", "fortran"}) {
                assertThat(dict.tensors().get(name).floats())
                        .as(name)
                        .containsExactly(0, 1, 3, 100, -1.5f, 2);
            }
            assertThat(dict.tensors().get("sliced").floats()).containsExactly(0, 2, 4, 6, 8, 10);
            Tensor cube = dict.tensors().get("cube");
            assertThat(cube.shape()).isEqualTo(new Shape(2, 3, 4));
            float[] values = cube.floats();
            for (int i = 0; i < 24; i++) {
                assertThat(values[i]).isEqualTo(i);
            }
        }
    }

    @Test
    void afterClosingNumbersAreRefusedInASentence() throws IOException {
        StateDict dict = StateDict.open(GoldenWeights.file("types-2.pdparams"));
        dict.close();
        assertThat(GoldenWeights.sentence(dict.tensors().get("float32")::floats))
                .contains("closed", "types-2.pdparams");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "evil-eval|wants to call 'builtins.eval'",
                "evil-system|wants to call 'posix.system'",
                "evil-load|wants to call 'numpy.load'",
                "evil-torch|wants to call 'torch._utils._rebuild_tensor_v2'",
                "evil-newobj|makes a 'numpy.ndarray' in a way",
                "evil-persid|refers to something outside",
                "evil-codec|its elements are no bytes",
                "evil-dtype|NumPy's type '1', which are not read",
                "evil-object|NumPy's type 'O8', which are not read",
                "complex|NumPy's type 'c8', which are not read",
                "long|2147483647 elements has 8 bytes",
                "negative|cannot have the shape [-1]",
                "overflow|cannot have the shape",
                "deep-shape|has 65 dimensions",
                "short|has 7 bytes",
                "short-text|has 7 bytes",
                "wide-text|its text is no bytes",
                "half-text|its text is no bytes",
                "no-bytes|its elements are no bytes",
                "no-state|is given no state",
                "few-parts|its state has not five parts",
                "no-order|its type has no byte order",
                "big-endian|byte order '>'",
                "cycle|is given no state",
                "split|a gigabyte or more",
                "no-arrays|no arrays by name",
                "list|holds no dict of arrays",
                "shared|too many for 18028 bytes",
                "bytes|asks for 4294967295 bytes",
            })
    void whatPaddleNeverWritesIsRefusedInASentence(String name, String phrase) {
        Path file = GoldenWeights.file(name + ".pdparams");
        assertThat(GoldenWeights.sentence(() -> GoldenWeights.content(file)))
                .contains(phrase, name + ".pdparams");
    }

    @Test
    void aFileThatWasCutAnywhereIsRefusedInASentence() throws IOException {
        for (String name : new String[] {"types-2.pdparams", "numpy-5.pickle"}) {
            byte[] whole = Files.readAllBytes(GoldenWeights.file(name));
            Path cut = temporary.resolve("cut.pdparams");
            for (int length = 0; length < whole.length; length++) {
                Files.write(cut, Arrays.copyOf(whole, length));
                GoldenWeights.sentence(() -> StateDict.open(cut));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // A net on Paddle is known by what is Paddle's alone beside its first layer.
                "a.conv.0.weight, a.conv.1._mean, b|conv.0.weight, conv.1._mean",
                "a.conv.conv.weight, a.conv.bn._mean, b|conv.conv.weight, conv.bn._mean",
                "a.conv.0.weight, a.conv.1.running_mean, b|a.conv.0.weight, a.conv.1.running_mean, b",
                "encoder.features.0.0.weight, decoder.conv.0.weight|features.0.0.weight",
                "backbone.conv1.conv.weight, backbone.conv1.bn._mean, head.fc.bias|conv1.conv.weight, conv1.bn._mean, fc.bias",
                "backbone.conv1.conv.weight, head.fc.bias|conv1.conv.weight",
            })
    void aPaddleNetIsFoundUnderItsPrefix(String names, String expected) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : names.split(", ", -1)) {
            tensors.put(name, Tensor.scalar(1));
        }
        assertThat(String.join(", ", Names.unwrap(tensors).tensors().keySet())).isEqualTo(expected);
    }
}
