package org.mobilenetv3.graph;

import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;

/** Computes a graph in doubles, each operation as its definition reads: slow and plain. */
final class Interpreter {

    private Interpreter() {}

    static double[] run(Graph graph, float[] input) {
        Map<Value, double[]> values = new HashMap<>();
        values.put(graph.input(), doubles(input));
        for (Node node : graph.nodes()) {
            List<double[]> in = node.inputs().stream().map(values::get).toList();
            double[] out = compute(node, in);
            if (out.length != node.output().shape().size()) {
                throw new AssertionError(node + " made " + out.length + " values");
            }
            values.put(node.output(), out);
        }
        return values.get(graph.output());
    }

    private static double[] compute(Node node, List<double[]> in) {
        double[] x = in.get(0);
        Shape shape = node.input().shape();
        Op op = node.op();
        if (op instanceof Op.Convolution conv) {
            return apply(conv.function(), convolution(conv, node, x));
        } else if (op instanceof Op.Linear linear) {
            return apply(linear.function(), linear(linear, node, x));
        } else if (op instanceof Op.BatchNorm norm) {
            return batchNorm(norm, shape, x);
        } else if (op instanceof Op.Activation activation) {
            return apply(activation.function(), x);
        } else if (op instanceof Op.Add) {
            return zip(x, in.get(1), Double::sum);
        } else if (op instanceof Op.Multiply) {
            return zip(x, in.get(1), (a, b) -> a * b);
        } else if (op instanceof Op.GlobalAveragePool) {
            return means(x, (int) shape.slice(0, 2).size());
        } else if (op instanceof Op.Pool pool) {
            return pool(pool, node, x);
        } else if (op instanceof Op.PerChannel constant) {
            return perChannel(constant, shape, x);
        }
        return x; // Flatten, Unflatten, Dropout
    }

    private static double[] convolution(Op.Convolution conv, Node node, double[] x) {
        double[] w = doubles(conv.weight().values().get());
        double[] b = conv.bias() == null ? null : doubles(conv.bias().values().get());
        Shape in = node.input().shape();
        Shape out = node.output().shape();
        int channels = (int) conv.weight().shape().get(1);
        int filters = (int) out.get(1) / conv.groups();
        double[] y = new double[(int) out.size()];
        int at = 0;
        for (int n = 0; n < out.get(0); n++) {
            for (int o = 0; o < out.get(1); o++) {
                int first = o / filters * channels;
                for (int r = 0; r < out.get(2); r++) {
                    for (int c = 0; c < out.get(3); c++) {
                        double sum = b == null ? 0 : b[o];
                        for (int i = 0; i < channels; i++) {
                            for (int kr = 0; kr < conv.kernel().rows(); kr++) {
                                for (int kc = 0; kc < conv.kernel().columns(); kc++) {
                                    int row = place(r, kr, rows(conv, in.get(2)));
                                    int col = place(c, kc, columns(conv, in.get(3)));
                                    if (inside(row, in.get(2)) && inside(col, in.get(3))) {
                                        int k = (o * channels + i) * conv.kernel().rows() + kr;
                                        sum +=
                                                w[k * conv.kernel().columns() + kc]
                                                        * x[index(in, n, first + i, row, col)];
                                    }
                                }
                            }
                        }
                        y[at++] = sum;
                    }
                }
            }
        }
        return y;
    }

    private static int[] rows(Op.Convolution conv, long size) {
        int stride = conv.stride().rows();
        int before =
                conv.padding().same()
                        ? same(size, conv.kernel().rows(), stride)
                        : conv.padding().rows();
        return new int[] {stride, before, conv.dilation().rows()};
    }

    private static int[] columns(Op.Convolution conv, long size) {
        int stride = conv.stride().columns();
        int before =
                conv.padding().same()
                        ? same(size, conv.kernel().columns(), stride)
                        : conv.padding().columns();
        return new int[] {stride, before, conv.dilation().columns()};
    }

    /** TensorFlow's documentation, "Notes on padding": zeros before an undilated window. */
    private static int same(long size, int kernel, int stride) {
        long all =
                size % stride == 0
                        ? Math.max(kernel - stride, 0)
                        : Math.max(kernel - size % stride, 0);
        return (int) all / 2;
    }

    private static int place(int output, int tap, int[] strides) {
        return output * strides[0] - strides[1] + tap * strides[2];
    }

    private static boolean inside(int at, long size) {
        return at >= 0 && at < size;
    }

    private static int index(Shape shape, int n, int channel, int row, int column) {
        long plane = n * shape.get(1) + channel;
        return (int) ((plane * shape.get(2) + row) * shape.get(3) + column);
    }

    /** As PyTorch counts: a mean's window ends with the padding, never behind it. */
    private static double[] pool(Op.Pool pool, Node node, double[] x) {
        Shape in = node.input().shape();
        Shape out = node.output().shape();
        double[] y = new double[(int) out.size()];
        int at = 0;
        for (int n = 0; n < out.get(0); n++) {
            for (int ch = 0; ch < out.get(1); ch++) {
                for (int r = 0; r < out.get(2); r++) {
                    for (int c = 0; c < out.get(3); c++) {
                        double max = Double.NEGATIVE_INFINITY;
                        double sum = 0;
                        int count = 0;
                        for (int k = 0; k < pool.kernel().rows() * pool.kernel().columns(); k++) {
                            int row = r * pool.stride().rows() - pool.padding().rows();
                            int col = c * pool.stride().columns() - pool.padding().columns();
                            row += k / pool.kernel().columns();
                            col += k % pool.kernel().columns();
                            if (inside(row, in.get(2)) && inside(col, in.get(3))) {
                                double value = x[index(in, n, ch, row, col)];
                                max = Math.max(max, value);
                                sum += value;
                                count++;
                            } else if (pool.countPadding()
                                    && row < in.get(2) + pool.padding().rows()
                                    && col < in.get(3) + pool.padding().columns()) {
                                count++;
                            }
                        }
                        y[at++] = pool.max() ? max : sum / count;
                    }
                }
            }
        }
        return y;
    }

    private static double[] linear(Op.Linear linear, Node node, double[] x) {
        double[] w = doubles(linear.weight().values().get());
        double[] b = linear.bias() == null ? null : doubles(linear.bias().values().get());
        int in = (int) linear.weight().shape().get(1);
        int out = (int) linear.weight().shape().get(0);
        double[] y = new double[(int) node.output().shape().size()];
        for (int i = 0; i < y.length; i++) {
            y[i] = b == null ? 0 : b[i % out];
            for (int j = 0; j < in; j++) {
                y[i] += w[i % out * in + j] * x[i / out * in + j];
            }
        }
        return y;
    }

    private static double[] batchNorm(Op.BatchNorm norm, Shape shape, double[] x) {
        float[] gamma = norm.weight().values().get();
        float[] beta = norm.bias().values().get();
        float[] mean = norm.mean().values().get();
        float[] variance = norm.variance().values().get();
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int c = channel(shape, i);
            double deviation = Math.sqrt((double) variance[c] + norm.epsilon());
            y[i] = (x[i] - mean[c]) / deviation * gamma[c] + beta[c];
        }
        return y;
    }

    private static double[] perChannel(Op.PerChannel op, Shape shape, double[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double c = op.constant().get(channel(shape, i));
            y[i] =
                    switch (op.kind()) {
                        case ADD -> x[i] + c;
                        case SUBTRACT -> x[i] - c;
                        case MULTIPLY -> x[i] * c;
                        case DIVIDE -> x[i] / c;
                    };
        }
        return y;
    }

    private static int channel(Shape shape, int i) {
        return (int) (i / shape.slice(2).size() % shape.get(1));
    }

    private static double[] means(double[] x, int planes) {
        double[] y = new double[planes];
        int pixels = x.length / planes;
        for (int i = 0; i < x.length; i++) {
            y[i / pixels] += x[i] / pixels;
        }
        return y;
    }

    /** The second array may have one number where the first has a plane. */
    private static double[] zip(double[] a, double[] b, DoubleBinaryOperator f) {
        double[] y = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            y[i] = f.applyAsDouble(a[i], b[i / (a.length / b.length)]);
        }
        return y;
    }

    private static double[] apply(Nonlinearity function, double[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = apply(function, x[i]);
        }
        return y;
    }

    private static double apply(Nonlinearity function, double x) {
        return switch (function) {
            case IDENTITY -> x;
            case RELU -> Math.max(x, 0);
            case RELU6 -> Math.min(Math.max(x, 0), 6);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case TANH -> Math.tanh(x);
            case SILU -> x / (1 + Math.exp(-x));
            case PADDLE_HARD_SIGMOID -> Math.min(Math.max(0.2 * x + 0.5, 0), 1);
            case HARD_SIGMOID -> Math.min(Math.max(x + 3, 0), 6) / 6;
            case HARD_SWISH -> x * Math.min(Math.max(x + 3, 0), 6) / 6;
        };
    }

    private static double[] doubles(float[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = x[i];
        }
        return y;
    }
}
