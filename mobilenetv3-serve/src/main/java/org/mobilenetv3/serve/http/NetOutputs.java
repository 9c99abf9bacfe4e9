package org.mobilenetv3.serve.http;

import java.util.ArrayList;
import java.util.List;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.preprocessing.Preprocessing;
import org.mobilenetv3.trained.NetDescription;
import org.mobilenetv3.trained.OnnxNet;

/** The outputs of a net, under the names that they have in exported files. */
final class NetOutputs {

    /**
     * An output.
     *
     * @param name in exported files
     * @param shape for all images; -1 where it depends on them
     * @param values in that shape, or null if there are none yet
     */
    @SuppressWarnings("ArrayRecordComponent") // on its way into an answer
    record Output(String name, List<Integer> shape, float[] values) {}

    private NetOutputs() {}

    /** Returns what a net answers, without values. */
    static List<Output> of(NetDescription net) {
        return of(net, -1, -1, -1, null);
    }

    /** Returns what a net has answered. */
    static List<Output> of(NetDescription net, Images images, float[] answer) {
        return of(net, images.count(), images.height(), images.width(), answer);
    }

    private static List<Output> of(
            NetDescription net, int count, int height, int width, float[] answer) {
        Architecture table = net.architecture();
        int classes = net.classes().size();
        return switch (table.task()) {
            case CLASSIFY -> List.of(new Output(OnnxNet.OUTPUT, List.of(count, classes), answer));
            case SEGMENT ->
                    List.of(
                            new Output(
                                    OnnxNet.OUTPUT,
                                    List.of(count, classes, height, width),
                                    answer));
            case DETECT -> {
                Preprocessing input = net.preprocessing();
                int anchors = table.anchors(input.height(), input.width()).count();
                List<Output> both = new ArrayList<>();
                both.add(columns(OnnxNet.BOXES, count, anchors, answer, 0, 4, 5 + classes));
                both.add(
                        columns(
                                OnnxNet.SCORES,
                                count,
                                anchors,
                                answer,
                                4,
                                1 + classes,
                                5 + classes));
                yield both;
            }
        };
    }

    /** Some columns of a table with a row for each anchor of each image. */
    private static Output columns(
            String name, int count, int anchors, float[] answer, int from, int width, int row) {
        List<Integer> shape = List.of(count, anchors, width);
        if (answer == null) {
            return new Output(name, shape, null);
        }
        float[] values = new float[count * anchors * width];
        for (int i = 0; i < count * anchors; i++) {
            System.arraycopy(answer, i * row + from, values, i * width, width);
        }
        return new Output(name, shape, values);
    }
}
