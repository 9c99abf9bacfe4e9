package org.mobilenetv3.export;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mobilenetv3.detection.BoxCoder;
import org.mobilenetv3.detection.PostProcessing;
import org.mobilenetv3.format.onnx.OnnxModel;
import org.mobilenetv3.format.onnx.OnnxModel.Port;
import org.mobilenetv3.format.onnx.OnnxNode.Attribute;
import org.mobilenetv3.format.onnx.OnnxTensor;
import org.mobilenetv3.graph.Op;
import org.mobilenetv3.trained.OnnxNet;

/** What a net that detects does with its codes and logits, in ONNX's operations. */
final class OnnxBoxes {

    private final OnnxLowering to;

    /**
     * Prepares.
     *
     * @param to where operations and constants go
     */
    OnnxBoxes(OnnxLowering to) {
        this.to = to;
    }

    /** The boxes of codes, left, top, right and bottom as shares of the image. */
    String decode(String codes, Op.DecodeBoxes op) {
        float[] anchors = op.anchors().values().get();
        long count = anchors.length / 4;
        float[] center = new float[anchors.length / 2];
        float[] size = center.clone();
        for (int i = 0; i < center.length; i++) {
            center[i] = anchors[i / 2 * 4 + i % 2];
            size[i] = anchors[i / 2 * 4 + 2 + i % 2];
        }
        String centers = to.floats("anchors/center", () -> center, 1, count, 2);
        String sizes = to.floats("anchors/size", () -> size, 1, count, 2);
        String place = emit("place", "Div", slice(codes, 0, 2), number(BoxCoder.CENTER));
        String middle = emit("middle", "Add", emit("moved", "Mul", place, sizes), centers);
        String log = emit("log", "Div", slice(codes, 2, 4), number(BoxCoder.SIZE));
        String times =
                emit("times", "Exp", emit("limited", "Min", log, number(BoxCoder.LARGEST_LOG)));
        String half = emit("half", "Mul", emit("whole", "Mul", times, sizes), number(0.5f));
        String edges =
                to.emit(
                        "edges",
                        "Concat",
                        List.of(emit("from", "Sub", middle, half), emit("to", "Add", middle, half)),
                        Attribute.of("axis", 2));
        return emit(OnnxNet.BOXES, "Clip", edges, number(0), number(1));
    }

    /**
     * Finds the objects of one image as {@link PostProcessing} does, but for its rounding.
     *
     * @param boxes {@code (1, anchors, 4)}
     * @param scores {@code (1, anchors, logits)}
     * @param shape of the scores
     * @param settings what is an object
     * @return boxes {@code (objects, 4)}, scores and classes {@code (objects)}
     */
    List<Port> suppress(String boxes, String scores, Shape shape, PostProcessing settings) {
        long few = Math.min(settings.candidates(), shape.get(1));
        String classes = slice(scores, 1, shape.get(2));
        String byClass =
                to.emit("byClass", "Transpose", List.of(classes), Attribute.of("perm", 0L, 2L, 1L));
        // Of each class, no more than so many candidates, before any is left out.
        String best = to.emitTwo("best", "TopK", List.of(byClass, longs("few", few)));
        String least = slice(best, few - 1, few);
        String among = emit("among", "GreaterOrEqual", byClass, least);
        String candidates = emit("candidates", "Where", among, byClass, number(0));
        String kept =
                emit(
                        "kept",
                        "NonMaxSuppression",
                        boxes,
                        candidates,
                        longs("few", few),
                        to.floats("overlap", () -> new float[] {(float) settings.overlap()}, 1),
                        to.floats(
                                "threshold", () -> new float[] {(float) settings.threshold()}, 1));
        String keptScores = emit("keptScores", "GatherND", candidates, kept);
        String number = emit("number", "Shape", keptScores);
        String most = emit("most", "Min", number, longs("mostOfAll", settings.most()));
        String likeliest = to.emitTwo(OnnxNet.OBJECT_SCORES, "TopK", List.of(keptScores, most));
        String order = likeliest + OnnxLowering.SECOND;
        String chosen = emit("chosen", "Gather", kept, order);
        String anchor = column(chosen, 2);
        String image = emit("image", "Squeeze", boxes, longs("axis/0", 0));
        emit(OnnxNet.OBJECT_BOXES, "Gather", image, anchor);
        emit(OnnxNet.OBJECT_LABELS, "Identity", column(chosen, 1));
        return List.of(
                Port.floats(OnnxNet.OBJECT_BOXES, OnnxModel.FOUND, 4L),
                Port.floats(OnnxNet.OBJECT_SCORES, OnnxModel.FOUND),
                Port.longs(OnnxNet.OBJECT_LABELS, OnnxModel.FOUND));
    }

    /** One of the three indices (image, class, anchor) of each object. */
    private String column(String chosen, long index) {
        String name = String.format(Locale.ROOT, "%s/%d", chosen, index);
        String which = to.constant(OnnxTensor.ofLongs(index).named("column/" + index).withShape());
        return to.emit(name, "Gather", List.of(chosen, which), Attribute.of("axis", 1));
    }

    /** Part of the last axis of rows. */
    private String slice(String x, long from, long until) {
        List<String> inputs = new ArrayList<>(List.of(x));
        inputs.add(longs("slice/" + from, from));
        inputs.add(longs("slice/" + until, until));
        inputs.add(longs("slice/axis", 2));
        return to.emit(String.format(Locale.ROOT, "%s/%d-%d", x, from, until), "Slice", inputs);
    }

    private String number(float value) {
        return to.floats("number/" + value, () -> new float[] {value});
    }

    private String longs(String name, long value) {
        return to.constant(OnnxTensor.ofLongs(value).named(name));
    }

    private String emit(String name, String type, String... inputs) {
        return to.emit(name, type, List.of(inputs));
    }
}
