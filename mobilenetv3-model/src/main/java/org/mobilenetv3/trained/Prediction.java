package org.mobilenetv3.trained;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A class and its probability.
 *
 * @param className the name of the class
 * @param probability the softmax of its logit
 */
public record Prediction(String className, double probability) {

    /**
     * Returns the most likely classes.
     *
     * @param logits {@code (classes)}, finite
     * @param classes names by index
     * @param topK how many, at most all
     * @return the most likely first
     */
    public static List<Prediction> top(float[] logits, List<String> classes, int topK) {
        double largest =
                IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElse(0);
        double[] powers =
                IntStream.range(0, logits.length)
                        .mapToDouble(i -> Math.exp(logits[i] - largest))
                        .toArray();
        double sum = Arrays.stream(powers).sum();
        return IntStream.range(0, logits.length)
                .mapToObj(i -> new Prediction(classes.get(i), powers[i] / sum))
                .sorted(Comparator.comparingDouble(Prediction::probability).reversed())
                .limit(topK)
                .toList();
    }
}
