"""Makes ../resources/golden/optimizers.json: PyTorch's optimizers in float64.

Run with torch 2.7.1:  python optimizers.py
"""
import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)


def weights():
    return torch.tensor([[0.5, -1.0], [2.0, 0.1]], requires_grad=True)


def bias():
    return torch.tensor([0.3, -0.2], requires_grad=True)


def run(make, share=1.0):
    """Five steps on loss = sum((w + b)^3 / 3 + w^2), learning rate 0.1, 0.09, ..., of which the
    weight's group takes a share."""
    w, b = weights(), bias()
    # As ours: weight decay on weights, none on biases.
    optimizer = make([{"params": [w]}, {"params": [b], "weight_decay": 0.0}])
    trace = []
    for step in range(5):
        for group, factor in zip(optimizer.param_groups, (share, 1.0)):
            group["lr"] = (0.1 - 0.01 * step) * factor
        optimizer.zero_grad()
        loss = ((w + b) ** 3 / 3 + w**2).sum()
        loss.backward()
        optimizer.step()
        trace.append(w.detach().flatten().tolist() + b.detach().tolist())
    return trace


class RMSpropTF(torch.optim.Optimizer):
    """TensorFlow's RMSProp, written from its definition (tf.raw_ops.ApplyRMSProp): the mean
    square begins at 1, epsilon is inside the root, the rate inside the momentum."""

    def __init__(self, params, weight_decay):
        super().__init__(params, {"lr": 0.0, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state["ms"] = torch.ones_like(p)
                    state["mom"] = torch.zeros_like(p)
                g = p.grad + group["weight_decay"] * p
                state["ms"] += 0.1 * (g * g - state["ms"])
                state["mom"].mul_(0.9).add_(group["lr"] * g / (state["ms"] + 1e-3).sqrt())
                p -= state["mom"]


kinds = {
    "adam": lambda p: torch.optim.Adam(p, weight_decay=0.05),
    "adamw": lambda p: torch.optim.AdamW(p, weight_decay=0.05),
    "sgd": lambda p: torch.optim.SGD(p, momentum=0.9, weight_decay=0.05),
    "nesterov": lambda p: torch.optim.SGD(p, momentum=0.9, nesterov=True, weight_decay=0.05),
    "rmsprop": lambda p: torch.optim.RMSprop(
        p, alpha=0.9, eps=0.0316, momentum=0.9, weight_decay=0.05
    ),
    "rmsprop-tf": lambda p: RMSpropTF(p, weight_decay=0.05),
}
out = {"torch": torch.__version__}
out.update({name: run(make) for name, make in kinds.items()})
out["groups"] = {name: run(make, share=0.1) for name, make in kinds.items()}
path = pathlib.Path(__file__).parent / "../resources/golden/optimizers.json"
path.write_text(json.dumps(out, indent=1) + "\n")
