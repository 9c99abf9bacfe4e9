package org.mobilenetv3.format.pickle;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.format.ElementType;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.safetensors.SafeTensors;
import org.mobilenetv3.weights.GoldenWeights;
import org.mobilenetv3.weights.StateDict;

class TorchCheckpointTest {

    @TempDir private Path temporary;

    @Test
    void everyTypeAndViewSurvivesWritingInBothFormats() throws IOException {
        for (String name : new String[] {"types-4.pth", "views.pth"}) {
            Path source = GoldenWeights.file(name);
            Path torch = temporary.resolve("x.pth");
            Path safe = temporary.resolve("x.safetensors");
            try (StateDict dict = StateDict.open(source)) {
                TorchCheckpoint.write(torch, dict.tensors());
                SafeTensors.write(safe, dict.tensors(), Map.of());
            }
            assertThat(GoldenWeights.content(torch)).isEqualTo(GoldenWeights.content(source));
            assertThat(GoldenWeights.content(safe)).isEqualTo(GoldenWeights.content(source));
        }
    }

    @Test
    void theSameTensorsGiveTheSameFile() throws IOException {
        Map<String, Tensor> tensors = Map.of("a", Tensor.of(new Shape(2), new float[] {1, 2}));
        Path first = temporary.resolve("1.pth");
        Path second = temporary.resolve("2.pth");
        TorchCheckpoint.write(first, tensors);
        TorchCheckpoint.write(second, tensors);
        assertThat(first).hasSameBinaryContentAs(second);
    }

    @Test
    void thePickleIsThatOfAnOrderedDictOfTensorsAlone() throws IOException {
        Path file = temporary.resolve("x.pth");
        TorchCheckpoint.write(file, Map.of("a", Tensor.scalar(1)));
        try (ZipFile zip = new ZipFile(file.toFile());
                InputStream in = zip.getInputStream(zip.getEntry("archive/data.pkl"))) {
            Pickled.Dict dict = (Pickled.Dict) Unpickler.read(in.readAllBytes(), new TorchCalls());
            assertThat(dict.entries().get("a"))
                    .isInstanceOfSatisfying(
                            Pickled.View.class,
                            v -> assertThat(v.storage().type()).isEqualTo(ElementType.I64));
            assertThat(zip.stream().map(ZipEntry::getName))
                    .containsExactly(
                            "archive/data.pkl",
                            "archive/byteorder",
                            "archive/data/0",
                            "archive/version");
        }
    }

    @Test
    void aFlippedBitInTheNumbersIsADamagedFile() throws IOException {
        Path file = temporary.resolve("x.pth");
        TorchCheckpoint.write(file, Map.of("a", Tensor.of(new Shape(1), new float[] {1234.5f})));
        byte[] bytes = Files.readAllBytes(file);
        int at = find(bytes, new byte[] {0, 0x50, (byte) 0x9a, 0x44});
        bytes[at] ^= 1;
        Files.write(file, bytes);
        try (StateDict dict = StateDict.open(file)) {
            assertThat(GoldenWeights.sentence(dict.tensors().get("a")::floats))
                    .contains("damaged")
                    .contains(file.toString());
        }
    }

    private static int find(byte[] bytes, byte[] part) {
        for (int i = 0; i <= bytes.length - part.length; i++) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        throw new AssertionError("not there");
    }
}
