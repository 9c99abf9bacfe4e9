package org.mobilenetv3;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import com.google.gson.annotations.SerializedName;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.image.Normalization;
import org.mobilenetv3.nn.Chain;
import org.mobilenetv3.torchscript.CompiledNet;
import org.mobilenetv3.torchscript.Precision;

/**
 * MobileNetV3, {@code (N, C, H, W)} images to {@code (N, classes)} logits, or to what else its
 * {@link Task} says: the net of any {@link Architecture}, which may be MobileNetV2's or one of your
 * own.
 *
 * <p>{@code MobileNetV3.large().optClasses(10).optStemStride(1).build()} gives a DJL block for
 * {@code Model.setBlock}. Its parameters carry the state-dict names of torchvision or of the
 * article's code, as the architecture says, and are initialized as torchvision's.
 */
public final class MobileNetV3 extends Chain {

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
        @SerializedName(value = "EAGER", alternate = "OP_BY_OP") // version 0.1's
        EAGER
    }

    private final transient Architecture architecture;
    private final transient Normalization normalization;
    private transient CompiledNet compiled;

    private MobileNetV3(Architecture architecture, Normalization normalization, float momentum) {
        super(new NetLayers(architecture, momentum).all());
        this.architecture = architecture;
        this.normalization = normalization;
        compiled = compiled(null);
    }

    /** Photographs that are taken as a whole have sizes of their own. */
    private CompiledNet compiled(Precision precision) {
        return new CompiledNet(this, precision, architecture.task() == Task.SEGMENT);
    }

    /**
     * Starts a Large net, {@code mobilenet_v3_large} of the {@link Presets}: 1000 classes, width 1,
     * dropout 0.2, 3 input channels, stem stride 2.
     *
     * @return a builder
     */
    public static Builder large() {
        return new Builder("mobilenet_v3_large");
    }

    /**
     * Starts a Small net, {@code mobilenet_v3_small}, with the same defaults as {@link #large()}.
     *
     * @return a builder
     */
    public static Builder small() {
        return new Builder("mobilenet_v3_small");
    }

    /**
     * Starts a net of a preset.
     *
     * @param preset one of {@link Presets#names()}
     * @return a builder
     */
    public static Builder builder(String preset) {
        return new Builder(preset);
    }

    /**
     * Builds the net that an architecture describes, for inputs that are normalized already.
     *
     * @param architecture the table
     * @return the net, not initialized
     */
    public static MobileNetV3 of(Architecture architecture) {
        return new MobileNetV3(architecture, null, 0);
    }

    /**
     * Builds the net that an architecture describes, for pixels in [0, 1] that it normalizes
     * itself: whoever feeds a trained net cannot forget to.
     *
     * @param architecture the table, for instance from a model package
     * @param normalization mean and deviation of each input channel
     * @return the net, not initialized
     * @throws IllegalArgumentException if the channels differ
     */
    public static MobileNetV3 of(Architecture architecture, Normalization normalization) {
        return of(architecture, normalization, 0);
    }

    /**
     * Builds a net as {@link #of(Architecture, Normalization)} does, to be trained with another
     * momentum of batch norm than the published one.
     *
     * @param architecture the table
     * @param normalization mean and deviation of each input channel
     * @param normMomentum share of a batch's statistics in the running ones, as PyTorch's; 0 for
     *     the net's own, 0.01 of torchvision's nets and 0.1 of most others
     * @return the net, not initialized
     * @throws IllegalArgumentException if the channels differ or the momentum is not of 0 to 1
     */
    public static MobileNetV3 of(
            Architecture architecture, Normalization normalization, float normMomentum) {
        if (!(normMomentum >= 0 && normMomentum <= 1)) {
            throw new IllegalArgumentException(
                    "Batch norm's momentum is %s, but it is a share of 0 to 1."
                            .formatted(normMomentum));
        }
        if (normalization.channels() != architecture.inputChannels()) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "A net with %d input channels cannot normalize %d.",
                            architecture.inputChannels(),
                            normalization.channels()));
        }
        return new MobileNetV3(architecture, normalization, normMomentum);
    }

    /**
     * Returns the table that this net was built from.
     *
     * @return the architecture
     */
    public Architecture architecture() {
        return architecture;
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
                    case COMPILED -> compiled(null);
                    case TF32 -> compiled(Precision.TF32);
                    case BF16 -> compiled(Precision.BF16);
                    case FP16 -> compiled(Precision.FP16);
                    case EAGER -> null;
                };
        return this;
    }

    /**
     * Returns the compiled net, for training in fewer calls than {@code forward} and backward.
     *
     * @return empty if the net is computed operation by operation
     */
    public Optional<CompiledNet> compiled() {
        return Optional.ofNullable(compiled);
    }

    /**
     * Returns the net's feature maps, for detection and segmentation: a block that shares this
     * net's parameters and is computed as this net is.
     *
     * @return {@code (N, C, H, W)} images to one map per stride
     * @throws IllegalArgumentException if the net does not classify
     */
    public FeaturePyramid features() {
        return new FeaturePyramid(this);
    }

    /**
     * Returns what the last layer reads, without dropout: a block that shares this net's parameters
     * and is computed as this net is.
     *
     * @return {@code (N, C, H, W)} images to {@code (N, D)}; D is 1280 in Large and 1024 in Small,
     *     times the width
     * @throws IllegalArgumentException if the net does not classify
     */
    public Block embedding() {
        return Stage.embedding(this);
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
        return normalizing(x, input -> super.compute(store, input, training));
    }

    /** Computes from what the first layer reads: the input itself if it comes normalized. */
    NDArray normalizing(NDArray x, UnaryOperator<NDArray> layers) {
        if (normalization == null) {
            return layers.apply(x);
        }
        Shape perChannel = new Shape(1, architecture.inputChannels(), 1, 1);
        NDManager manager = x.getManager();
        // The copy is libtorch's own memory, which autograd may keep if the input has a gradient.
        try (NDArray mean = manager.create(normalization.mean(), perChannel);
                NDArray wrapped = manager.create(normalization.std(), perChannel);
                NDArray std = wrapped.duplicate();
                NDArray centered = x.sub(mean);
                NDArray normalized = centered.div(std)) {
            return layers.apply(normalized);
        }
    }

    @Override
    protected void checkInput(Shape input) {
        int minimum = architecture.minimumInputSize();
        if (input.dimension() != 4 || input.get(1) != architecture.inputChannels()) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "MobileNetV3 was built for %d input channels, so it takes (N, %d, H, W), but was given %s",
                            architecture.inputChannels(),
                            architecture.inputChannels(),
                            input));
        }
        if (input.get(2) < minimum || input.get(3) < minimum) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "MobileNetV3 with stem stride %d takes images of at least %dx%d pixels but was given %dx%d",
                            architecture.stem().stride(),
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
                                .formatted(
                                        p.getKey(), p.getValue().getShape(), architecture, wanted));
            }
        }
    }

    /** Builds a preset with some of its numbers changed. */
    public static final class Builder {
        private final String preset;
        private Double width;
        private Integer classes;
        private Float dropout;
        private int inputChannels = 3;
        private int stemStride = 2;

        private Builder(String preset) {
            this.preset = preset;
        }

        /**
         * Sets the width multiplier; channels are rounded as the preset's library does.
         *
         * @param width above 0
         * @return this builder
         */
        public Builder optWidth(double width) {
            this.width = width;
            return this;
        }

        /**
         * Sets the number of classes, by default the preset's: 1000 in nets that classify.
         *
         * @param classes as in {@link Architecture#classes()}
         * @return this builder
         */
        public Builder optClasses(int classes) {
            this.classes = classes;
            return this;
        }

        /**
         * Sets dropout before the last layer, by default the preset's: 0.2, none in the article's.
         *
         * @param dropout share dropped in training, from 0 to below 1
         * @return this builder
         */
        public Builder optDropout(float dropout) {
            this.dropout = dropout;
            return this;
        }

        /**
         * Sets the number of input channels, 3 by default.
         *
         * @param inputChannels 1 for gray images
         * @return this builder
         */
        public Builder optInputChannels(int inputChannels) {
            this.inputChannels = inputChannels;
            return this;
        }

        /**
         * Sets the stride of the first convolution, 2 by default; 1 suits images of about 32×32.
         *
         * @param stemStride 1 or 2
         * @return this builder
         */
        public Builder optStemStride(int stemStride) {
            this.stemStride = stemStride;
            return this;
        }

        /**
         * Builds the net.
         *
         * @return the net, not initialized
         * @throws IllegalArgumentException if there is no such preset, or a value is out of range
         */
        public MobileNetV3 build() {
            return of(architecture());
        }

        /**
         * Returns the table without building the net.
         *
         * @return the preset with the choices so far
         * @throws IllegalArgumentException if there is no such preset, or a value is out of range
         */
        public Architecture architecture() {
            Architecture table = width == null ? Presets.of(preset) : Presets.of(preset, width);
            Architecture chosen =
                    table.withClasses(classes == null ? table.classes() : classes)
                            .withInputChannels(inputChannels)
                            .withStemStride(stemStride);
            return dropout == null ? chosen : chosen.withDropout(dropout);
        }
    }
}
