package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;

/**
 * The article's residual block of two dense convolutions: {@code relu(y * SE(y) + shortcut(x))}
 * with {@code y = conv2(conv1(x))}; {@code (N, in, H, W)} to {@code (N, out, ceil(H / stride),
 * ceil(W / stride))}.
 *
 * <p>State dict: {@code conv1.*, conv2.*}, then {@code se.fc1.*, se.fc2.*} if there is a gate, then
 * {@code shortcut.0.weight, shortcut.1.*} if the shape changes.
 */
public final class ResidualBlock extends TorchBlock {

    private final long in;
    private final ConvBlock conv1;
    private final ConvBlock conv2;
    private final SqueezeExcitation se;
    private final Chain shortcut;

    /**
     * Creates the block.
     *
     * @param in input channels
     * @param out output channels
     * @param kernel kernel size of both convolutions
     * @param stride stride of the first
     * @param useSe whether to gate the result by squeeze and excitation (reduction 4)
     */
    public ResidualBlock(long in, long out, int kernel, int stride, boolean useSe) {
        this(in, out, kernel, stride, useSe, Norm.PYTORCH);
    }

    /**
     * Creates the block.
     *
     * @param in input channels
     * @param out output channels
     * @param kernel kernel size of both convolutions
     * @param stride stride of the first
     * @param useSe whether to gate the result by squeeze and excitation (reduction 4)
     * @param norm epsilon and momentum of batch norm
     */
    public ResidualBlock(long in, long out, int kernel, int stride, boolean useSe, Norm norm) {
        this.in = in;
        conv1 =
                addChildBlock(
                        "conv1",
                        ConvBlock.builder(in, out, kernel).optStride(stride).optNorm(norm).build());
        conv2 = addChildBlock("conv2", ConvBlock.builder(out, out, kernel).optNorm(norm).build());
        se = useSe ? addChildBlock("se", SqueezeExcitation.article(out, out, 4)) : null;
        shortcut = addChildBlock("shortcut", new Chain());
        if (stride != 1 || in != out) {
            shortcut.add(Layers.conv(in, out, new Layers.Geometry(1, stride, stride, 0, 1), false));
            shortcut.add(Layers.batchNorm(out, norm));
        }
    }

    @Override
    protected NDArray compute(ParameterStore store, NDArray x, boolean training) {
        NDArray y;
        try (NDArray first = forward(conv1, store, x, training)) {
            y = forward(conv2, store, first, training);
        }
        if (se != null) {
            try (NDArray ungated = y;
                    NDArray gate = forward(se, store, y, training)) {
                y = ungated.mul(gate);
            }
        }
        NDArray skip = forward(shortcut, store, x, training);
        try (NDArray branch = y;
                NDArray sum = branch.add(skip)) {
            return Nonlinearity.RELU.apply(sum);
        } finally {
            if (skip != x) {
                skip.close();
            }
        }
    }

    @Override
    protected void checkInput(Shape input) {
        requireChannels(input, in);
    }

    @Override
    protected Shape outputShape(Shape input) {
        return conv2.outputShape(conv1.outputShape(input));
    }

    @Override
    protected void initializeChildren(ChildInitializer init, Shape input) {
        Shape output = init.accept(conv2, init.accept(conv1, input));
        if (se != null) {
            init.accept(se, output);
        }
        init.accept(shortcut, input);
    }
}
