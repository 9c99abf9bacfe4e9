package org.mobilenetv3.train.data.scene.batch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.mobilenetv3.detection.Targets;
import org.mobilenetv3.train.data.ImageBatch;

/** Images with what each of the net's anchors is to show. */
public final class BoxBatch extends ImageBatch {
    private final long[] labels;
    private final float[] codes;
    private final int anchors;
    private final int positives;

    /**
     * Takes over the images.
     *
     * @param memory that holds them
     * @param shape {@code (N, C, H, W)}
     * @param targets one for each image
     * @param indices where each image is in its set
     */
    public BoxBatch(Memory memory, Shape shape, List<Targets> targets, int... indices) {
        super(memory, shape, indices);
        anchors = targets.get(0).labels().length;
        labels = new long[targets.size() * anchors];
        codes = new float[4 * labels.length];
        int sum = 0;
        for (int i = 0; i < targets.size(); i++) {
            Targets one = targets.get(i);
            System.arraycopy(one.labels(), 0, labels, i * anchors, anchors);
            System.arraycopy(one.codes(), 0, codes, 4 * i * anchors, 4 * anchors);
            sum += one.positives();
        }
        positives = sum;
    }

    /** How many anchors of the whole batch show an object. */
    public int positives() {
        return positives;
    }

    /** The classes that some images' anchors show, {@code (to - from, A)}, 0 for background. */
    public NDArray labels(NDManager manager, int from, int to) {
        long[] part = Arrays.copyOfRange(labels, from * anchors, to * anchors);
        return manager.create(part, new Shape(to - from, anchors));
    }

    /**
     * The boxes that some images' anchors show, {@code (to - from, A, 4)}, as the net codes them.
     */
    public NDArray codes(NDManager manager, int from, int to) {
        float[] part = Arrays.copyOfRange(codes, 4 * from * anchors, 4 * to * anchors);
        return manager.create(part, new Shape(to - from, anchors, 4));
    }
}
