package org.mobilenetv3.format.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.format.ElementType;
import org.mobilenetv3.format.FileBytes;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.pickle.TorchCheckpoint;
import org.mobilenetv3.weights.GoldenWeights;
import org.mobilenetv3.weights.StateDict;

@Timeout(60)
class SafeTensorsTest {

    @TempDir private Path temporary;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{|JSON",
                "{} {}|JSON",
                "{'a':1}|JSON",
                "{'__metadata__':{'a':1}}|no text",
                "{'__metadata__':{'a':'1','a':'2'}}|twice",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|twice",
                "{'a':{'dtype':'F32','shape':[2],'shape':[2],'data_offsets':[0,8]}}|twice",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'more':1}}|unknown part",
                "{'a':{'dtype':'F32','shape':[2]}}|only [dtype, shape]",
                "{'a':{'dtype':'F8_E4M3','shape':[8],'data_offsets':[0,8]}}|'F8_E4M3', which is not read",
                "{'a':{'dtype':'f32','shape':[2],'data_offsets':[0,8]}}|'f32', which is not read",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8]}}|begin and end",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}|begin and end",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,16]}}|takes 8 bytes and has 16",
                "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}}|take 16 bytes and the file has 8",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|take 4 bytes and the file has 8",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|begins at byte 4",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|begins at byte 4",
                "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}|whole numbers",
                "{'a':{'dtype':'F32','shape':[2.0],'data_offsets':[0,8]}}|whole numbers",
                "{'a':{'dtype':'F32','shape':['2'],'data_offsets':[0,8]}}|whole numbers",
                "{'a':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,8]}}|whole numbers",
                "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}}|cannot have the shape",
                "{'a':{'dtype':'F64','shape':[2305843009213693951,1],'data_offsets':[0,0]}}|whole numbers",
                "{'a':{'dtype':'F64','shape':[288230376151711744,8],'data_offsets':[0,0]}}|cannot have the shape",
            })
    void aHeaderThatTheFormatForbidsIsRefusedInASentence(String json, String phrase)
            throws IOException {
        Path file = file(json.replace('\'', '"'), 8);
        assertThat(GoldenWeights.sentence(() -> StateDict.open(file)))
                .contains(phrase)
                .contains(file.toString());
    }

    @Test
    void aLengthThatTheFileDoesNotHaveIsRefused() throws IOException {
        Path file = file("{}", 8);
        for (long length : new long[] {-1, Long.MIN_VALUE, 11, 100_000_001, Long.MAX_VALUE}) {
            byte[] bytes = Files.readAllBytes(file);
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            Files.write(file, bytes);
            assertThat(GoldenWeights.sentence(() -> StateDict.open(file))).contains("header");
        }
    }

    @Test
    void aFileOverTwoGigabytesIsReadTensorByTensor() throws IOException {
        long large = 5L << 30;
        Path file =
                file(
                        String.format(
                                Locale.ROOT,
                                "{\"large\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[%d,%d]}}",
                                large,
                                large,
                                large,
                                large + 4),
                        0);
        long data = Files.size(file);
        ByteBuffer number = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(number.putFloat(2.5f).flip(), data + large);
        }
        try (StateDict dict = StateDict.open(file)) {
            assertThat(dict.tensors().get("b").floats()).containsExactly(2.5f);
            assertThat(dict.tensors().get("b").shape()).isEqualTo(new Shape());
            assertThat(GoldenWeights.sentence(dict.tensors().get("large")::floats))
                    .contains("more numbers than fit");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void whatIsWrittenIsReadInTheSameOrderWithItsMetadata() throws IOException {
        Path file = temporary.resolve("deep/er/x.safetensors");
        SafeTensors.write(file, tensors(), Map.of("note", "Gänse \"und\" <mehr>"));
        try (StateDict dict = StateDict.open(file)) {
            assertThat(dict.tensors().keySet()).containsExactlyElementsOf(tensors().keySet());
            assertThat(dict.tensors().get("a.weight").floats()).containsExactly(1, -2, 3);
            assertThat(dict.tensors().get("steps").type()).isEqualTo(ElementType.I64);
            assertThat(dict.tensors().get("steps").floats()).containsExactly(9);
            assertThat(dict.tensors().get("empty").floats()).isEmpty();
            assertThat(dict.metadata()).containsOnly(Map.entry("note", "Gänse \"und\" <mehr>"));
        }
        assertThat(file.getParent()).isDirectoryContaining(file::equals);
        assertThat(file.getParent().toFile().list()).hasSize(1);
    }

    @Test
    void everyTensorBeginsAtAMultipleOfItsElementsSizeAsPyTorchWants() throws IOException {
        Path file = temporary.resolve("x.safetensors");
        Map<String, Tensor> tensors = tensors();
        try (StateDict types = StateDict.open(GoldenWeights.file("types-2.pth"))) {
            tensors.putAll(types.tensors());
            SafeTensors.write(file, tensors, Map.of());
        }
        try (FileBytes bytes = new FileBytes(file)) {
            SafeTensorsHeader header = SafeTensorsHeader.read(bytes);
            assertThat(header.data() % 8).isZero();
            assertThat(header.entries())
                    .hasSize(tensors.size())
                    .allMatch(e -> e.begin() % e.type().bytes() == 0);
        }
    }

    @Test
    void aFlippedBitInTheNumbersIsADamagedFile() throws IOException {
        Path file = temporary.resolve("x.safetensors");
        SafeTensors.write(file, tensors(), Map.of());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        assertThat(GoldenWeights.sentence(() -> StateDict.open(file))).contains("damaged");
    }

    @Test
    void aFailedWriteLeavesWhatStoodThereAndNothingBeside() throws IOException {
        Tensor broken =
                Tensor.of(
                        new Shape(2),
                        ElementType.F32,
                        () -> {
                            throw new IOException("The disk is gone.");
                        });
        for (String name : new String[] {"x.safetensors", "x.pth"}) {
            Path file = Files.writeString(temporary.resolve(name), "precious");
            Map<String, Tensor> tensors = tensors();
            tensors.put("broken", broken);
            assertThatThrownBy(
                            () -> {
                                if (name.endsWith("pth")) {
                                    TorchCheckpoint.write(file, tensors);
                                } else {
                                    SafeTensors.write(file, tensors, Map.of());
                                }
                            })
                    .hasMessage(file + " cannot be written: The disk is gone.");
            assertThat(file).hasContent("precious");
        }
        assertThat(temporary.toFile().list()).containsExactlyInAnyOrder("x.safetensors", "x.pth");
    }

    @Test
    void aTensorCannotBeCalledMetadata() {
        assertThatThrownBy(
                        () ->
                                SafeTensors.write(
                                        temporary.resolve("x"),
                                        Map.of("__metadata__", Tensor.scalar(1)),
                                        Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rename");
    }

    private static Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("a.weight", Tensor.of(new Shape(1, 3), new float[] {1, -2, 3}));
        tensors.put("steps", Tensor.scalar(9));
        tensors.put("empty", Tensor.of(new Shape(0, 4), new float[0]));
        tensors.put("ünicode", Tensor.of(new Shape(), () -> new float[] {0.5f}));
        return tensors;
    }

    private Path file(String header, int data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + json.length + data)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(json.length)
                        .put(json);
        return Files.write(temporary.resolve("made.safetensors"), bytes.array());
    }
}
