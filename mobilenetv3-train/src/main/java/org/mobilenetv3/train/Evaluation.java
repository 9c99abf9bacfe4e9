package org.mobilenetv3.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Optional;
import java.util.function.Predicate;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.data.BatchLoader;
import org.mobilenetv3.train.run.Predictions;
import org.mobilenetv3.train.run.Score;
import org.mobilenetv3.trained.Logits;
import org.mobilenetv3.trained.TrainedNet;

/**
 * Scores a trained net; plain cross entropy, no label smoothing.
 *
 * @param plain predictions on the images as they are
 * @param flipped predictions with flip averaging, if asked for: the mean of the logits of an image
 *     and of its mirror, as in the CIFAR-10 speed records (Page's DAWNBench entry, Jordan's
 *     airbench)
 */
public record Evaluation(Predictions plain, Optional<Predictions> flipped) {

    /**
     * Scores a net.
     *
     * @param net the net, a {@link TrainedNet}'s or one that learns
     * @param loader the images, not shuffled, normalized as the net wants them
     * @param progress told the score after each batch; says whether to go on
     * @return the score over all images, or those until {@code progress} said no
     * @throws IOException if the net's runtime fails
     */
    public static Score of(Logits net, BatchLoader loader, Predicate<Score> progress)
            throws IOException {
        return run(net, loader, false, progress).plain().score();
    }

    /**
     * Collects a net's predictions.
     *
     * @param net the net
     * @param loader the images, not shuffled, normalized as the net wants them
     * @param flip whether to average over mirrored images too, which takes twice the time
     * @param progress told the plain score after each batch; says whether to go on
     * @return predictions of all images, or of those until {@code progress} said no
     * @throws IOException if the net's runtime fails
     */
    public static Evaluation run(
            Logits net, BatchLoader loader, boolean flip, Predicate<Score> progress)
            throws IOException {
        int classes = loader.set().classes().size();
        Predictions.Sum plain = new Predictions.Sum(classes);
        Predictions.Sum flipped = new Predictions.Sum(classes);
        Mirror mirror = new Mirror();
        for (Batch batch : loader.epoch(0)) {
            try (batch) {
                FloatBuffer images = batch.pixels().asFloatBuffer();
                float[] logits = net.logits(images, batch.shape());
                plain.add(batch.indices(), batch.labels(), logits);
                if (flip) {
                    int width = Math.toIntExact(batch.shape().get(3));
                    float[] others = net.logits(mirror.of(images, width), batch.shape());
                    for (int i = 0; i < logits.length; i++) {
                        logits[i] = (logits[i] + others[i]) / 2;
                    }
                    flipped.add(batch.indices(), batch.labels(), logits);
                }
                if (!progress.test(plain.score())) {
                    break;
                }
            }
        }
        return new Evaluation(
                plain.predictions(), flip ? Optional.of(flipped.predictions()) : Optional.empty());
    }

    /** Mirrors images from left to right, in memory that is kept for the next batch. */
    private static final class Mirror {
        private ByteBuffer memory = ByteBuffer.allocateDirect(0);

        FloatBuffer of(FloatBuffer images, int width) {
            int values = images.remaining();
            if (memory.capacity() < values * Float.BYTES) {
                memory =
                        ByteBuffer.allocateDirect(values * Float.BYTES)
                                .order(ByteOrder.nativeOrder());
            }
            FloatBuffer mirrored = memory.asFloatBuffer().limit(values);
            for (int row = 0; row < values; row += width) {
                for (int x = 0; x < width; x++) {
                    mirrored.put(row + x, images.get(row + width - 1 - x));
                }
            }
            return mirrored;
        }
    }
}
