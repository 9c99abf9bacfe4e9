"""Makes ../resources/golden/training.json: loss, clipping, average and schedules by PyTorch in float64.

Run with torch 2.7.1:  python training.py
"""
import json
import pathlib

import torch
from torch.nn.functional import cross_entropy
from torch.optim.swa_utils import AveragedModel

torch.set_default_dtype(torch.float64)

LOGITS = [[1.0, -2.0, 0.5], [0.0, 3.0, -1.0], [0.2, 0.1, -0.4], [2.0, 1.0, 0.0]]
LABELS = torch.tensor([2, 1, 0, 1])
PARTNERS = torch.tensor([1, 2, 1, 0])
WEIGHTS = torch.tensor([0.5, 2.0, 1.25])


def loss(smoothing, weight, share):
    logits = torch.tensor(LOGITS, requires_grad=True)
    if share == 1.0:
        value = cross_entropy(logits, LABELS, weight=weight, label_smoothing=smoothing)
    else:  # soft targets, as mixup and cutmix make them
        hot = torch.nn.functional.one_hot(LABELS, 3).double()
        other = torch.nn.functional.one_hot(PARTNERS, 3).double()
        value = cross_entropy(
            logits, share * hot + (1 - share) * other, weight=weight, label_smoothing=smoothing
        )
    value.backward()
    return {
        "smoothing": smoothing,
        "weights": weight.tolist() if weight is not None else None,
        "share": share,
        "loss": value.item(),
        "gradient": logits.grad.flatten().tolist(),
    }


def clipped(limit):
    """One step of plain momentum SGD after clip_grad_norm_, two parameters."""
    w = torch.tensor([[0.5, -1.0], [2.0, 0.1]], requires_grad=True)
    b = torch.tensor([0.3, -0.2], requires_grad=True)
    w.grad = torch.tensor([[1.0, -2.0], [3.0, 0.5]])
    b.grad = torch.tensor([0.25, 4.0])
    norm = torch.nn.utils.clip_grad_norm_([w, b], limit)
    torch.optim.SGD([w, b], lr=0.1, momentum=0.9).step()
    return {"limit": limit, "norm": norm.item(),
            "values": w.flatten().tolist() + b.tolist()}


def average(decay, steps):
    """AveragedModel over weights and buffers, its decay warmed up as TensorFlow's
    ExponentialMovingAverage(num_updates) does; the net is set to step ** 2 + 1 / step."""
    net = torch.nn.BatchNorm1d(1)
    t = 0

    def ema(averaged, current, count):
        d = min(decay, (1 + t) / (10 + t))
        return d * averaged + (1 - d) * current

    with torch.no_grad():
        net.weight.fill_(1.0)
        mean = AveragedModel(net, avg_fn=ema, use_buffers=True)
        mean.update_parameters(net)  # the first update copies
        trace = []
        for t in range(1, steps + 1):
            net.weight.fill_(t**2 + 1 / t)
            net.running_mean.fill_(-t)
            mean.update_parameters(net)
            trace.append([mean.module.weight.item(), mean.module.running_mean.item()])
    return {"decay": decay, "trace": trace}


def schedule(make, epochs):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.8)
    scheduler = make(optimizer)
    rates = []
    for _ in range(epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


s = torch.optim.lr_scheduler
out = {
    "torch": torch.__version__,
    "logits": LOGITS,
    "labels": LABELS.tolist(),
    "partners": PARTNERS.tolist(),
    "losses": [
        loss(smoothing, weight, share)
        for smoothing in (0.0, 0.1)
        for weight, share in ((None, 1.0), (WEIGHTS, 1.0), (None, 0.3), (WEIGHTS, 0.3))
    ],
    "clipped": [clipped(1.0), clipped(100.0)],
    "averages": [average(0.999, 40), average(0.5, 20)],
    "schedules": {
        "cosine": schedule(lambda o: s.CosineAnnealingLR(o, 24), 24),
        "restarts": schedule(lambda o: s.CosineAnnealingWarmRestarts(o, 8), 24),
        "step": schedule(lambda o: s.StepLR(o, 5, 0.9), 24),
    },
}
path = pathlib.Path(__file__).parent / "../resources/golden/training.json"
path.write_text(json.dumps(out, indent=1) + "\n")
