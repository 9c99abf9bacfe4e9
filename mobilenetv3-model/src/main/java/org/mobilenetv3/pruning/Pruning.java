package org.mobilenetv3.pruning;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.format.Tensor;
import org.mobilenetv3.trained.ElasticPackage;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.PackageNet;
import org.mobilenetv3.trained.WeightsFile;
import org.mobilenetv3.weights.NetWeights;

/**
 * A trained net without some of its channels.
 *
 * @param net the pruned net; the caller closes it
 * @param difference of its logits from those of the whole net with the removed channels masked, the
 *     largest over random images, relative to the largest logit if that is above 1
 */
public record Pruning(PackageNet net, double difference) {

    /** The largest difference that is rounding. */
    public static final double TOLERANCE = 1e-5;

    /** The provenance's key of what was removed. */
    public static final String PROVENANCE = "pruned";

    private static final int IMAGES = 4;

    /**
     * Removes channels and checks the result against the whole net with those channels masked.
     *
     * @param whole the net
     * @param cut which channels stay
     * @param how what the pruned net's provenance says beside the whole one's: criterion, target
     * @return the pruned net
     * @throws IOException if the parameters cannot be read, or the two nets answer differently
     */
    public static Pruning of(PackageNet whole, Cut cut, Map<String, Object> how)
            throws IOException {
        Map<String, Tensor> tensors = tensors(whole);
        NetDescription description = whole.description();
        Map<String, Object> provenance = new LinkedHashMap<>(description.provenance());
        // What was measured, was measured with the whole net.
        provenance.remove("metrics");
        provenance.remove(ElasticPackage.PROVENANCE);
        provenance.remove(NetDescription.PRETRAINED);
        provenance.put(PROVENANCE, how);
        PackageNet pruned =
                open(
                        new NetDescription(
                                cut.architecture(),
                                description.preprocessing(),
                                true,
                                description.classes(),
                                provenance),
                        cut.pruned(tensors),
                        device(whole));
        try (PackageNet masked = masked(whole, cut)) {
            double difference = difference(pruned, masked);
            if (!(difference <= TOLERANCE)) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "The pruned net's logits differ by %.1e from those of the net whose channels are masked; nothing was written.",
                                difference));
            }
            return new Pruning(pruned, difference);
        } catch (IOException | RuntimeException e) {
            pruned.close();
            throw e;
        }
    }

    /**
     * Keeps a net's shapes, but sets the channels to zero that would be removed: it answers as the
     * pruned net does.
     *
     * @param whole the net
     * @param cut which channels stay
     * @return another net; the caller closes it
     * @throws IOException if the parameters cannot be read
     */
    public static PackageNet masked(PackageNet whole, Cut cut) throws IOException {
        return open(whole.description(), cut.masked(tensors(whole)), device(whole));
    }

    private static Device device(PackageNet net) {
        return net.block().getParameters().valueAt(0).getArray().getDevice();
    }

    /**
     * Reads a net's state dict.
     *
     * @param net a trained net
     * @return copies of its parameters and running statistics, by name
     */
    public static Map<String, Tensor> tensors(PackageNet net) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Pair<String, Parameter> p : net.block().getParameters()) {
            float[] values = p.getValue().getArray().toFloatArray();
            tensors.put(p.getKey(), Tensor.of(p.getValue().getShape(), values));
        }
        return tensors;
    }

    /**
     * Makes a net of a state dict.
     *
     * @param description of the net; its architecture is the state dict's
     * @param tensors the state dict
     * @param device where to put it
     * @return the net; close it after use
     * @throws IOException if the tensors cannot be read
     */
    public static PackageNet open(
            NetDescription description, Map<String, Tensor> tensors, Device device)
            throws IOException {
        Architecture net = description.architecture();
        NetWeights weights =
                new NetWeights(
                        Path.of(net.name()),
                        "",
                        net,
                        tensors,
                        Map.of(),
                        Optional.empty(),
                        List.of(),
                        null,
                        () -> {});
        return PackageNet.open(new WeightsFile(weights, description, Set.of()), device);
    }

    /**
     * Compares the answers of two nets to random images.
     *
     * @param one a net
     * @param other a net with the same input
     * @return the largest difference of their logits, relative to the largest logit if that is
     *     above 1
     */
    public static double difference(PackageNet one, PackageNet other) {
        var input = one.description().preprocessing();
        Shape shape = new Shape(IMAGES, input.channels(), input.height(), input.width());
        float[] images = new float[Math.toIntExact(shape.size())];
        Random random = new Random(1);
        for (int i = 0; i < images.length; i++) {
            images[i] = random.nextFloat();
        }
        float[] a = one.logits(FloatBuffer.wrap(images), shape);
        float[] b = other.logits(FloatBuffer.wrap(images), shape);
        double largest = 1;
        double difference = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(b[i]));
            difference = Math.max(difference, Math.abs((double) a[i] - b[i]));
        }
        return difference / largest;
    }
}
