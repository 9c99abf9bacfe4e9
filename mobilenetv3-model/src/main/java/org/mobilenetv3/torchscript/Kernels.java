package org.mobilenetv3.torchscript;

import ai.djl.Device;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.runtime.TorchRuntime;

/**
 * Which way of computing a convolution is fastest, as measured layer by layer with libtorch 2.7.1
 * on a processor with AVX-512; a function of shapes and host alone, so that a run repeats bit for
 * bit.
 *
 * @param processor whether a CPU computes; GPUs have their own kernels for everything
 * @param capped whether oneDNN's vector kernels are switched off because the host hides its caches
 */
record Kernels(boolean processor, boolean capped) {

    /** The ways. */
    enum Kind {
        /** {@code torch.conv2d}. */
        CONVOLUTION,
        /** A linear layer on each pixel: exact for 1×1 kernels. */
        PIXELWISE,
        /** A linear layer or product with the kernel's middle: exact where images are one pixel. */
        CENTER_TAP,
        /** All taps at once, as a product or one matrix: where few pixels make few pixels. */
        ALL_TAPS
    }

    /** From this many pixels on, oneDNN's 1×1 kernels train faster than matrix products. */
    private static final long MANY_PIXELS = 256;

    /**
     * Up to this many pairs of input and output pixel, products beat oneDNN's weight gradient of a
     * depthwise convolution, and one matrix beats all three passes of a dense one: oneDNN computes
     * with the zeros around a small image, too.
     */
    private static final long FEW_PAIRS = 16;

    static Kernels of(Device device) {
        return new Kernels(!device.isGpu(), TorchRuntime.capped());
    }

    Kind choose(Node node, boolean fixedSize, boolean training) {
        Op.Convolution conv = (Op.Convolution) node.op();
        Value in = node.input();
        Value out = node.output();
        boolean plain = conv.groups() == 1 || conv.isDepthwise();
        boolean dilated = !conv.dilation().equals(Op.Pair.of(1));
        if (conv.padding().same()) {
            return Kind.CONVOLUTION;
        }
        if (in.isVector() && plain && !dilated && (fixedSize || conv.isPointwise())) {
            return centerTapExists(conv) ? Kind.CENTER_TAP : Kind.CONVOLUTION;
        }
        if (!processor) {
            // cuDNN's 1×1 kernels take 1.7 times a whole step's time in float32, and no less in
            // bf16.
            return conv.isPointwise() ? Kind.PIXELWISE : Kind.CONVOLUTION;
        }
        if (conv.isPointwise()) {
            boolean strided = !conv.stride().equals(Op.Pair.of(1));
            boolean many = in.height() * in.width() >= MANY_PIXELS && training;
            // A strided 1×1 kernel crashes in channels_last backward (oneDNN, few channels).
            return many && !strided && !capped ? Kind.CONVOLUTION : Kind.PIXELWISE;
        }
        long pairs = in.height() * in.width() * out.height() * out.width();
        if (training && plain && fixedSize && !dilated && pairs <= FEW_PAIRS) {
            return everyTapExists(conv, in, out) ? Kind.ALL_TAPS : Kind.CONVOLUTION;
        }
        return Kind.CONVOLUTION;
    }

    /** One pixel meets the middle of the kernel only if the padding reaches it. */
    private static boolean centerTapExists(Op.Convolution conv) {
        return conv.padding().rows() < conv.kernel().rows()
                && conv.padding().columns() < conv.kernel().columns()
                && 2 * conv.padding().rows() + 1 - conv.kernel().rows() < conv.stride().rows()
                && 2 * conv.padding().columns() + 1 - conv.kernel().columns()
                        < conv.stride().columns()
                && 2 * conv.padding().rows() + 1 >= conv.kernel().rows()
                && 2 * conv.padding().columns() + 1 >= conv.kernel().columns();
    }

    private static boolean everyTapExists(Op.Convolution conv, Value in, Value out) {
        int top = conv.padding().rows();
        int left = conv.padding().columns();
        return top - conv.stride().rows() * (out.height() - 1) >= 0
                && left - conv.stride().columns() * (out.width() - 1) >= 0
                && top + in.height() <= conv.kernel().rows()
                && left + in.width() <= conv.kernel().columns();
    }
}
