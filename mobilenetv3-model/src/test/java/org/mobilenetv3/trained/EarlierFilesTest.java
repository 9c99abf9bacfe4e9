package org.mobilenetv3.trained;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.net.URISyntaxException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.Presets;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.preprocessing.Preprocessing;

/**
 * Files that an earlier version wrote (commit cc933d3: form 1, in which an architecture was size,
 * variant, width and dialect) mean the same today.
 */
class EarlierFilesTest {

    /** What that version answered; other processors round otherwise. */
    private static final float[] LOGITS = {
        -1.5951314f, -1.0672479f, -0.11220344f, -0.82286566f, 0.684385f,
        -1.5803134f, -0.9059354f, 0.404053f, 2.2838337f, -1.0451368f,
        -1.4793115f, -1.1353053f, 0.14262983f, -0.7953929f, 0.5018671f,
        -1.3940398f, -0.6878573f, 0.6693487f, 1.9059134f, -0.92423964f
    };

    private static final float LARGEST = 2.2838337f;

    @ParameterizedTest
    @CsvSource({"package, PACKAGE", "paper.onnx, ONNX_EXPORT", "paper.safetensors, SAFETENSORS"})
    void isOpenedAsTheSameNetAndAnswersTheSame(String name, FileKind kind) throws Exception {
        Path file = file(name);
        assertThat(FileKind.of(file)).isEqualTo(kind);
        float[] x = new float[2 * 3 * 40 * 48];
        for (int i = 0; i < x.length; i++) {
            x[i] = i * 7919L % 1009 / 1009f;
        }
        try (TrainedNet net = TrainedNet.open(file, Device.cpu(), 1)) {
            NetDescription read = net.description();
            assertThat(read.architecture())
                    .isEqualTo(
                            Presets.of("mobilenet_v3_small", 0.05)
                                    .withClasses(10)
                                    .withStemStride(1));
            assertThat(read.preprocessing())
                    .isEqualTo(new Preprocessing(32, 32, Normalization.uniform(3, 0.5f, 0.29f)));
            assertThat(read.normalizes()).isTrue();
            assertThat(read.classes())
                    .containsExactly(
                            "circle",
                            "square",
                            "triangle",
                            "cross",
                            "ring",
                            "star",
                            "crescent",
                            "stripes",
                            "checkers",
                            "arrow");
            assertThat(read.provenance()).containsEntry("dataset", "shapes");
            assertThat(net.notes()).isEmpty();
            assertThat(net.logits(FloatBuffer.wrap(x), new Shape(2, 3, 40, 48)))
                    .containsExactly(LOGITS, Offset.offset(1e-6f * LARGEST));
        }
    }

    private static Path file(String name) throws URISyntaxException {
        return Path.of(EarlierFilesTest.class.getResource("earlier/" + name).toURI());
    }
}
