package org.mobilenetv3.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.List;

/**
 * What a net learns to make small: a function of its output and of targets, as TorchScript for the
 * compiled step and as operations of DJL for a net that is computed one by one. All losses are
 * sums, so that the parts of a batch add up: what a mean divides by is in the targets.
 */
@SuppressWarnings("ImmutableEnumChecker") // its list is immutable
public enum Loss {

    /**
     * Cross entropy of one class an image: the sum of {@code log_softmax(y) * t}, y and t {@code
     * (N, classes)}. So t holds minus each class's share of the target, weighted and divided.
     */
    CLASSES(
            List.of("t"),
            """
                loss = torch.sum(torch.mul(torch.log_softmax(y, 1), t))
            """) {
        @Override
        public NDArray of(NDArray y, List<NDArray> targets) {
            // One product, nothing of Java's in autograd's graph but an array that lives as long.
            return y.logSoftmax(1).mul(targets.get(0)).sum();
        }
    },

    /**
     * {@link #CLASSES} and what a teacher answers: {@code k * sum(exp(q) * (q - log_softmax(y /
     * h)))}, the divergence of the net's probabilities from the teacher's. Targets are t, the
     * teacher's log-probabilities q at the temperature, {@code (N, classes)}, the weight k and the
     * temperature h, scalars; k and h must outlive the call and not be Java's memory.
     */
    DISTILLATION(
            List.of("t", "q", "k", "h"),
            """
                loss = torch.sum(torch.mul(torch.log_softmax(y, 1), t))
                difference = torch.sub(q, torch.log_softmax(torch.div(y, h), 1))
                divergence = torch.sum(torch.mul(torch.exp(q), difference))
                loss = torch.add(loss, torch.mul(divergence, k))
            """) {
        @Override
        public NDArray of(NDArray y, List<NDArray> targets) {
            NDArray logs = targets.get(1);
            NDArray own = y.div(targets.get(3)).logSoftmax(1);
            NDArray divergence = logs.exp().mul(logs.sub(own)).sum();
            return CLASSES.of(y, targets).add(divergence.mul(targets.get(2)));
        }
    },

    /**
     * Cross entropy of a class for each pixel, y {@code (N, classes, H, W)}: targets are the
     * classes, {@code (N, H, W)} bytes, 255 where there is none, and k, a scalar that each pixel's
     * loss is multiplied with.
     */
    PIXELS(
            List.of("t", "k"),
            """
                logs = torch.log_softmax(y, 1)
                loss = torch.mul(torch.nll_loss2d(logs, torch.to(t, 4), None, 2, 255), k)
            """) {
        @Override
        public NDArray of(NDArray y, List<NDArray> targets) {
            NDArray classes = targets.get(0).toType(DataType.INT64, false);
            NDArray learned = classes.neq(255).toType(DataType.INT64, false);
            NDArray index = classes.mul(learned).expandDims(1);
            NDArray logs = y.logSoftmax(1).gather(index, 1).squeeze(1);
            return logs.mul(learned.toType(DataType.FLOAT32, false))
                    .sum()
                    .mul(targets.get(1))
                    .neg();
        }
    },

    /**
     * An SSD's, as torchvision's {@code SSD.compute_loss}: the distance of codes (smooth L1) over
     * all anchors that show an object, and the cross entropy of these and of the three times as
     * many anchors of the same image that show background and err most. y is {@code (N, A, 4 +
     * logits)}; targets are labels {@code (N, A)}, 64-bit, 0 for background, codes {@code (N, A,
     * 4)}, and d, the scalar that all is divided by: how many labels of the whole batch are above
     * 0, at least 1. No entropy is negative, so -1 comes behind all of them.
     */
    BOXES(
            List.of("t", "b", "d"),
            """
                found = torch.gt(t, 0)
                codes = torch.slice(y, 2, 0, 4, 1)
                logits = torch.slice(y, 2, 4, 9223372036854775807, 1)
                distance = torch.sum(torch.smooth_l1_loss(codes, b, 0, 1.), [2])
                each = torch.cross_entropy_loss(torch.flatten(logits, 0, 1), torch.flatten(t), None, 0, -100, 0.)
                entropy = torch.view_as(each, t)
                background = torch.masked_fill(torch.detach(entropy), found, -1.)
                rank = torch.argsort(torch.argsort(background, 1, True), 1, False)
                hard = torch.lt(rank, torch.mul(torch.sum(found, [1], True), 3))
                objects = torch.sum(torch.mul(torch.add(distance, entropy), found))
                loss = torch.div(torch.add(objects, torch.sum(torch.mul(entropy, hard))), d)
            """) {
        @Override
        public NDArray of(NDArray y, List<NDArray> targets) {
            NDArray labels = targets.get(0);
            NDArray off = y.get("..., :4").sub(targets.get(1)).abs();
            NDArray near = off.stopGradient().minimum(1); // what the distance grows with
            NDArray distance = near.mul(off).sub(near.mul(near).mul(0.5)).sum(new int[] {2});
            NDArray logs = y.get("..., 4:").logSoftmax(2);
            NDArray entropy = logs.gather(labels.expandDims(2), 2).squeeze(2).neg();
            NDArray found = labels.gt(0).toType(y.getDataType(), false);
            NDArray wanted = found.sum(new int[] {1}, true).mul(3);
            NDArray background = entropy.stopGradient().mul(found.neg().add(1)).sub(found);
            NDArray rank = background.argSort(1, false).argSort(1, true);
            NDArray hard = rank.toType(y.getDataType(), false).lt(wanted);
            NDArray counted = found.add(hard.toType(y.getDataType(), false));
            return distance.mul(found).add(entropy.mul(counted)).sum().div(targets.get(2));
        }
    };

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> arguments;

    private final String source;

    Loss(List<String> arguments, String source) {
        this.arguments = arguments;
        this.source = source;
    }

    /** Names of the targets, in the order in which they are given. */
    List<String> arguments() {
        return arguments;
    }

    /**
     * Statements that compute {@code loss}, a scalar, from the output {@code y} and the targets.
     */
    String source() {
        return source;
    }

    /**
     * Computes the loss operation by operation.
     *
     * @param y the net's output
     * @param targets as the constant says
     * @return a scalar
     */
    public abstract NDArray of(NDArray y, List<NDArray> targets);
}
