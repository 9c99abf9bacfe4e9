package org.mobilenetv3.weights.onnx;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.format.onnx.OnnxNode;
import org.mobilenetv3.format.onnx.OnnxTensor;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.weights.onnx.Term.Constant;
import org.mobilenetv3.weights.onnx.Term.Image;
import org.mobilenetv3.weights.onnx.Term.Input;
import org.mobilenetv3.weights.onnx.Term.Partial;

/** Reads sums, products and activations. */
final class Elementwise {

    private static final int MOST_CHANNELS = 1 << 10;
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    private final Scope scope;

    Elementwise(Scope scope) {
        this.scope = scope;
    }

    /** Add, Sub, Mul, Div, Min and Max of two terms. */
    Term pair(OnnxNode node) throws IOException {
        if (node.inputs().size() != 2) {
            throw node.refuse(
                    String.format(Locale.ROOT, "has %d inputs, expected 2", node.inputs().size()));
        }
        Term a = scope.term(node, 0);
        Term b = scope.term(node, 1);
        if (b instanceof Constant c) {
            return constant(node, 0, a, c.tensor());
        }
        boolean swaps = !node.type().equals("Sub") && !node.type().equals("Div");
        if (a instanceof Constant c && swaps) {
            return constant(node, 1, b, c.tensor());
        }
        if (node.type().equals("Add")) {
            return sum(node, scope.image(node, a), scope.image(node, b));
        }
        if (node.type().equals("Mul")) {
            return product(node, a, b);
        }
        throw node.refuse("is expected only with a constant on its right");
    }

    private Term sum(OnnxNode node, Image a, Image b) throws IOException {
        Value x = a.value();
        Value y = b.value();
        if (a.rank() != b.rank() || x.channels() != y.channels()) {
            throw node.refuse(
                    "adds %s and %s, expected two of one shape".formatted(x.shape(), y.shape()));
        }
        return scope.emit(node.name(), new Op.Add(), x.shape(), a.rank(), x, y);
    }

    private Term product(OnnxNode node, Term a, Term b) throws IOException {
        Partial whole = timesX(a, b);
        whole = whole == null ? timesX(b, a) : whole;
        if (whole != null) {
            return whole;
        }
        Image x = scope.image(node, a);
        Image y = scope.image(node, b);
        long channels = x.value().channels();
        long others = y.value().channels();
        if (x.rank() != y.rank() || (channels != others && channels != 1 && others != 1)) {
            throw node.refuse(
                    "multiplies %s and %s, expected two of one shape or a gate per channel or pixel"
                            .formatted(x.value().shape(), y.value().shape()));
        }
        boolean gate = channels == others ? x.value().isVector() : channels == 1;
        Shape shape = gate ? y.value().shape() : x.value().shape();
        return scope.emit(node.name(), new Op.Multiply(), shape, x.rank(), x.value(), y.value());
    }

    /** The product of x and a clipped x: h-swish in parts. */
    private static Partial timesX(Term x, Term clipped) {
        Ramp ramp =
                clipped instanceof Partial p && p.image().equals(x) ? p.ramp().multiplied() : null;
        return ramp == null ? null : new Partial((Image) x, ramp);
    }

    private Term constant(OnnxNode node, int at, Term x, OnnxTensor constant) throws IOException {
        boolean raw = x instanceof Image i && scope.isInput(i);
        if (raw || x instanceof Input) {
            return normalized(node, x, constant);
        }
        if (constant.size() == 1) {
            float number = constant.floats()[0];
            return switch (node.type()) {
                case "Add" -> ramp(node, x, r -> r.plus(number));
                case "Sub" -> ramp(node, x, r -> r.plus(-number));
                case "Mul" -> ramp(node, x, r -> r.times(number));
                case "Div" -> ramp(node, x, r -> r.times(1d / number));
                case "Min" -> ramp(node, x, r -> r.clip(-INFINITY, number));
                default -> ramp(node, x, r -> r.clip(number, INFINITY));
            };
        }
        if (node.type().equals("Add")) {
            return bias(node, at, scope.image(node, x), constant);
        }
        throw node.refuse("computes with a constant of shape " + constant.shape());
    }

    /** A bias that the exporter adds on its own. */
    private Term bias(OnnxNode node, int at, Image x, OnnxTensor constant) throws IOException {
        long channels = x.value().channels();
        Node maker = scope.maker(x.value());
        if (!LayerPatterns.perChannel(constant, x.rank(), channels)
                || maker == null
                || !scope.readOnce(node, at)) {
            throw node.refuse(
                    "adds a constant of shape %s to %s, expected one number per channel after a layer without bias"
                            .formatted(constant.shape(), x.value().shape()));
        }
        var bias = LayerPatterns.weight(constant.withShape(channels));
        if (maker.op() instanceof Op.Layer layer && layer.bias() == null) {
            scope.replace(x.value(), layer.with(layer.weight(), bias));
        } else {
            throw node.refuse(
                    "adds one number per channel to %s, expected after a layer without bias"
                            .formatted(maker.op().type()));
        }
        return x;
    }

    private Term normalized(OnnxNode node, Term x, OnnxTensor constant) throws IOException {
        Input input = x instanceof Input i ? i : new Input((Image) x, List.of(1d), List.of(0d));
        long channels = input.image().value().channels();
        boolean one = constant.size() == 1;
        long expected = channels < 0 ? constant.size() : channels;
        if (constant.size() > MOST_CHANNELS
                || !(one || LayerPatterns.perChannel(constant, 4, expected))) {
            throw node.refuse(
                    "normalizes the input by a constant of shape %s, expected one number per channel"
                            .formatted(constant.shape()));
        }
        float[] numbers = constant.floats();
        int before = input.scale().size();
        int count = Math.max(numbers.length, before);
        if ((numbers.length != count && numbers.length != 1) || (before != count && before != 1)) {
            throw node.refuse(
                    String.format(
                            Locale.ROOT,
                            "normalizes %d channels, expected %d",
                            numbers.length,
                            before));
        }
        List<Double> scale = new ArrayList<>();
        List<Double> shift = new ArrayList<>();
        for (int c = 0; c < count; c++) {
            double number = numbers[at(numbers.length, c)];
            double s = input.scale().get(at(before, c));
            double t = input.shift().get(at(before, c));
            double factor =
                    switch (node.type()) {
                        case "Mul" -> number;
                        case "Div" -> 1 / number;
                        default -> 1;
                    };
            double added =
                    switch (node.type()) {
                        case "Add" -> number;
                        case "Sub" -> -number;
                        case "Mul", "Div" -> 0;
                        default -> throw node.refuse("changes the input, expected a normalization");
                    };
            scale.add(s * factor);
            shift.add(t * factor + added);
        }
        return new Input(input.image(), List.copyOf(scale), List.copyOf(shift));
    }

    private static int at(int size, int channel) {
        return size == 1 ? 0 : channel;
    }

    /** A step within an activation. */
    private interface Step {
        Ramp from(Ramp ramp);
    }

    private Term ramp(OnnxNode node, Term x, Step step) throws IOException {
        Partial before =
                x instanceof Partial p ? p : new Partial(scope.image(node, x), Ramp.IDENTITY);
        Ramp after = step.from(before.ramp());
        if (after == null && !before.ramp().equals(Ramp.IDENTITY)) {
            // What came before may be an activation of its own.
            before = new Partial(scope.image(node, before), Ramp.IDENTITY);
            after = step.from(Ramp.IDENTITY);
        }
        if (after == null) {
            throw node.refuse("is no step of an activation of these nets");
        }
        return new Partial(before.image(), after);
    }

    Term relu(OnnxNode node) throws IOException {
        return ramp(node, scope.term(node, 0), r -> r.clip(0, INFINITY));
    }

    Term clip(OnnxNode node) throws IOException {
        double low = bound(node, 1, "min", -INFINITY);
        double high = bound(node, 2, "max", INFINITY);
        return ramp(node, scope.term(node, 0), r -> r.clip(low, high));
    }

    private double bound(OnnxNode node, int input, String attribute, double otherwise)
            throws IOException {
        if (!node.has(input)) {
            return node.has(attribute) ? node.real(attribute, 0) : otherwise;
        }
        OnnxTensor bound = scope.constant(node, input);
        if (bound.size() != 1) {
            throw node.refuse(
                    String.format(Locale.ROOT, "clips to %d bounds, expected one", bound.size()));
        }
        return bound.floats()[0];
    }

    Term hardSigmoid(OnnxNode node) throws IOException {
        float alpha = node.real("alpha", 0.2f);
        float beta = node.real("beta", 0.5f);
        Image x = scope.image(node, 0);
        return ramp(node, x, r -> scaled(r, alpha, beta));
    }

    private static Ramp scaled(Ramp ramp, double alpha, double beta) {
        Ramp steep = ramp.times(alpha);
        return steep == null ? null : steep.plus(beta).clip(0, 1);
    }

    Term hardSwish(OnnxNode node) throws IOException {
        return ramp(node, scope.image(node, 0), r -> scaled(r, 1 / 6d, 0.5).multiplied());
    }

    Term function(OnnxNode node, Nonlinearity function) throws IOException {
        Image x = scope.image(node, 0);
        return scope.emit(
                node.name(), new Op.Activation(function), x.value().shape(), x.rank(), x.value());
    }
}
