package org.mobilenetv3.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.util.JsonUtils;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.io.Reader;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.mobilenetv3.format.Tensor;

/** Files that PyTorch and safetensors wrote, and what is in them ({@code weights.py}). */
public final class GoldenWeights {

    private GoldenWeights() {}

    /** What PyTorch sees in a tensor, all numbers as 32-bit floats. */
    public record Expected(String type, long[] shape, double[] values) {}

    public static Path file(String name) {
        try {
            return Path.of(GoldenWeights.class.getResource("/golden/weights/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Map<String, Map<String, Expected>> expected() throws IOException {
        try (Reader reader = Files.newBufferedReader(file("expected.json"))) {
            return JsonUtils.GSON.fromJson(
                    reader, new TypeToken<Map<String, Map<String, Expected>>>() {}.getType());
        }
    }

    /** Names, types, shapes and numbers of a file, to the last bit. */
    public static Map<String, List<Object>> content(Path file) throws IOException {
        try (StateDict dict = StateDict.open(file)) {
            Map<String, List<Object>> content = new LinkedHashMap<>();
            for (Map.Entry<String, Tensor> entry : dict.tensors().entrySet()) {
                List<Object> parts = new ArrayList<>();
                parts.add(entry.getValue().type());
                parts.add(entry.getValue().shape());
                for (float value : entry.getValue().floats()) {
                    parts.add(Float.floatToRawIntBits(value));
                }
                content.put(entry.getKey(), parts);
            }
            return content;
        }
    }

    /** The sentence with which a call refuses. */
    public static String sentence(ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        assertThat(thrown).isInstanceOf(IOException.class);
        assertThat(thrown.getMessage()).endsWith(".").doesNotContain("\n", "null");
        return thrown.getMessage();
    }
}
