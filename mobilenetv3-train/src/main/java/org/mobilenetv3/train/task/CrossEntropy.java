package org.mobilenetv3.train.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.mobilenetv3.torchscript.CompiledNet.Learned;
import org.mobilenetv3.torchscript.Loss;
import org.mobilenetv3.train.data.Batch;
import org.mobilenetv3.train.recipe.Recipe;
import org.mobilenetv3.train.recipe.RecipeKey;
import org.mobilenetv3.train.run.Score;

/**
 * A share of the mean cross entropy with label smoothing, class weights and two labels an image, as
 * PyTorch's {@code cross_entropy(..., weight, label_smoothing)}.
 *
 * @param classes their number
 * @param smoothing share of each target spread evenly over all classes
 * @param weights of the classes, or null for 1
 * @param share of the loss; the rest is a teacher's, if it is not 1
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record CrossEntropy(int classes, double smoothing, float[] weights, double share)
        implements Objective<Batch> {

    /**
     * Makes a recipe's loss.
     *
     * @param recipe label smoothing, and the teacher's share if there is one
     * @param classes their number
     * @param weights of the classes, or null for 1
     * @param taught whether there is a teacher
     * @return the loss
     */
    public static CrossEntropy of(Recipe recipe, int classes, float[] weights, boolean taught) {
        return new CrossEntropy(
                classes,
                recipe.number(RecipeKey.LABEL_SMOOTHING),
                weights,
                taught ? 1 - recipe.number(RecipeKey.DISTILL) : 1);
    }

    @Override
    public Loss loss() {
        return Loss.CLASSES;
    }

    @Override
    public List<NDArray> targets(NDManager scope, Batch batch, int from, int to) {
        float[] part = Arrays.copyOfRange(targets(batch), from * classes, to * classes);
        return List.of(scope.create(part, new Shape(to - from, classes)));
    }

    @Override
    public Score plus(Score running, Batch batch, List<Learned> parts) {
        float[] logits = new float[batch.size() * classes];
        int at = 0;
        for (Learned part : parts) {
            float[] some = part.output().toFloatArray();
            System.arraycopy(some, 0, logits, at, some.length);
            at += some.length;
        }
        return running.plus(Objective.loss(parts), logits, batch.labels());
    }

    /**
     * Makes the targets of a whole batch.
     *
     * @param batch images with their classes
     * @return {@code (N, classes)} flat
     */
    public float[] targets(Batch batch) {
        return targets(batch.labels(), batch.partners(), batch.share());
    }

    /**
     * Makes what log-probabilities are multiplied with; the sum of the products is the loss. Minus
     * each target, weighted, over the weight of the batch's labels, or over N if images are mixed:
     * parts of a batch add up.
     *
     * @param labels N class indices
     * @param partners N other class indices, with which images are mixed
     * @param mixing weight of {@code labels}, 0 to 1; the rest is of {@code partners}
     * @return {@code (N, classes)} flat
     */
    public float[] targets(long[] labels, long[] partners, double mixing) {
        double total = total(labels, mixing);
        float[] targets = new float[labels.length * classes];
        for (int n = 0; n < labels.length; n++) {
            for (int c = 0; c < classes; c++) {
                double one = (labels[n] == c ? mixing : 0) + (partners[n] == c ? 1 - mixing : 0);
                double target = (1 - smoothing) * one + smoothing / classes;
                targets[n * classes + c] = (float) (-share * weight(c) * target / total);
            }
        }
        return targets;
    }

    /** What PyTorch divides by: of mixed targets, which are probabilities, the number of images. */
    private double total(long[] labels, double mixing) {
        if (mixing != 1) {
            return labels.length;
        }
        double total = 0;
        for (long label : labels) {
            total += weight((int) label);
        }
        return total;
    }

    private double weight(int label) {
        return weights == null ? 1 : weights[label];
    }
}
