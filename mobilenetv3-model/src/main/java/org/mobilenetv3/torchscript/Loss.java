package org.mobilenetv3.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.List;

/**
 * What a net learns to make small: a function of its output and of targets, as TorchScript for the
 * compiled step and as operations of DJL for a net that is computed one by one. All losses are
 * sums, so that the parts of a batch add up: what a mean divides by is in the targets.
 */
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
    };

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

    /** Statements that compute {@code loss}, a scalar, from the output {@code y} and the targets. */
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
