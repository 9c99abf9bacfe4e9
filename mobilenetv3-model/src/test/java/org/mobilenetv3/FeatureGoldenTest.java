package org.mobilenetv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mobilenetv3.MobileNetV3.Execution;
import org.mobilenetv3.runtime.TorchRuntime;

/**
 * Feature maps and embeddings beside those that torchvision computed in float64
 * (src/test/python/features.py).
 */
class FeatureGoldenTest {

    /** Of the largest sample, or of the norm. */
    private static final double TOLERANCE = 1e-5;

    /** One size's figures. */
    record Golden(
            double width,
            @SerializedName("timm_channels") List<Integer> timmChannels,
            @SerializedName("timm_strides") List<Integer> timmStrides,
            List<Case> cases) {}

    /** What one input gives. */
    record Case(long[] input, List<Figures> maps, Figures embedding) {}

    /** A tensor, every {@code step}-th value of it. */
    record Figures(long[] shape, double sum, double l2, int step, double[] samples) {
        void check(NDArray array) {
            assertThat(array.getShape()).isEqualTo(new Shape(shape));
            float[] values = array.toFloatArray();
            double squares = 0;
            double total = 0;
            for (float v : values) {
                squares += (double) v * v;
                total += v;
            }
            assertThat(Math.sqrt(squares)).isCloseTo(l2, within(TOLERANCE * l2));
            assertThat(total).isCloseTo(sum, within(TOLERANCE * l2 * Math.sqrt(values.length)));
            double rms = l2 / Math.sqrt(values.length);
            for (int i = 0; i < samples.length; i++) {
                assertThat((double) values[i * step])
                        .isCloseTo(samples[i], within(TOLERANCE * Math.max(rms, samples[i])));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"large, COMPILED", "large, EAGER", "small, COMPILED", "small, EAGER"})
    void equalsTorchvision(String size, Execution how) throws IOException {
        TorchRuntime.start();
        JniUtils.setGradMode(false);
        Golden golden = read(size);
        MobileNetV3.Builder builder = MobileNetV3.builder("mobilenet_v3_" + size);
        assertThat(builder.build().features().channels()).isEqualTo(golden.timmChannels);
        MobileNetV3 net = builder.optClasses(10).optWidth(golden.width).build();
        net.setExecution(how);
        FeaturePyramid pyramid = net.features();
        assertThat(pyramid.strides()).isEqualTo(golden.timmStrides);
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            net.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 96, 96));
            SeededWeights.fill(net);
            ParameterStore store = new ParameterStore(manager, false);
            assertThat(golden.cases).isNotEmpty();
            for (Case example : golden.cases) {
                Shape shape = new Shape(example.input);
                NDList x = new NDList(manager.create(SeededWeights.image(shape), shape));
                NDList maps = pyramid.forward(store, x, false);
                assertThat(maps).hasSameSizeAs(example.maps);
                for (int i = 0; i < maps.size(); i++) {
                    example.maps.get(i).check(maps.get(i));
                }
                example.embedding.check(net.embedding().forward(store, x, false).get(0));
            }
        }
    }

    private static Golden read(String size) throws IOException {
        String name = "/golden/features/" + size + ".json";
        try (Reader reader =
                new InputStreamReader(
                        FeatureGoldenTest.class.getResourceAsStream(name),
                        StandardCharsets.UTF_8)) {
            return new Gson().fromJson(reader, Golden.class);
        }
    }
}
