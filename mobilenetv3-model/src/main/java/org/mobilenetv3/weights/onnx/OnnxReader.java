package org.mobilenetv3.weights.onnx;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.onnx.OnnxModel;
import org.mobilenetv3.format.onnx.OnnxTensor;
import org.mobilenetv3.weights.NetWeights;
import org.mobilenetv3.weights.onnx.NetSearch.Candidate;

/**
 * Reads a MobileNetV3 from an ONNX file, whoever exported it: this project, PyTorch (torchvision's
 * and timm's nets) or PaddlePaddle (the text-direction classifier of PP-OCR).
 *
 * <p>Names in the file do not matter. The file's operations are compared one by one with those of
 * the nets here, wiring included, so that a net that computes something else is refused. Three
 * differences are taken into the weights, exactly up to rounding: h-sigmoid with PaddlePaddle's
 * slope 0.2 ({@code hardsigmoid(0.2 z + 0.5)} is the paper's of {@code 1.2 z}, so the layer before
 * is multiplied by 1.2), another epsilon of batch norm (the running variance takes the difference),
 * and batch norm that was folded.
 */
public final class OnnxReader {

    /** The format's name in {@link NetWeights#format()}. */
    public static final String FORMAT = "ONNX";

    private OnnxReader() {}

    /**
     * Reads a file.
     *
     * @param file an ONNX file with one input of {@code (N, C, H, W)} and one output
     * @return the net
     * @throws IOException in one sentence, if the file cannot be read, is damaged, or holds no
     *     MobileNetV3; says where it differs from the nearest
     */
    public static NetWeights read(Path file) throws IOException {
        return read(file, bytes -> read(file, bytes));
    }

    /**
     * Reads the constants of a file by their names, which this project's exports have from the
     * graph that they were made of.
     *
     * @param file an ONNX file, of whatever net
     * @return weights and other numbers
     * @throws IOException in one sentence, if the file cannot be read or is damaged
     */
    public static Map<String, OnnxTensor> constants(Path file) throws IOException {
        return read(file, OnnxModel::readConstants);
    }

    @FunctionalInterface
    private interface Content<T> {
        T of(ByteString bytes) throws IOException;
    }

    private static <T> T read(Path file, Content<T> content) throws IOException {
        if (Files.isRegularFile(file) && Files.size(file) > Integer.MAX_VALUE - 8) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s has %d bytes, but a MobileNetV3 has less than 2^31.",
                            file,
                            Files.size(file)));
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            return content.of(UnsafeByteOperations.unsafeWrap(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw new IOException(file + " is damaged or no ONNX file.", e);
        } catch (IOException e) {
            throw new IOException(
                    "%s cannot be read as a MobileNetV3: %s.".formatted(file, e.getMessage()), e);
        }
    }

    /**
     * Recognizes an ONNX file by its first field, the version of its form: a small number.
     *
     * @param head a file's first bytes
     * @return whether {@link #read} is worth trying
     */
    public static boolean isOnnx(byte... head) {
        return head.length > 1 && head[0] == 0x08 && head[1] > 0 && head[1] < 32;
    }

    private static NetWeights read(Path path, ByteString bytes) throws IOException {
        OnnxModel file = OnnxModel.read(bytes);
        NetGraph net = OnnxGraph.read(file);
        Candidate fit = NetSearch.search(net.graph(), file.metadata());
        List<String> facts = new ArrayList<>(net.facts());
        if (fit.values().isFolded()) {
            facts.add(
                    "Batch norm was folded into the weights before it: its running statistics are stand-ins, so train on with --freeze-norm true.");
        }
        if (fit.values().epsilons() > 0) {
            facts.add(
                    "Batch norm has another epsilon than the net here: the running variances took the difference, which computes the same.");
        }
        return new NetWeights(
                path,
                FORMAT,
                fit.architecture(),
                state(fit),
                file.metadata(),
                net.normalization(),
                facts,
                null,
                () -> {});
    }

    private static Map<String, Tensor> state(Candidate fit) {
        Map<String, Tensor> state = new LinkedHashMap<>();
        for (Pair<String, Parameter> entry : fit.net().getParameters()) {
            Shape shape = entry.getValue().getShape();
            Supplier<float[]> values = fit.values().values().get(entry.getKey());
            state.put(entry.getKey(), Tensor.of(shape, values.get()));
        }
        return state;
    }
}
