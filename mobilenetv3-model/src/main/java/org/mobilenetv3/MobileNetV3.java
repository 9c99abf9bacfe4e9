package org.mobilenetv3;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.nn.Chain;
import org.mobilenetv3.torchscript.CompiledNet;
import org.mobilenetv3.torchscript.Precision;

/**
 * MobileNetV3, {@code (N, C, H, W)} images to {@code (N, classes)} logits.
 *
 * <p>{@code MobileNetV3.large().optClasses(10).optStemStride(1).build()} gives a DJL block for
 * {@code Model.setBlock}. Its parameters carry the state-dict names of torchvision (paper variant)
 * or of the article's code (article variant), and are initialised as torchvision's.
 */
public final class MobileNetV3 extends Chain {

    /** Which of the two nets. */
    public enum Size {
        /** The larger, more accurate net. */
        LARGE,
        /** The smaller, faster net (in the article it is the larger one). */
        SMALL
    }

    /** Whose net. */
    public enum Variant {
        /** The published MobileNetV3 (arXiv 1905.02244), as torchvision builds it. */
        PAPER,
        /** The net of the web article that this project grew from (docs/article.md). */
        ARTICLE
    }

    /** How a net is computed. */
    public enum Execution {
        /** As one native call, in 32-bit floats. */
        COMPILED,
        /** As {@link #COMPILED}, but a GPU may round the factors of products to TF32. */
        TF32,
        /** As one native call, in bfloat16 where that is safe; weights stay in 32 bits. */
        BF16,
        /** As one native call, in IEEE half where that is safe; weights stay in 32 bits. */
        FP16,
        /** One native call per operation, as DJL's own blocks. */
        OP_BY_OP
    }

    private final transient MobileNetV3Config config;
    private final transient Normalization normalization;
    private transient CompiledNet compiled = new CompiledNet(this, null);

    private MobileNetV3(MobileNetV3Config config, Normalization normalization, float momentum) {
        this.config = config;
        this.normalization = normalization;
        switch (config.variant()) {
            case PAPER -> Architecture.paper(this, config, momentum);
            case ARTICLE -> Architecture.article(this, config, momentum);
        }
    }

    /**
     * Starts a Large net: paper variant, 1000 classes, width 1, dropout 0.2, 3 input channels, stem
     * stride 2.
     *
     * @return a builder
     */
    public static MobileNetV3Builder large() {
        return new MobileNetV3Builder(Size.LARGE);
    }

    /**
     * Starts a Small net with the same defaults as {@link #large()}.
     *
     * @return a builder
     */
    public static MobileNetV3Builder small() {
        return new MobileNetV3Builder(Size.SMALL);
    }

    /**
     * Builds the net that a configuration describes, for inputs that are normalised already.
     *
     * @param config the choices
     * @return the net, not initialised
     */
    public static MobileNetV3 of(MobileNetV3Config config) {
        return new MobileNetV3(config, null, 0);
    }

    /**
     * Builds the net that a configuration describes, for pixels in [0, 1] that it normalises
     * itself: whoever feeds a trained net cannot forget to.
     *
     * @param config the choices, for instance from a model package
     * @param normalization mean and deviation of each input channel
     * @return the net, not initialised
     * @throws IllegalArgumentException if the channels differ
     */
    public static MobileNetV3 of(MobileNetV3Config config, Normalization normalization) {
        return of(config, normalization, 0);
    }

    /**
     * Builds a net as {@link #of(MobileNetV3Config, Normalization)} does, to be trained with
     * another momentum of batch norm than the published one.
     *
     * @param config the choices
     * @param normalization mean and deviation of each input channel
     * @param normMomentum share of a batch's statistics in the running ones, as PyTorch's; 0 for
     *     the net's own, 0.01 of torchvision's nets and 0.1 of the others
     * @return the net, not initialised
     * @throws IllegalArgumentException if the channels differ or the momentum is not of 0 to 1
     */
    public static MobileNetV3 of(
            MobileNetV3Config config, Normalization normalization, float normMomentum) {
        if (!(normMomentum >= 0 && normMomentum <= 1)) {
            throw new IllegalArgumentException(
                    "Batch norm's momentum is %s, but it is a share of 0 to 1."
                            .formatted(normMomentum));
        }
        if (normalization.channels() != config.inputChannels()) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "A net with %d input channels cannot normalise %d.",
                            config.inputChannels(),
                            normalization.channels()));
        }
        return new MobileNetV3(config, normalization, normMomentum);
    }

    /**
     * Gives the choices that this net was built with.
     *
     * @return the configuration
     */
    public MobileNetV3Config config() {
        return config;
    }

    /**
     * Chooses how the net is computed; at first it is compiled, in 32-bit floats.
     *
     * @param execution how
     * @return this net
     */
    public MobileNetV3 setExecution(Execution execution) {
        compiled =
                switch (execution) {
                    case COMPILED -> new CompiledNet(this, null);
                    case TF32 -> new CompiledNet(this, Precision.TF32);
                    case BF16 -> new CompiledNet(this, Precision.BF16);
                    case FP16 -> new CompiledNet(this, Precision.FP16);
                    case OP_BY_OP -> null;
                };
        return this;
    }

    /**
     * Gives the compiled net, for training in fewer calls than {@code forward} and backward.
     *
     * @return empty if the net is computed operation by operation
     */
    public Optional<CompiledNet> compiled() {
        return Optional.ofNullable(compiled);
    }

    /**
     * Gives the net's feature maps, for detection and segmentation: a block that shares this net's
     * parameters and is computed as this net is.
     *
     * @return {@code (N, C, H, W)} images to one map per stride
     */
    public FeaturePyramid features() {
        return new FeaturePyramid(this);
    }

    /**
     * Gives what the last layer reads, without dropout: a block that shares this net's parameters
     * and is computed as this net is.
     *
     * @return {@code (N, C, H, W)} images to {@code (N, D)}; D is 1280 in Large and 1024 in Small,
     *     times the width
     */
    public Block embedding() {
        return Stretch.embedding(this);
    }

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        // Gradients with respect to the image are for the operations one by one.
        if (compiled != null && !Graph.isTraced(x) && (training || !x.hasGradient())) {
            return compiled.forward(store, x, training);
        }
        return operations(store, x, training);
    }

    private NDArray operations(ParameterStore store, NDArray x, boolean training) {
        NDArray normalized = normalized(x);
        try {
            return super.compute(store, normalized, training);
        } finally {
            if (normalized != x) {
                normalized.close();
            }
        }
    }

    /** What the first layer reads: the input itself if this net takes normalised ones. */
    NDArray normalized(NDArray x) {
        if (normalization == null) {
            return x;
        }
        Shape perChannel = new Shape(1, config.inputChannels(), 1, 1);
        NDManager manager = x.getManager();
        // The copy is libtorch's own memory, which autograd may keep if the input has a gradient.
        try (NDArray mean = manager.create(normalization.mean(), perChannel);
                NDArray javas = manager.create(normalization.std(), perChannel);
                NDArray std = javas.duplicate();
                NDArray centred = x.sub(mean)) {
            return centred.div(std);
        }
    }

    @Override
    protected void checkInput(Shape input) {
        int minimum = config.minimumInputSize();
        if (input.dimension() != 4 || input.get(1) != config.inputChannels()) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "MobileNetV3 was built for %d input channels, so it takes (N, %d, H, W), but was given %s",
                            config.inputChannels(),
                            config.inputChannels(),
                            input));
        }
        if (input.get(2) < minimum || input.get(3) < minimum) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "MobileNetV3 with stem stride %d takes images of at least %dx%d pixels but was given %dx%d",
                            config.stemStride(),
                            minimum,
                            minimum,
                            input.get(3),
                            input.get(2)));
        }
    }

    /**
     * Reads the parameters and refuses those of another architecture.
     *
     * @throws MalformedModelException names the first parameter that does not fit
     */
    @Override
    public void loadParameters(NDManager manager, DataInputStream is)
            throws IOException, MalformedModelException {
        Map<String, Shape> expected = new LinkedHashMap<>();
        getParameters().forEach(p -> expected.put(p.getKey(), p.getValue().getShape()));
        try {
            super.loadParameters(manager, is);
        } catch (EOFException e) {
            throw new MalformedModelException("The parameter file ends too early.", e);
        }
        for (Pair<String, Parameter> p : getParameters()) {
            Shape wanted = expected.get(p.getKey());
            if (!p.getValue().isInitialized() || !p.getValue().getShape().equals(wanted)) {
                throw new MalformedModelException(
                        "The parameter file is of another architecture: %s is %s but %s has %s."
                                .formatted(p.getKey(), p.getValue().getShape(), config, wanted));
            }
        }
    }
}
