package org.mobilenetv3.export.int8;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import org.mobilenetv3.export.Argmax;
import org.mobilenetv3.export.int8.CalibrationImages.Image;
import org.mobilenetv3.export.int8.ImageBatches.Batch;
import org.mobilenetv3.export.int8.Int8Report.Check;
import org.mobilenetv3.trained.TrainedNet;

/** Asks a float net and an int8 net for the classes of the same images, turn by turn. */
final class Int8Comparison {

    private final TrainedNet floats;
    private final TrainedNet int8;
    private int images;
    private int floatRight;
    private int int8Right;
    private int same;
    private long floatTime;
    private long int8Time;

    Int8Comparison(TrainedNet floats, TrainedNet int8) {
        this.floats = floats;
        this.int8 = int8;
    }

    /** Asks both. */
    void see(Batch batch) throws IOException {
        if (images == 0) { // the first answer takes longer
            logits(floats, batch);
            logits(int8, batch);
        }
        long start = System.nanoTime();
        float[] before = logits(floats, batch);
        long between = System.nanoTime();
        float[] after = logits(int8, batch);
        int8Time += System.nanoTime() - between;
        floatTime += between - start;
        int classes = before.length / batch.images().size();
        for (int i = 0; i < batch.images().size(); i++) {
            Image image = batch.images().get(i);
            int expected = Argmax.of(before, i * classes, classes);
            int answer = Argmax.of(after, i * classes, classes);
            images++;
            floatRight += expected == image.label() ? 1 : 0;
            int8Right += answer == image.label() ? 1 : 0;
            same += answer == expected ? 1 : 0;
        }
    }

    private static float[] logits(TrainedNet net, Batch batch) throws IOException {
        return net.logits(batch.input(), new Shape(batch.shape()));
    }

    /** What both answered so far. */
    Check result(boolean labeled) {
        double speed = (double) floatTime / int8Time;
        return new Check(images, labeled, floatRight, int8Right, same, speed);
    }
}
