package org.mobilenetv3.weights.onnx;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.mobilenetv3.format.onnx.OnnxModel;
import org.mobilenetv3.format.onnx.OnnxNode;
import org.mobilenetv3.format.onnx.OnnxTensor;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Nonlinearity;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.weights.onnx.Term.Image;
import org.mobilenetv3.weights.onnx.Term.Partial;

/** What is known of a file's names while it is read, and the graph in the making. */
final class Scope {

    private final OnnxModel file;
    private final Map<String, Term> terms = new HashMap<>();
    private final Map<String, Integer> reads = new HashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Value, Integer> makers = new HashMap<>();
    private final Map<Partial, Image> activated = new HashMap<>();
    private final Map<Value, Double> steepness = new HashMap<>();
    private final Set<String> facts = new LinkedHashSet<>();
    private final Value input;
    private final InputNormalization normalization = new InputNormalization();
    private int values;

    Scope(OnnxModel file) throws IOException {
        this.file = file;
        List<Long> shape = file.input().shape();
        if (shape.size() != 4) {
            throw new IOException(
                    "its input has shape %s, but images are expected as (N, C, H, W)"
                            .formatted(shape));
        }
        input = new Value(values++, new Shape(-1, shape.get(1), shape.get(2), shape.get(3)));
        terms.put(file.input().name(), new Image(input, 4));
        file.nodes().forEach(n -> n.inputs().forEach(i -> reads.merge(i, 1, Integer::sum)));
    }

    void put(OnnxNode node, Term term) {
        terms.put(node.output(), term);
    }

    /** What an input stands for. */
    Term term(OnnxNode node, int i) throws IOException {
        if (!node.has(i)) {
            throw node.refuse(
                    String.format(Locale.ROOT, "lacks input %d, so the file is damaged", i));
        }
        return term(node, node.inputs().get(i));
    }

    private Term term(OnnxNode node, String name) throws IOException {
        Term term = terms.get(name);
        if (term == null) {
            OnnxTensor constant = file.constants().get(name);
            if (constant == null) {
                throw node.refuse("reads \"%s\", which nothing before it makes".formatted(name));
            }
            return new Term.Constant(constant.requireNumbers());
        }
        return term;
    }

    OnnxTensor constant(OnnxNode node, int i) throws IOException {
        if (term(node, i) instanceof Term.Constant c) {
            return c.tensor();
        }
        throw node.refuse(
                "computes its input \"%s\", where a constant is expected"
                        .formatted(node.inputs().get(i)));
    }

    boolean isInput(Image image) {
        return image.value().equals(input);
    }

    /** A value that the graph has. */
    Image image(OnnxNode node, int i) throws IOException {
        return image(node, term(node, i));
    }

    Image image(OnnxNode node, Term term) throws IOException {
        if (term instanceof Image image) {
            return image;
        }
        if (term instanceof Partial partial) {
            return activate(node, partial);
        }
        if (term instanceof Term.Input normalized) {
            return normalization.record(node, normalized);
        }
        if (term instanceof Term.Probabilities) {
            throw node.refuse("follows a softmax, which is expected only at the end");
        }
        throw node.refuse("has a constant where a value is expected");
    }

    /** The one image of an activation, however many read it. */
    private Image activate(OnnxNode node, Partial partial) throws IOException {
        if (partial.ramp().equals(Ramp.IDENTITY)) {
            return partial.image();
        }
        Image known = activated.get(partial);
        if (known != null) {
            return known;
        }
        Nonlinearity function = partial.ramp().function();
        if (function == null) {
            throw node.refuse(
                    "reads %s, which is no activation of these nets".formatted(partial.ramp()));
        }
        Value x = partial.image().value();
        Image result =
                emit(
                        node.name(),
                        new Op.Activation(function),
                        x.shape(),
                        partial.image().rank(),
                        x);
        if (function == Nonlinearity.HARD_SIGMOID && partial.ramp().steepness() != 1) {
            steepness.put(result.value(), partial.ramp().steepness());
        }
        activated.put(partial, result);
        return result;
    }

    Image emit(String name, Op op, Shape shape, int rank, Value... inputs) {
        Value output = new Value(values++, shape);
        makers.put(output, nodes.size());
        nodes.add(new Node(name, op, List.of(inputs), output));
        return new Image(output, rank);
    }

    /** What made a value, or null. */
    Node maker(Value value) {
        Integer at = makers.get(value);
        return at == null ? null : nodes.get(at);
    }

    void replace(Value made, Op op) {
        Node old = maker(made);
        nodes.set(makers.get(made), new Node(old.name(), op, old.inputs(), made));
    }

    boolean readOnce(OnnxNode node, int i) {
        String name = node.inputs().get(i);
        return reads.get(name) == 1 && !name.equals(file.output().name());
    }

    void fact(String fact) {
        facts.add(fact);
    }

    /** Ends the reading. */
    NetGraph finish() throws IOException {
        Term term = terms.get(file.output().name());
        if (term == null || term instanceof Term.Constant) {
            throw new IOException("its output does not depend on its input");
        }
        if (term instanceof Term.Probabilities probabilities) {
            facts.add("The softmax at its end was left out: the net gives logits.");
            term = probabilities.logits();
        }
        OnnxNode end =
                new OnnxNode(
                        "output",
                        file.output().name(),
                        List.of(),
                        List.of(file.output().name()),
                        Map.of());
        Value output = image(end, term).value();
        Graph graph = Gates.absorb(new Graph(input, output, nodes), steepness, facts);
        boolean bytes = OnnxTensor.isPixel(file.input().type());
        if (!bytes && file.input().type() != 0 && !OnnxTensor.isFloat(file.input().type())) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "its input has the data type %d, but pixels are expected as floats or bytes",
                            file.input().type()));
        }
        return new NetGraph(
                graph,
                normalization.get(graph.input().channels(), bytes, facts),
                List.copyOf(facts));
    }
}
