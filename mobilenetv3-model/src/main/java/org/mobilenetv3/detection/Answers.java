package org.mobilenetv3.detection;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.mobilenetv3.graph.Graph;
import org.mobilenetv3.graph.Node;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.graph.Value;
import org.mobilenetv3.graph.Weight;

/**
 * What a net that detects answers when it is not trained: for each anchor a box and probabilities
 * in place of codes and logits. Boxes are left, top, right and bottom as shares of the image's
 * width and height, inside it; the first probability is the background's.
 */
public final class Answers {

    /** The name of the weight that holds the anchors, which no file of weights has. */
    public static final String ANCHORS = "anchors";

    private Answers() {}

    /**
     * Makes a net answer.
     *
     * @param output the net's graph, {@code (N, anchors, 4 + logits)}
     * @param anchors for the image size that it was traced with
     * @return {@code (N, anchors, 4 + logits)}, boxes and probabilities
     */
    public static Graph of(Graph output, Anchors anchors) {
        List<Node> nodes = new ArrayList<>(output.nodes());
        Node last = nodes.remove(nodes.size() - 1);
        Value codes = last.inputs().get(0);
        Value logits = last.inputs().get(1);
        int next = 1 + nodes.stream().mapToInt(n -> n.output().id()).max().orElse(0);
        Value boxes = new Value(next, codes.shape());
        Value scores = new Value(next + 1, logits.shape());
        Value answer = new Value(next + 2, last.output().shape());
        Op decode = new Op.DecodeBoxes(weight(anchors));
        nodes.add(new Node("boxes", decode, List.of(codes), boxes));
        nodes.add(new Node("scores", new Op.Softmax(), List.of(logits), scores));
        nodes.add(new Node("answer", last.op(), List.of(boxes, scores), answer));
        return new Graph(output.input(), answer, nodes);
    }

    private static Weight weight(Anchors anchors) {
        float[] corners = anchors.corners();
        float[] centers = new float[corners.length];
        for (int at = 0; at < corners.length; at += 4) {
            for (int axis = 0; axis < 2; axis++) {
                float edge = axis == 0 ? anchors.width() : anchors.height();
                float first = corners[at + axis];
                float size = corners[at + 2 + axis] - first;
                centers[at + axis] = (first + 0.5f * size) / edge;
                centers[at + 2 + axis] = size / edge;
            }
        }
        return new Weight(ANCHORS, new Shape(1, anchors.count(), 4), false, () -> centers);
    }

    /**
     * Returns the boxes and the scores that a graph puts together at its end.
     *
     * @param graph any graph
     * @return both, or none if it is no {@link #of answer}
     */
    public static List<Value> parts(Graph graph) {
        int last = graph.nodes().size() - 1;
        boolean answers =
                last >= 2
                        && graph.nodes().get(last).op() instanceof Op.Concatenate
                        && graph.nodes().get(last - 1).op() instanceof Op.Softmax;
        return answers ? graph.nodes().get(last).inputs() : List.of();
    }

    /**
     * Turns a net's output into its answer.
     *
     * @param output {@code (N, anchors, 4 + logits)}, codes and logits
     * @param anchors of the net
     * @param logits how many an anchor has
     * @return the same shape, boxes and probabilities
     */
    public static float[] of(float[] output, Anchors anchors, int logits) {
        int row = 4 + logits;
        int image = anchors.count() * row;
        float[] answer = new float[output.length];
        double[] powers = new double[logits];
        for (int from = 0; from < output.length; from += image) {
            float[] boxes = BoxCoder.decode(output, from, row, anchors);
            for (int i = 0; i < anchors.count(); i++) {
                int at = from + i * row;
                for (int k = 0; k < 4; k++) {
                    int edge = k % 2 == 0 ? anchors.width() : anchors.height();
                    answer[at + k] = boxes[4 * i + k] / edge;
                }
                softmax(output, at + 4, powers, answer);
            }
        }
        return answer;
    }

    private static void softmax(float[] output, int at, double[] powers, float[] answer) {
        float largest = output[at];
        for (int c = 1; c < powers.length; c++) {
            largest = Math.max(largest, output[at + c]);
        }
        double sum = 0;
        for (int c = 0; c < powers.length; c++) {
            powers[c] = PostProcessing.exp(output[at + c] - largest);
            sum += powers[c];
        }
        for (int c = 0; c < powers.length; c++) {
            answer[at + c] = (float) (powers[c] / sum);
        }
    }
}
