package org.mobilenetv3.train;

import java.util.ArrayList;
import java.util.List;

/**
 * An optimizer's step as TorchScript over lists of tensors: {@code s} are the step count, whether a
 * gradient overflowed, and the scale; {@code t} the good steps since the scale changed; each group
 * of parameters has its own parameters, gradients and states.
 *
 * @param rule one of the update rules here
 * @param groups parameters that are treated alike
 * @param weightDecay of those that decay
 * @param clipNorm largest norm of all gradients together, 0 for any
 * @param scales whether gradients come scaled
 */
record OptimizerScript(
        String rule,
        List<Optimizer.Group> groups,
        double weightDecay,
        double clipNorm,
        boolean scales) {

    static final String FUSED_ADAM =
            """
                    steps = annotate(List[Tensor], [])
                    for i in range(torch.len(p)):
                      _0 = torch.append(steps, self.s[0])
                    none = annotate(List[Tensor], [])
                    torch._fused_%s_(p, g, a, b, none, steps, lr=lr, beta1=0.9, beta2=0.999, weight_decay=wd, eps=1.0E-8, amsgrad=False, maximize=False, found_inf=overflow)
            """;
    static final String FUSED_SGD =
            """
                    torch._fused_sgd_(p, g, a, weight_decay=wd, momentum=0.9, lr=lr, dampening=0.0, nesterov=%s, maximize=False, is_first_step=False, found_inf=overflow)
            """;

    /**
     * PyTorch's {@code GradScaler}: divides by the scale; a step that a gradient beyond 16 bits
     * spoils is left out and halves the scale, 2000 good ones double it.
     */
    private static final String UNSCALE =
            """
                all = %s
                found = torch.zero_(self.s[1])
                torch._amp_foreach_non_finite_check_and_unscale_(all, found, torch.reciprocal(self.s[2]))
                _3 = torch.add_(self.s[0], torch.sub(1.0, found))
                _4 = torch._amp_update_scale_(self.s[2], self.t[0], found, 2.0, 0.5, 2000)
                overflow = annotate(Optional[Tensor], found)
            """;

    private static final String UNSCALED =
            """
                _3 = torch.add_(self.s[0], 1.0)
                overflow = annotate(Optional[Tensor], None)
            """;

    /** {@code clip_grad_norm_}: all gradients together, before any decay. */
    private static final String CLIP =
            """
                all = %s
                norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(all)))
                scale = torch.clamp_max(torch.mul(torch.reciprocal(torch.add(norm, 1.0E-6)), %s), 1.0)
                for i in range(torch.len(all)):
                  _0 = torch.mul_(all[i], scale)
            """;

    private static final String DECAY =
            """
                    if torch.gt(wd, 0.0):
                      g = torch._foreach_add(g, p, alpha=wd)
                    else:
                      pass
            """;
    static final String TORCH_RMSPROP =
            DECAY
                    + """
                    torch._foreach_mul_(a, 0.9)
                    torch._foreach_addcmul_(a, g, g, 0.1)
                    d = torch._foreach_sqrt(a)
                    torch._foreach_add_(d, 0.0316)
                    torch._foreach_mul_(b, 0.9)
                    torch._foreach_addcdiv_(b, g, d, 1.0)
                    torch._foreach_sub_(p, torch._foreach_mul(b, lr))
            """;
    static final String TENSORFLOW_RMSPROP =
            DECAY
                    + """
                    torch._foreach_mul_(a, 0.9)
                    torch._foreach_addcmul_(a, g, g, 0.1)
                    d = torch._foreach_add(a, 0.001)
                    torch._foreach_sqrt_(d)
                    torch._foreach_mul_(b, 0.9)
                    torch._foreach_addcdiv_(b, torch._foreach_mul(g, lr), d, 1.0)
                    torch._foreach_sub_(p, b)
            """;

    /** Fused kernels change parameters uncounted; this counts, for whoever holds a copy. */
    private static final String TOUCH =
            """
                  _2 = torch.zero_(torch.slice(torch.flatten(p[0]), 0, 0, 0))
                else:
                  pass
            """;

    /** Name of a list: parameters, gradients, first or second state of a group. */
    static String list(char what, int group) {
        return what + "_" + group;
    }

    /** The lists, to be bound before the first step. */
    List<String> lists() {
        List<String> names = new ArrayList<>(List.of("s", "t"));
        for (int i = 0; i < groups.size(); i++) {
            for (char what : new char[] {'p', 'g', 'a', 'b'}) {
                names.add(list(what, i));
            }
        }
        return names;
    }

    /** Its method {@code step} takes the learning rate as the first value of a tensor. */
    String source() {
        StringBuilder source =
                new StringBuilder(
                        """
                          def step(self: __torch__.Net, h: Tensor) -> Tensor:
                            torch.set_grad_enabled(False)
                            rate = torch.select(h, 0, 0)
                        """);
        String all = "annotate(List[Tensor], [])";
        for (int i = 0; i < groups.size(); i++) {
            all = "torch.add(%s, self.%s)".formatted(all, list('g', i));
        }
        source.append(scales ? UNSCALE.formatted(all) : UNSCALED);
        if (clipNorm > 0) {
            source.append(CLIP.formatted(all, clipNorm));
        }
        int index = 0;
        for (Optimizer.Group group : groups) {
            source.append(
                    """
                        lr = torch.mul(rate, %s)
                        if torch.gt(torch.len(self.%s), 0):
                          p = self.%s
                          a = self.%s
                          b = self.%s
                          wd = %s
                          g = annotate(List[Tensor], [])
                          for i in range(torch.len(p)):
                            _1 = torch.append(g, torch.contiguous(self.%s[i], memory_format=0))
                    """
                            .formatted(
                                    Double.toString(group.rate()),
                                    list('p', index),
                                    list('p', index),
                                    list('a', index),
                                    list('b', index),
                                    Double.toString(group.decays() ? weightDecay : 0),
                                    list('g', index)));
            source.append(rule.indent(-2)).append(TOUCH);
            index++;
        }
        return source.append("    return h\n").toString();
    }
}
