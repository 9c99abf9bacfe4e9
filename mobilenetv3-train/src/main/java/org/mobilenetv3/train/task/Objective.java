package org.mobilenetv3.train.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.torchscript.Loss;
import org.mobilenetv3.train.data.ImageBatch;
import org.mobilenetv3.train.run.Score;

/**
 * What a learner makes of a batch: the targets of the loss, and the score that is shown while it
 * learns.
 *
 * @param <B> what a batch holds
 */
public interface Objective<B extends ImageBatch> {

    /** What is learned, if there is no teacher. */
    Loss loss();

    /**
     * Makes the targets of some of a batch's images; the losses of all parts add up to the batch's.
     *
     * @param scope owns them
     * @param batch images and what is known of them
     * @param from first image of the part
     * @param to image after its last
     * @return as the {@link #loss} wants them
     */
    List<NDArray> targets(NDManager scope, B batch, int from, int to);

    /**
     * Adds a batch that was learned.
     *
     * @param running the score so far
     * @param batch that was learned
     * @param parts of it, in their order
     * @return the score with the batch
     */
    Score plus(Score running, B batch, List<Learned> parts);

    /** The loss of a batch, from its parts. */
    static double loss(List<Learned> parts) {
        return parts.stream().mapToDouble(part -> part.loss().getFloat()).sum();
    }
}
