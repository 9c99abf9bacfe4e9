package org.mobilenetv3.graph;

import java.util.List;

/**
 * One operation in its place.
 *
 * @param name PyTorch's name of the layer where it has weights, otherwise made from its neighbor's
 * @param op what it computes
 * @param inputs what it reads
 * @param output what it makes
 */
public record Node(String name, Op op, List<Value> inputs, Value output) {

    // By hand, as Value's.

    @Override
    public boolean equals(Object other) {
        return other instanceof Node node
                && node.output.equals(output)
                && node.name.equals(name)
                && node.inputs.equals(inputs)
                && node.op.equals(op);
    }

    @Override
    public int hashCode() {
        return output.hashCode();
    }

    Node withOp(Op other) {
        return new Node(name, other, inputs, output);
    }

    /**
     * Returns what it reads first.
     *
     * @return the first input
     */
    public Value input() {
        return inputs.get(0);
    }
}
