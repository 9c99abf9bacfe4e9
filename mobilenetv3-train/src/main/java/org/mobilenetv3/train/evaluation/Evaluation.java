package org.mobilenetv3.train.evaluation;

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
        Scoring scoring = new Scoring(net, loader.set().classes().size(), flip);
        for (Batch batch : loader.epoch(0)) {
            try (batch) {
                scoring.add(batch);
                if (!progress.test(scoring.plain().score())) {
                    break;
                }
            }
        }
        return scoring.evaluation();
    }

    /** An evaluation in the making, for images that come batch by batch. */
    public static final class Scoring {
        private final Logits net;
        private final Predictions.Sum plain;
        private final Predictions.Sum flipped;
        private final Mirror mirror = new Mirror();

        /**
         * Begins with no images.
         *
         * @param net the net
         * @param classes how many classes it has
         * @param flip whether to average over mirrored images too, which takes twice the time
         */
        public Scoring(Logits net, int classes, boolean flip) {
            this.net = net;
            plain = new Predictions.Sum(classes);
            flipped = flip ? new Predictions.Sum(classes) : null;
        }

        /**
         * Adds the net's predictions on a batch.
         *
         * @param batch normalized as the net wants it
         * @throws IOException if the net's runtime fails
         */
        public void add(Batch batch) throws IOException {
            FloatBuffer images = batch.pixels().asFloatBuffer();
            float[] logits = net.logits(images, batch.shape());
            plain.add(batch.indices(), batch.labels(), logits);
            if (flipped != null) {
                int width = Math.toIntExact(batch.shape().get(3));
                float[] others = net.logits(mirror.of(images, width), batch.shape());
                for (int i = 0; i < logits.length; i++) {
                    logits[i] = (logits[i] + others[i]) / 2;
                }
                flipped.add(batch.indices(), batch.labels(), logits);
            }
        }

        /** Returns the predictions on the images as they are. */
        public Predictions.Sum plain() {
            return plain;
        }

        /** Returns the predictions with flip averaging, if asked for. */
        public Optional<Predictions.Sum> flipped() {
            return Optional.ofNullable(flipped);
        }

        /** Returns the evaluation of the images so far. */
        public Evaluation evaluation() {
            return new Evaluation(plain.predictions(), flipped().map(Predictions.Sum::predictions));
        }
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
