package org.mobilenetv3.export;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.export.ExportReport.Difference;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.format.pickle.TorchCheckpoint;
import org.mobilenetv3.format.safetensors.SafeTensors;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.NetWithWeights;
import org.mobilenetv3.trained.WeightsFile;

/**
 * Writes trained weights as a state dict for another program. The file is written beside its place,
 * loaded into a net again and compared; only then is it moved into place.
 *
 * <p>Where the other program's batch norm has another epsilon, the scale makes up for it, so that
 * its net answers the same: {@code scale' = scale * sqrt((variance + theirs) / (variance + ours))}.
 *
 * @param format whose names, and whose net
 */
public record WeightsExporter(WeightsFormat format) {

    private static final String SCALE = ".weight";
    private static final String VARIANCE = ".running_var";

    /** LR-ASPP's head has an epsilon of its own, the same everywhere. */
    private static final String OWN_NORM = "classifier.cbr.";

    private static final String COUNTER = ".num_batches_tracked";

    /**
     * Exports weights. For {@link WeightsFormat#SAFETENSORS} and names that end in {@code
     * .safetensors} the file is one; any other is PyTorch's.
     *
     * @param net the net, which computes operation by operation from then on
     * @param target the file to make or to replace
     * @return what was written and how close it is
     * @throws IOException if the file cannot be written or its net answers otherwise; what stood at
     *     the target then stays
     * @throws IllegalArgumentException if the other program has no such net
     */
    public ExportReport export(NetWithWeights net, Path target) throws IOException {
        Architecture theirs = theirs(net.description().architecture());
        Map<String, Tensor> tensors = tensors(net, theirs);
        NetDescription description = description(net, theirs);
        Difference difference =
                Verified.write(
                        target,
                        net,
                        beside -> write(beside, target, tensors, description),
                        beside -> open(beside, target, theirs, net));
        return new ExportReport(
                target,
                format.toString(),
                isSafetensors(target) ? "safetensors" : "PyTorch's ZIP, protocol 2",
                Files.size(target),
                description,
                difference);
    }

    /**
     * The file's batch norm is the other program's, so that is the net which it must be read as.
     */
    private static NetDescription description(NetWithWeights net, Architecture theirs) {
        return net.description().withArchitecture(theirs).withNormalizes(false);
    }

    private Architecture theirs(Architecture ours) {
        return format.theirs(ours)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "%s has no net like this (%s); use --format safetensors."
                                                .formatted(format, ours)));
    }

    /** In the order and with the counters of PyTorch's state dict. */
    private Map<String, Tensor> tensors(NetWithWeights net, Architecture theirs) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (Pair<String, Parameter> p : net.block().getParameters()) {
            arrays.put(p.getKey(), p.getValue().getArray());
        }
        double from = net.description().architecture().conventions().norm().epsilon();
        double to = theirs.conventions().norm().epsilon();
        Map<String, String> names = format.names(theirs).of(theirs, List.copyOf(arrays.keySet()));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        arrays.forEach(
                (ours, array) -> {
                    String name = names.get(ours);
                    NDArray variance = variance(arrays, ours);
                    Tensor tensor =
                            from == to || variance == null
                                    ? Tensor.of(shape(name, array), array::toFloatArray)
                                    : Tensor.of(
                                            shape(name, array),
                                            () -> rescaled(array, variance, from, to));
                    tensors.put(name, tensor);
                    if (format != WeightsFormat.SAFETENSORS && name.endsWith(VARIANCE)) {
                        tensors.put(name.replace(VARIANCE, COUNTER), Tensor.scalar(0));
                    }
                });
        return tensors;
    }

    /** timm's hidden layer is a 1×1 convolution. */
    private static Shape shape(String name, NDArray array) {
        Shape shape = array.getShape();
        return "conv_head.weight".equals(name) ? shape.addAll(new Shape(1, 1)) : shape;
    }

    /** The running variance that belongs to a batch norm's scale; null for other parameters. */
    private static NDArray variance(Map<String, NDArray> arrays, String name) {
        return name.endsWith(SCALE) && !name.startsWith(OWN_NORM)
                ? arrays.get(name.substring(0, name.length() - SCALE.length()) + VARIANCE)
                : null;
    }

    private static float[] rescaled(NDArray scale, NDArray variance, double from, double to) {
        float[] values = scale.toFloatArray();
        float[] variances = variance.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    (float) (values[i] * Math.sqrt((variances[i] + to) / (variances[i] + from)));
        }
        return values;
    }

    private void write(
            Path beside, Path target, Map<String, Tensor> tensors, NetDescription description)
            throws IOException {
        if (isSafetensors(target)) {
            SafeTensors.write(beside, tensors, description.toMetadata());
        } else {
            TorchCheckpoint.write(beside, tensors);
        }
    }

    private boolean isSafetensors(Path file) {
        return format == WeightsFormat.SAFETENSORS
                || file.toString()
                        .toLowerCase(Locale.ROOT)
                        .endsWith(WeightsFormat.SAFETENSORS.extension());
    }

    /** The written weights as anybody reads them, but with what a bare state dict does not tell. */
    private NetWithWeights open(Path beside, Path target, Architecture theirs, NetWithWeights net)
            throws IOException {
        boolean told = isSafetensors(target);
        WeightsFile file = WeightsFile.open(beside, told ? null : theirs);
        NetDescription bare =
                new NetDescription(
                        theirs,
                        net.description().preprocessing(),
                        true,
                        net.description().classes(),
                        Map.of());
        return NetWithWeights.open(told ? file : file.with(bare));
    }
}
