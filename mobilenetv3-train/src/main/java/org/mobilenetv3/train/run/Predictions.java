package org.mobilenetv3.train.run;

import java.util.ArrayList;
import java.util.List;
import org.mobilenetv3.export.Argmax;

/**
 * A net's predictions on a set of images, in the set's order.
 *
 * @param classes how many classes there are
 * @param images one prediction per image
 */
public record Predictions(int classes, List<Prediction> images) {

    /** How many classes top-5 looks at; with no more classes than that it means nothing. */
    private static final int TOP = 5;

    /** Copies the list. */
    public Predictions {
        images = List.copyOf(images);
    }

    /**
     * A net's prediction on one image.
     *
     * @param index where the image is in its set
     * @param label its class
     * @param predicted the class with the largest logit
     * @param probability of the predicted class, 0 to 1
     * @param labelProbability of the image's class, 0 to 1
     * @param loss cross entropy, in nats
     * @param rank how many classes were ranked above the image's class; 0 if it was predicted
     */
    public record Prediction(
            int index,
            int label,
            int predicted,
            double probability,
            double labelProbability,
            double loss,
            int rank) {

        /** Returns whether the predicted class is the image's. */
        public boolean correct() {
            return predicted == label;
        }

        /**
         * Reads one row of logits, in double precision.
         *
         * @param index where the image is in its set
         * @param label its class
         * @param logits {@code (N, classes)} flat
         * @param row where its row begins
         * @param classes length of a row
         * @return the prediction
         */
        public static Prediction of(int index, int label, float[] logits, int row, int classes) {
            int predicted = Argmax.of(logits, row, classes);
            double largest = logits[row + predicted];
            double target = logits[row + label];
            double powers = 0;
            int rank = 0;
            for (int i = 0; i < classes; i++) {
                double logit = logits[row + i];
                powers += Math.exp(logit - largest);
                // A class as likely as the image's counts before it only if argmax prefers it; so
                // written, a logit that is no number puts every class before the image's.
                boolean behind = logit < target || (logit == target && i >= label);
                rank += behind ? 0 : 1;
            }
            double loss = largest + Math.log(powers) - target;
            return new Prediction(index, label, predicted, 1 / powers, Math.exp(-loss), loss, rank);
        }
    }

    /** Returns loss and top-1 over all images. */
    public Score score() {
        Sum sum = new Sum(classes);
        images.forEach(sum::add);
        return sum.score();
    }

    /**
     * Returns the share of images whose class is among the five most likely.
     *
     * @return 0 to 1; NaN if there are no images, or no more than five classes to choose from
     */
    public double top5() {
        if (classes <= TOP || images.isEmpty()) {
            return Double.NaN;
        }
        long among = images.stream().filter(p -> p.rank() < TOP).count();
        return (double) among / images.size();
    }

    /** Predictions in the making, with their score so far. */
    public static final class Sum {
        private final int classes;
        private final List<Prediction> images = new ArrayList<>();
        private double loss;
        private long correct;

        /** Begins with no images of so many classes. */
        public Sum(int classes) {
            this.classes = classes;
        }

        /**
         * Adds a batch.
         *
         * @param indices where its N images are in the set
         * @param labels their classes
         * @param logits {@code (N, classes)} flat
         */
        public void add(int[] indices, long[] labels, float[] logits) {
            for (int n = 0; n < labels.length; n++) {
                int label = Math.toIntExact(labels[n]);
                add(Prediction.of(indices[n], label, logits, n * classes, classes));
            }
        }

        /** Adds a prediction made before. */
        public void add(Prediction prediction) {
            images.add(prediction);
            loss += prediction.loss();
            correct += prediction.correct() ? 1 : 0;
        }

        /** Returns the score so far. */
        public Score score() {
            return new Score(loss, correct, images.size());
        }

        /** Returns the predictions so far. */
        public Predictions predictions() {
            return new Predictions(classes, images);
        }

        /**
         * Returns the predictions that were added last.
         *
         * @param count how many
         * @return in the order in which they were added
         */
        public List<Prediction> last(int count) {
            return List.copyOf(images.subList(images.size() - count, images.size()));
        }
    }
}
