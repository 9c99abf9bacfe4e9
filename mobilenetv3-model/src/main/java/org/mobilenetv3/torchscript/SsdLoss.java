package org.mobilenetv3.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;

/**
 * What an SSD learns from, as torchvision's {@code SSD.compute_loss}: the distance of codes (smooth
 * L1) over all anchors that show an object, and the cross entropy of these and of the three times
 * as many anchors of the same image that show background and err most; divided by the number of
 * anchors that show an object.
 */
public final class SsdLoss implements AutoCloseable {

    /**
     * What the source reads beside the net's output {@code y}, {@code (N, A, 4 + logits)}: labels
     * {@code (N, A)}, 64-bit, 0 for background; codes {@code (N, A, 4)}; and the scalar to divide
     * by, the number of labels above 0 of the whole batch, at least 1.
     */
    static final List<String> ARGUMENTS = List.of("t", "b", "d");

    /** Sets {@code loss}. No entropy is negative, so -1 comes behind all of them. */
    static final String SOURCE =
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
            """;

    private static final String METHOD =
            "  def loss(self: __torch__.Net, y: Tensor, "
                    + String.join(": Tensor, ", ARGUMENTS)
                    + ": Tensor) -> Tensor:\n"
                    + SOURCE
                    + "    return loss\n";

    private final Script script;

    /**
     * Compiles the loss by itself, for nets that are computed operation by operation.
     *
     * @param manager the engine's, on the device where to compute
     */
    public SsdLoss(NDManager manager) {
        script = new Script(manager, List.of(), METHOD);
    }

    /**
     * Computes the loss; autograd records it as any other operation.
     *
     * @param output of the net, {@code (N, A, 4 + logits)}
     * @param labels {@code (N, A)}, 64-bit, 0 for background
     * @param codes {@code (N, A, 4)}
     * @param divisor a scalar: how many labels of the whole batch are above 0, at least 1
     * @return a scalar
     */
    public NDArray of(NDArray output, NDArray labels, NDArray codes, NDArray divisor) {
        return script.call("loss", output, labels, codes, divisor).singletonOrThrow();
    }

    @Override
    public void close() {
        script.close();
    }
}
