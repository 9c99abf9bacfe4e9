package org.mobilenetv3.train;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.function.Predicate;
import org.mobilenetv3.export.TrainedNet;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;

/** Scores a trained net; plain cross entropy, no label smoothing. */
public final class Evaluation {

    private Evaluation() {}

    /**
     * Scores a net from a package or an exported file.
     *
     * @param net the net
     * @param loader the images, not shuffled, normalised as the net wants them
     * @param progress told the score after each batch; says whether to go on
     * @return the score over all images, or those until {@code progress} said no
     * @throws IOException if the net's runtime fails
     */
    public static Score of(TrainedNet net, BatchLoader loader, Predicate<Score> progress)
            throws IOException {
        Score score = Score.NONE;
        for (Batch batch : loader.epoch(0)) {
            try (batch) {
                Shape s = batch.shape();
                float[] logits =
                        net.logits(
                                batch.pixels().asFloatBuffer(),
                                s.get(0),
                                s.get(1),
                                s.get(2),
                                s.get(3));
                score = score.plus(crossEntropy(logits, batch.labels()), logits, batch.labels());
                if (!progress.test(score)) {
                    break;
                }
            }
        }
        return score;
    }

    /** Mean of {@code log(sum(exp(logits))) - logits[label]}, in double precision. */
    static double crossEntropy(float[] logits, long[] labels) {
        int classes = logits.length / labels.length;
        double sum = 0;
        for (int n = 0; n < labels.length; n++) {
            int row = n * classes;
            double largest = logits[row + Score.argmax(logits, row, classes)];
            double powers = 0;
            for (int i = row; i < row + classes; i++) {
                powers += Math.exp(logits[i] - largest);
            }
            sum += largest + Math.log(powers) - logits[row + Math.toIntExact(labels[n])];
        }
        return sum / labels.length;
    }
}
