package org.mobilenetv3.train;

import java.util.ArrayList;
import java.util.List;
import org.mobilenetv3.train.recipe.UpdateRule;

/**
 * An optimizer's step as TorchScript over lists of tensors: {@code counts} are the step count,
 * whether a gradient overflowed, and the scale; {@code good} the good steps since the scale
 * changed; each group of parameters has its own parameters, gradients and states.
 *
 * @param rule what is done to each group
 * @param groups parameters that are treated alike
 * @param weightDecay of those that decay
 * @param clipNorm largest norm of all gradients together, 0 for any
 * @param scales whether gradients come scaled
 */
record OptimizerScript(
        Rule rule, List<Group> groups, double weightDecay, double clipNorm, boolean scales) {

    static final String COUNTS = "counts";
    static final String GOOD = "good";
    static final String PARAMS = "params";
    static final String GRADS = "grads";

    /** Parameters that are treated alike, as PyTorch's {@code param_groups}. */
    record Group(double rate, boolean decays) {}

    /**
     * An update rule.
     *
     * @param states what it keeps of each parameter, by PyTorch's names
     * @param initial what the first of them begins with; the others begin with 0
     * @param text its lines
     */
    record Rule(List<String> states, float initial, String text) {

        static Rule of(UpdateRule rule) {
            return switch (rule) {
                case ADAM -> new Rule(ADAM_STATES, 0, FUSED_ADAM.formatted("adam"));
                case ADAMW -> new Rule(ADAM_STATES, 0, FUSED_ADAM.formatted("adamw"));
                case SGD -> new Rule(SGD_STATES, 0, FUSED_SGD.formatted("False"));
                case NESTEROV -> new Rule(SGD_STATES, 0, FUSED_SGD.formatted("True"));
                case RMSPROP -> new Rule(RMSPROP_STATES, 0, DECAY + TORCH_RMSPROP);
                case RMSPROP_TF -> new Rule(RMSPROP_STATES, 1, DECAY + TENSORFLOW_RMSPROP);
            };
        }

        /** Whether a step whose gradients overflow can be skipped. */
        boolean canSkipSteps() {
            return text.contains("found_inf");
        }
    }

    private static final List<String> ADAM_STATES = List.of("exp_avg", "exp_avg_sq");
    private static final List<String> SGD_STATES = List.of("momentum_buffer");
    private static final List<String> RMSPROP_STATES = List.of("square_avg", "momentum_buffer");

    private static final String FUSED_ADAM =
            """
                  steps = annotate(List[Tensor], [])
                  for i in range(torch.len(params)):
                    _0 = torch.append(steps, self.counts[0])
                  none = annotate(List[Tensor], [])
                  torch._fused_%s_(params, grads, exp_avg, exp_avg_sq, none, steps, lr=lr, beta1=0.9, beta2=0.999, weight_decay=weight_decay, eps=1.0E-8, amsgrad=False, maximize=False, found_inf=overflow)
            """;
    private static final String FUSED_SGD =
            """
                  torch._fused_sgd_(params, grads, momentum_buffer, weight_decay=weight_decay, momentum=0.9, lr=lr, dampening=0.0, nesterov=%s, maximize=False, is_first_step=False, found_inf=overflow)
            """;

    private static final String DECAY =
            """
                  if torch.gt(weight_decay, 0.0):
                    grads = torch._foreach_add(grads, params, alpha=weight_decay)
                  else:
                    pass
            """;

    /** torchvision's epsilon: the root of TensorFlow's, which PyTorch adds outside the root. */
    private static final String TORCH_RMSPROP =
            """
                  epsilon = 0.0316
                  torch._foreach_mul_(square_avg, 0.9)
                  torch._foreach_addcmul_(square_avg, grads, grads, 0.1)
                  root = torch._foreach_sqrt(square_avg)
                  torch._foreach_add_(root, epsilon)
                  torch._foreach_mul_(momentum_buffer, 0.9)
                  torch._foreach_addcdiv_(momentum_buffer, grads, root, 1.0)
                  torch._foreach_sub_(params, torch._foreach_mul(momentum_buffer, lr))
            """;

    private static final String TENSORFLOW_RMSPROP =
            """
                  epsilon = 0.001
                  torch._foreach_mul_(square_avg, 0.9)
                  torch._foreach_addcmul_(square_avg, grads, grads, 0.1)
                  root = torch._foreach_add(square_avg, epsilon)
                  torch._foreach_sqrt_(root)
                  torch._foreach_mul_(momentum_buffer, 0.9)
                  torch._foreach_addcdiv_(momentum_buffer, torch._foreach_mul(grads, lr), root, 1.0)
                  torch._foreach_sub_(params, momentum_buffer)
            """;

    /**
     * PyTorch's {@code GradScaler}: divides by the scale; a step that a gradient beyond 16 bits
     * spoils is left out and halves the scale, 2000 good ones double it.
     */
    private static final String UNSCALE =
            """
                all = %s
                found = torch.zero_(self.counts[1])
                torch._amp_foreach_non_finite_check_and_unscale_(all, found, torch.reciprocal(self.counts[2]))
                _3 = torch.add_(self.counts[0], torch.sub(1.0, found))
                _4 = torch._amp_update_scale_(self.counts[2], self.good[0], found, 2.0, 0.5, 2000)
                overflow = annotate(Optional[Tensor], found)
            """;

    private static final String UNSCALED =
            """
                _3 = torch.add_(self.counts[0], 1.0)
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

    private static final String GROUP =
            """
                lr = torch.mul(rate, %s)
                weight_decay = %s
                params = self.%s
                if torch.gt(torch.len(params), 0):
                  grads = annotate(List[Tensor], [])
                  for i in range(torch.len(params)):
                    _1 = torch.append(grads, torch.contiguous(self.%s[i], memory_format=0))
            """;

    /** Fused kernels change parameters uncounted; this counts, for whoever holds a copy. */
    private static final String TOUCH =
            """
                  _2 = torch.zero_(torch.slice(torch.flatten(params[0]), 0, 0, 0))
                else:
                  pass
            """;

    /** Name of a group's list: {@link #PARAMS}, {@link #GRADS} or one of the rule's states. */
    static String list(String what, int group) {
        return what + "_" + group;
    }

    /** The lists, to be bound before the first step. */
    List<String> lists() {
        List<String> names = new ArrayList<>(List.of(COUNTS, GOOD));
        for (int i = 0; i < groups.size(); i++) {
            names.add(list(PARAMS, i));
            names.add(list(GRADS, i));
            for (String state : rule.states()) {
                names.add(list(state, i));
            }
        }
        return names;
    }

    /** Its method {@code step} takes the learning rate as the first value of a tensor. */
    String source() {
        StringBuilder source =
                new StringBuilder(
                        """
                          def step(self: __torch__.Net, rates: Tensor) -> Tensor:
                            torch.set_grad_enabled(False)
                            rate = torch.select(rates, 0, 0)
                        """);
        String all = "annotate(List[Tensor], [])";
        for (int i = 0; i < groups.size(); i++) {
            all = "torch.add(%s, self.%s)".formatted(all, list(GRADS, i));
        }
        source.append(scales ? UNSCALE.formatted(all) : UNSCALED);
        if (clipNorm > 0) {
            source.append(CLIP.formatted(all, clipNorm));
        }
        for (int i = 0; i < groups.size(); i++) {
            Group group = groups.get(i);
            source.append(
                    GROUP.formatted(
                            Double.toString(group.rate()),
                            Double.toString(group.decays() ? weightDecay : 0),
                            list(PARAMS, i),
                            list(GRADS, i)));
            for (String state : rule.states()) {
                source.append("      %s = self.%s\n".formatted(state, list(state, i)));
            }
            source.append(rule.text()).append(TOUCH);
        }
        return source.append("    return rates\n").toString();
    }
}
