package org.mobilenetv3.trained;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.MobileNetV3;
import org.mobilenetv3.Presets;
import org.mobilenetv3.format.safetensors.SafeTensors;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.pretrained.KnownFiles;
import org.mobilenetv3.pretrained.Pretrained;
import org.mobilenetv3.runtime.TorchRuntime;
import org.mobilenetv3.weights.NetWeights;
import org.mobilenetv3.weights.onnx.OnnxReader;

/**
 * An opened file of weights of another program (PyTorch, safetensors, Paddle, ONNX) or of this one,
 * with what is known of its net. Close it after use: numbers are read when a net is made.
 *
 * @param weights the numbers, and the net that they fit
 * @param description what the file says, and what is customary where it says nothing
 * @param unspecified what the file left open
 */
public record WeightsFile(
        NetWeights weights, NetDescription description, Set<Unspecified> unspecified)
        implements Closeable {

    /** What a file of weights may leave open. */
    public enum Unspecified {
        /** Class names, and what images are brought to. */
        CLASSES_AND_SIZE,
        /** Mean and deviation of the input. */
        NORMALIZATION,
        /** Strides, activations, padding and epsilon. */
        FAMILY
    }

    /**
     * Opens a file.
     *
     * @param file a state dict in safetensors or as {@code torch.save} or {@code paddle.save} wrote
     *     it, or an ONNX file
     * @param family the architecture that the net is of, at whatever width; null for what the
     *     file's checksum ({@link Pretrained}), names, shapes, the file's name and timm's {@code
     *     config.json} beside it tell
     * @return its weights and their description
     * @throws IOException in one sentence, if the file is damaged or fits no net here
     * @throws IllegalArgumentException if a family is given for a file that tells it
     */
    public static WeightsFile open(Path file, Architecture family) throws IOException {
        boolean onnx = FileKind.of(file).name().startsWith("ONNX");
        Pretrained known = onnx || isOurs(file) ? null : known(file);
        Architecture wanted =
                family != null || known == null ? family : Presets.of(known.architecture());
        NetWeights weights =
                onnx
                        ? OnnxReader.read(file)
                        : wanted == null ? read(file) : NetWeights.open(file, wanted);
        try {
            Set<Unspecified> unspecified = EnumSet.noneOf(Unspecified.class);
            if (!NetDescription.isIn(weights.metadata())) {
                unspecified.add(Unspecified.CLASSES_AND_SIZE);
                if (weights.normalization().isEmpty()) {
                    unspecified.add(Unspecified.NORMALIZATION);
                }
                if (!onnx) {
                    unspecified.add(Unspecified.FAMILY);
                }
            }
            if (!unspecified.contains(Unspecified.FAMILY)) {
                requireNoFamily(file, family);
            }
            return new WeightsFile(
                    weights, Foreign.describe(weights, family != null, known), unspecified);
        } catch (IOException | RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    /**
     * Refuses the option to say of which architecture a net is.
     *
     * @param path what tells it itself
     * @param family null if the option was not given
     * @throws IllegalArgumentException if it was given
     */
    public static void requireNoFamily(Path path, Architecture family) {
        if (family != null) {
            throw new IllegalArgumentException(
                    "%s specifies its architecture, so --arch is not allowed.".formatted(path));
        }
    }

    /** Ours says so in its header, which spares the sum of the whole file. */
    private static boolean isOurs(Path file) throws IOException {
        return FileKind.of(file) == FileKind.SAFETENSORS
                && NetDescription.isIn(SafeTensors.metadata(file));
    }

    /**
     * What was published as this file; null if that is not known. A note is believed only if the
     * file is of such a net: another's may have been put under its name.
     */
    private static Pretrained known(Path file) throws IOException {
        KnownFiles.Match match = KnownFiles.identify(file).orElse(null);
        if (match == null || match.published()) {
            return match == null ? null : match.model();
        }
        Pretrained model = match.model();
        Architecture net = Presets.of(model.architecture()).withClasses(model.classes());
        try (NetWeights weights = NetWeights.open(file, net)) {
            return weights.architecture().name().equals(net.name())
                            && weights.architecture().classes() == net.classes()
                    ? model
                    : null;
        } catch (IOException e) { // it does not fit, or is damaged, which opening it says again
            return null;
        }
    }

    /** As the preset that timm's config.json tells, or the file's name if the weights fit it. */
    private static NetWeights read(Path file) throws IOException {
        String told = TimmConfig.beside(file).map(TimmConfig::architecture).orElse(null);
        if (told != null) {
            return NetWeights.open(file, named(told));
        }
        Architecture named = named(file.getFileName().toString());
        try {
            return NetWeights.open(file, named);
        } catch (IOException e) {
            if (named == null) {
                throw e;
            }
            return NetWeights.open(file, null); // anybody names files as they like
        }
    }

    /** The preset of timm's in a name; null if there is none. */
    private static Architecture named(String name) {
        String told = name.toLowerCase(Locale.ROOT);
        return Presets.names().stream()
                .filter(preset -> preset.contains("mobilenetv3_") && told.contains(preset))
                .max((a, b) -> Integer.compare(a.length(), b.length()))
                .map(Presets::of)
                .orElse(null);
    }

    /**
     * Puts other assumptions in place of the customary ones.
     *
     * @param other what is known of the net
     * @return the same weights, described otherwise
     */
    public WeightsFile with(NetDescription other) {
        return new WeightsFile(weights, other, unspecified);
    }

    /**
     * Makes the net.
     *
     * @param device where to put the weights
     * @return a model that holds a {@link MobileNetV3}; close it after use
     * @throws IOException in one sentence, if the numbers cannot be read or are not finite
     */
    public Model load(Device device) throws IOException {
        TorchRuntime.start();
        Model model = Model.newInstance(description.architecture().name(), device, "PyTorch");
        try {
            Preprocessing input = description.preprocessing();
            MobileNetV3 net = MobileNetV3.of(description.architecture(), input.normalization());
            // Memory that is not touched until the weights come.
            net.setInitializer((m, shape, type) -> m.create(shape, type), parameter -> true);
            net.initialize(
                    model.getNDManager(),
                    DataType.FLOAT32,
                    new Shape(1, input.channels(), input.height(), input.width()));
            weights.load(net, model.getNDManager());
            withoutGradients(net);
            model.setBlock(net);
            return model;
        } catch (IOException | RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /**
     * Switches gradients off: predictors need none, and a trainer switches them on again.
     *
     * @param net initialized
     */
    public static void withoutGradients(MobileNetV3 net) {
        for (Parameter parameter : net.getParameters().values()) {
            parameter.getArray().setRequiresGradient(false);
        }
    }

    @Override
    public void close() throws IOException {
        weights.close();
    }
}
