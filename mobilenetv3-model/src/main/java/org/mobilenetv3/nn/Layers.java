package org.mobilenetv3.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.initializer.Initializer;

/** DJL's own layers with torchvision's initialization and all parameter shapes set. */
public final class Layers {

    private static final Initializer NORMAL_0_01 =
            (manager, shape, type) -> manager.randomNormal(0f, 0.01f, shape, type);

    private Layers() {}

    /**
     * Creates a square convolution, {@code (N, in, H, W)} to {@code (N, out, H', W')}, with
     * kaiming-normal (fan out) weights and, if any, zero bias.
     *
     * @param in input channels
     * @param out output channels
     * @param geometry kernel, stride, padding and groups
     * @param bias whether a bias is added
     * @return the layer
     */
    static Conv2d conv(long in, long out, Geometry geometry, boolean bias) {
        Shape kernel = new Shape(geometry.kernel, geometry.kernel);
        Conv2d conv =
                Conv2d.builder()
                        .setFilters(Math.toIntExact(out))
                        .setKernelShape(kernel)
                        .optStride(new Shape(geometry.rowStride, geometry.columnStride))
                        .optPadding(new Shape(geometry.padding, geometry.padding))
                        .optDilation(new Shape(geometry.dilation, geometry.dilation))
                        .optGroups(geometry.groups)
                        .optBias(bias)
                        .build();
        conv.setInitializer(Layers::kaimingNormalFanOut, Parameter.Type.WEIGHT);
        setShape(conv, "weight", new Shape(out, in / geometry.groups).addAll(kernel));
        if (bias) {
            setShape(conv, "bias", new Shape(out));
        }
        return conv;
    }

    /**
     * The geometry of a square convolution.
     *
     * @param kernel side in pixels
     * @param rowStride pixels from row to row
     * @param columnStride pixels from column to column
     * @param padding zero pixels on each side
     * @param dilation pixels between two taps of the kernel
     * @param groups channel groups
     */
    record Geometry(
            int kernel, int rowStride, int columnStride, int padding, int dilation, int groups) {
        static final Geometry POINTWISE = new Geometry(1, 1, 1, 0, 1, 1);

        boolean isStrided() {
            return rowStride != 1 || columnStride != 1;
        }

        Geometry withPadding(int other) {
            return new Geometry(kernel, rowStride, columnStride, other, dilation, groups);
        }

        /**
         * The zeros that TensorFlow's SAME adds to an axis of so many pixels, both sides together.
         */
        int same(long size, int stride) {
            long steps = (size + stride - 1) / stride - 1;
            return (int) Math.max(steps * stride + (kernel - 1L) * dilation + 1 - size, 0);
        }
    }

    /**
     * Creates a 1×1 convolution with stride 1 and no bias, {@code (N, in, H, W)} to {@code (N, out,
     * H, W)}.
     *
     * @param in input channels
     * @param out output channels
     * @return the layer
     */
    public static Conv2d pointwise(long in, long out) {
        return pointwise(in, out, false);
    }

    /**
     * Creates a 1×1 convolution with stride 1, {@code (N, in, H, W)} to {@code (N, out, H, W)}.
     *
     * @param in input channels
     * @param out output channels
     * @param bias whether a bias is added
     * @return the layer
     */
    public static Conv2d pointwise(long in, long out, boolean bias) {
        return conv(in, out, Geometry.POINTWISE, bias);
    }

    /**
     * Creates a 1×1 convolution with stride 1, {@code (N, in, H, W)} to {@code (N, out, H, W)},
     * with PyTorch's own initialization: weights and bias uniform within {@code 1 / sqrt(in)}.
     *
     * @param in input channels
     * @param out output channels
     * @param bias whether a bias is added
     * @return the layer
     */
    public static Conv2d plainPointwise(long in, long out, boolean bias) {
        Conv2d conv = pointwise(in, out, bias);
        float bound = (float) (1 / Math.sqrt((double) in));
        Initializer uniform =
                (manager, shape, type) -> manager.randomUniform(-bound, bound, shape, type);
        conv.setInitializer(uniform, Parameter.Type.WEIGHT);
        conv.setInitializer(uniform, Parameter.Type.BIAS);
        return conv;
    }

    /**
     * Creates batch normalization over axis 1.
     *
     * @param channels size of axis 1
     * @param norm epsilon and momentum
     * @return the layer
     */
    public static BatchNorm batchNorm(long channels, Norm norm) {
        // DJL's momentum is the share of the old statistic that is kept.
        BatchNorm layer =
                BatchNorm.builder()
                        .optEpsilon(norm.epsilon())
                        .optMomentum(1f - norm.momentum())
                        .build();
        layer.getParameters().keys().forEach(name -> setShape(layer, name, new Shape(channels)));
        return layer;
    }

    /**
     * Creates a fully connected layer with bias, {@code (N, in)} to {@code (N, out)}; weights from
     * N(0, 0.01), bias 0.
     *
     * @param in input width
     * @param out output width
     * @return the layer
     */
    public static Linear linear(long in, long out) {
        return linear(in, out, true);
    }

    /**
     * Creates a fully connected layer, {@code (N, in)} to {@code (N, out)}; weights from N(0,
     * 0.01), bias 0.
     *
     * @param in input width
     * @param out output width
     * @param bias whether a bias is added
     * @return the layer
     */
    public static Linear linear(long in, long out, boolean bias) {
        Linear linear = Linear.builder().setUnits(out).optBias(bias).build();
        linear.setInitializer(NORMAL_0_01, Parameter.Type.WEIGHT);
        setShape(linear, "weight", new Shape(out, in));
        if (bias) {
            setShape(linear, "bias", new Shape(out));
        }
        return linear;
    }

    /** Shapes are known when the net is built, so a wrong parameter file can be refused. */
    private static void setShape(Block layer, String name, Shape shape) {
        layer.getParameters().get(name).setShape(shape);
    }

    private static NDArray kaimingNormalFanOut(NDManager manager, Shape shape, DataType type) {
        double fanOut = shape.get(0) * shape.slice(2).size();
        return manager.randomNormal(0f, (float) Math.sqrt(2 / fanOut), shape, type);
    }
}
