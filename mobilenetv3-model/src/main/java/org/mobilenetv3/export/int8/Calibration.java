package org.mobilenetv3.export.int8;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobilenetv3.format.onnx.OnnxModel;
import org.mobilenetv3.trained.OnnxNet;

/** Watches a float net's values while it sees images, to find the range of each. */
final class Calibration implements AutoCloseable {

    private final QuantizedValues values;
    private final Map<String, ValueHistogram> histograms = new LinkedHashMap<>();
    private final OrtEnvironment environment;
    private final OrtSession session;

    /**
     * Starts with no image seen.
     *
     * @param model the float net
     * @param threads within one operation
     * @throws IOException if ONNX Runtime cannot run it
     */
    Calibration(OnnxModel model, int threads) throws IOException {
        environment = OnnxNet.environment();
        values = new QuantizedValues(model);
        values.names().forEach(value -> histograms.put(value, new ValueHistogram()));
        List<String> watched =
                values.names().stream().filter(v -> !v.equals(OnnxModel.INPUT)).toList();
        try (SessionOptions options = new SessionOptions()) {
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            options.setIntraOpNumThreads(threads);
            byte[] file = model.write(watched);
            session = environment.createSession(file, options);
        } catch (OrtException e) {
            throw failed(e);
        }
    }

    /**
     * Lets the net see images.
     *
     * @param batch one or more
     * @throws IOException if a value is no finite number
     */
    void see(ImageBatches.Batch batch) throws IOException {
        try (OnnxTensor input = OnnxTensor.createTensor(environment, batch.input(), batch.shape());
                OrtSession.Result result = session.run(Map.of(OnnxModel.INPUT, input))) {
            for (String value : values.names()) {
                boolean first = value.equals(OnnxModel.INPUT);
                OnnxTensor tensor = first ? input : (OnnxTensor) result.get(value).orElseThrow();
                count(value, tensor.getFloatBuffer());
            }
        } catch (OrtException e) {
            throw failed(e);
        }
    }

    private void count(String value, FloatBuffer numbers) throws IOException {
        try {
            histograms.get(value).add(numbers);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "The net cannot be quantized: of %s, %s; retrain it."
                            .formatted(value, e.getMessage()),
                    e);
        }
    }

    /** The range of each value, of all images seen so far. */
    Map<String, QuantizedRange> ranges() {
        Map<String, QuantizedRange> ranges = new LinkedHashMap<>();
        histograms.forEach(
                (value, seen) -> ranges.put(value, values.range(value, seen.low(), seen.high())));
        return ranges;
    }

    private static IOException failed(OrtException e) {
        return new IOException("ONNX Runtime failed: " + e.getMessage(), e);
    }

    @Override
    public void close() throws IOException {
        try {
            session.close();
        } catch (OrtException e) {
            throw failed(e);
        }
    }
}
