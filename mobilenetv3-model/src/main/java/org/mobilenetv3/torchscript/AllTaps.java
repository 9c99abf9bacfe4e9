package org.mobilenetv3.torchscript;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.UnaryOperator;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;

/**
 * A convolution of a few pixels to a few pixels as TorchScript that computes with all taps at once.
 * Every output pixel meets every input pixel, by one tap of the kernel.
 */
final class AllTaps {

    private final Op.Convolution conv;
    private final Value in;
    private final Value out;
    private final UnaryOperator<String> assign;

    /** Pixels of the input, and of the output. */
    private final long from;

    private final long to;

    /**
     * Reads the sizes.
     *
     * @param node the convolution
     * @param conv the same
     * @param assign gives an expression a name
     */
    AllTaps(Node node, Op.Convolution conv, UnaryOperator<String> assign) {
        this.conv = conv;
        this.assign = assign;
        in = node.input();
        out = node.output();
        from = in.height() * in.width();
        to = out.height() * out.width();
    }

    /**
     * Returns the sums, without the bias.
     *
     * @param x the input, channels last
     * @param w the kernel
     * @return an expression, channels last
     */
    String of(String x, String w) {
        String sums = conv.isDepthwise() ? products(x, w) : matrix(x, w);
        return text(
                "torch.reshape(%s, [-1, %d, %d, %d])",
                sums, out.height(), out.width(), out.channels());
    }

    /** Where the kernel's taps begin for each output pixel: row and column. */
    private List<long[]> corners() {
        List<long[]> corners = new ArrayList<>();
        for (long y = 0; y < out.height(); y++) {
            for (long x = 0; x < out.width(); x++) {
                corners.add(
                        new long[] {
                            conv.padding().rows() - conv.stride().rows() * y,
                            conv.padding().columns() - conv.stride().columns() * x
                        });
            }
        }
        return corners;
    }

    /** Depthwise: for each output pixel the sum over input pixels of products. */
    private String products(String x, String w) {
        String kernel = assign.apply(text("torch.permute(torch.squeeze(%s, 1), [1, 2, 0])", w));
        StringJoiner taps = new StringJoiner(", ", "[", "]");
        for (long[] corner : corners()) {
            taps.add(
                    text(
                            "torch.slice(torch.slice(%s, 0, %d, %d), 1, %d, %d)",
                            kernel,
                            corner[0],
                            corner[0] + in.height(),
                            corner[1],
                            corner[1] + in.width()));
        }
        String matrix =
                assign.apply(
                        text(
                                "torch.reshape(torch.stack(%s, 0), [%d, %d, %d])",
                                taps, to, from, in.channels()));
        String pixels = text("torch.reshape(%s, [-1, 1, %d, %d])", x, from, in.channels());
        return text("torch.sum(torch.mul(%s, %s), [2])", pixels, matrix);
    }

    /** Dense: one linear layer from all input values to all output values. */
    private String matrix(String x, String w) {
        StringJoiner taps = new StringJoiner(", ", "[", "]");
        for (long[] corner : corners()) {
            for (long row = corner[0]; row < corner[0] + in.height(); row++) {
                for (long column = corner[1]; column < corner[1] + in.width(); column++) {
                    taps.add(Long.toString(row * conv.kernel().columns() + column));
                }
            }
        }
        String byTap =
                text(
                        "torch.reshape(torch.permute(%s, [2, 3, 0, 1]), [%d, %d])",
                        w,
                        conv.kernel().rows() * conv.kernel().columns(),
                        out.channels() * in.channels());
        String blocks =
                text(
                        "torch.reshape(torch.index_select(%s, 0, torch.tensor(%s, dtype=4)), [%d, %d, %d, %d])",
                        byTap, taps, to, from, out.channels(), in.channels());
        String matrix =
                assign.apply(
                        text(
                                "torch.reshape(torch.permute(%s, [0, 2, 1, 3]), [%d, %d])",
                                blocks, to * out.channels(), from * in.channels()));
        String values = text("torch.reshape(%s, [-1, %d])", x, from * in.channels());
        return Expressions.linear(values, matrix, "None");
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
