package org.mobilenetv3.torchscript;

import java.util.Locale;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.graph.Op;

/** TorchScript for single operations, of names or expressions that stand for tensors. */
final class Expressions {

    private Expressions() {}

    /** The kernel {@code (out, in, 1, 1)} as {@code (out, in)}. */
    static String matrix(String w, Op.Convolution conv) {
        return conv.kernel().equals(Op.Pair.of(1)) ? "torch.flatten(%s, 1)".formatted(w) : w;
    }

    /** Every n-th row and column, the rows on this axis and the columns on the next. */
    static String strided(String x, Op.Pair stride, int axis) {
        String all = "torch.slice(%s, %d, 0, 9223372036854775807, %d)";
        String rows =
                stride.rows() == 1 ? x : String.format(Locale.ROOT, all, x, axis, stride.rows());
        return stride.columns() == 1
                ? rows
                : String.format(Locale.ROOT, all, rows, axis + 1, stride.columns());
    }

    /** A convolution of images of one pixel: only the tap under the padding's end counts. */
    static String centerTap(String x, String w, Op.Convolution conv, String bias) {
        String tap =
                conv.kernel().equals(Op.Pair.of(1))
                        ? "torch.flatten(%s, 1)".formatted(w)
                        : String.format(
                                Locale.ROOT,
                                "torch.select(torch.select(%s, 3, %d), 2, %d)",
                                w,
                                conv.padding().columns(),
                                conv.padding().rows());
        if (!conv.isDepthwise()) {
            return linear(x, tap, bias);
        }
        String product = "torch.mul(%s, torch.squeeze(%s, 1))".formatted(x, tap);
        return "None".equals(bias) ? product : "torch.add(%s, %s)".formatted(product, bias);
    }

    static String linear(String x, String w, String bias) {
        return "torch.linear(%s, %s, %s)".formatted(x, w, bias);
    }

    static String call(Nonlinearity function, String x, boolean overwrite) {
        String verb =
                switch (function) {
                    case IDENTITY -> null;
                    case RELU -> "relu";
                    case RELU6 -> "relu6";
                    case SIGMOID -> "sigmoid";
                    case TANH -> "tanh";
                    case SILU -> "silu";
                    case HARD_SIGMOID -> "hardsigmoid";
                    case PADDLE_HARD_SIGMOID -> "clamp";
                    case HARD_SWISH -> "hardswish";
                };
        if (verb == null) {
            return x;
        }
        return function == Nonlinearity.PADDLE_HARD_SIGMOID
                ? "torch.clamp(torch.add(torch.mul(%s, 0.2), 0.5), 0., 1.)".formatted(x)
                : "torch.%s%s(%s)".formatted(verb, overwrite ? "_" : "", x);
    }

    static String pool(String x, Op.Pool pool) {
        String windows =
                "%s, %s, %s"
                        .formatted(list(pool.kernel()), list(pool.stride()), list(pool.padding()));
        return pool.max()
                ? "torch.max_pool2d(%s, %s, [1, 1], %s)".formatted(x, windows, truth(pool.ceil()))
                : "torch.avg_pool2d(%s, %s, %s, %s, None)"
                        .formatted(x, windows, truth(pool.ceil()), truth(pool.countPadding()));
    }

    static String list(Op.Pair pair) {
        return list(pair.rows(), pair.columns());
    }

    static String list(int rows, int columns) {
        return String.format(Locale.ROOT, "[%d, %d]", rows, columns);
    }

    static String truth(boolean value) {
        return value ? "True" : "False";
    }

    /**
     * The shortest decimal of a float, read by TorchScript as a double, as PyTorch's users write.
     */
    static String number(float value) {
        return Float.toString(value);
    }
}
