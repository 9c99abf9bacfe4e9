"""Makes ../resources/golden/distillation.json: distillation by PyTorch in float64.

Run with torch 2.7.1 and torchvision 0.22.1:  python distillation.py
"""
import json
import pathlib

import torch
import torchvision
from torch.nn.functional import cross_entropy, interpolate, kl_div, log_softmax, one_hot, softmax

torch.set_default_dtype(torch.float64)

LOGITS = [[1.0, -2.0, 0.5], [0.0, 3.0, -1.0], [0.2, 0.1, -0.4], [2.0, 1.0, 0.0]]
TEACHER = [[0.5, -1.0, 4.0], [0.0, 6.0, -3.0], [1.0, 0.9, -2.0], [-1.0, 2.5, 0.3]]
LABELS = torch.tensor([2, 1, 0, 1])
PARTNERS = torch.tensor([1, 2, 1, 0])
WEIGHTS = torch.tensor([0.5, 2.0, 1.25])


def distillation(logits, teacher, distill, temperature, hard):
    soft = kl_div(
        log_softmax(logits / temperature, 1),
        softmax(teacher / temperature, 1),
        reduction="batchmean",
    )
    return (1 - distill) * hard + distill * temperature**2 * soft


def loss(distill, temperature, smoothing, weight, share):
    logits = torch.tensor(LOGITS, requires_grad=True)
    labels = LABELS
    if share != 1.0:  # soft targets, as mixup and cutmix make them
        labels = share * one_hot(LABELS, 3).double() + (1 - share) * one_hot(PARTNERS, 3).double()
    hard = cross_entropy(logits, labels, weight=weight, label_smoothing=smoothing)
    value = distillation(logits, torch.tensor(TEACHER), distill, temperature, hard)
    value.backward()
    return {
        "distill": distill,
        "temperature": temperature,
        "smoothing": smoothing,
        "weights": weight.tolist() if weight is not None else None,
        "share": share,
        "loss": value.item(),
        "gradient": logits.grad.flatten().tolist(),
    }


def formula(count, offset):
    """-1 to 1, from the place; the same in DistillationTest."""
    index = torch.arange(count, dtype=torch.int64)
    return ((index * 1103515245 + offset) % 2**31).double() / 2**31 * 2 - 1


def net(channels, classes):
    model = torchvision.models.mobilenet_v3_small(width_mult=0.1, num_classes=classes, dropout=0.0)
    if channels == 1:
        stem = model.features[0][0]
        model.features[0][0] = torch.nn.Conv2d(1, stem.out_channels, 3, 2, 1, bias=False)
    model.double()
    names = [n for n in model.state_dict() if not n.endswith("num_batches_tracked")]
    for place, name in enumerate(names):
        tensor = model.state_dict()[name]
        u = formula(tensor.numel(), 7919 * place)
        if tensor.dim() > 1:
            values = u * (6 * tensor.shape[0] / tensor.numel()) ** 0.5
            values = values * (10 if name == "classifier.3.weight" else 1)
        elif name.endswith("running_var") or name.endswith(".weight"):
            values = 1 + 0.3 * u
        else:
            values = 0.2 * u
        tensor.copy_(values.float().double().reshape(tensor.shape))
    return model


def step(case):
    """A training step of a student of one size and number of channels, its teacher of another."""
    classes, images = 5, 6
    side, channels = case["side"], case["channels"]
    student, teacher = net(channels, classes).train(), net(case["teacherChannels"], classes).eval()
    n, c, h, w = torch.meshgrid(*map(torch.arange, (images, channels, side, side)), indexing="ij")
    x = ((50 * c + 5 * (n + 2) * h + 3 * (n + 3) * w) % 256).double() / 255
    with torch.no_grad():
        seen = x
        if channels == 3 and case["teacherChannels"] == 1:
            luma = torch.tensor([19595, 38470, 7471]) / 65536  # of Pillow's convert("L")
            seen = (x * luma.reshape(3, 1, 1)).sum(1, keepdim=True)
        seen = interpolate(
            seen, size=(case["teacherSide"],) * 2, mode="bilinear", antialias=True,
            align_corners=False,
        )
        if channels == 1 and case["teacherChannels"] == 3:
            seen = seen.repeat(1, 3, 1, 1)
        answers = teacher((seen - 0.25) / 0.5)
    logits = student((x - 0.5) / 0.25)
    labels = torch.arange(images) % classes
    hard = cross_entropy(logits, labels, label_smoothing=0.1)
    value = distillation(logits, answers, case["distill"], case["temperature"], hard)
    value.backward()
    return case | {
        "answers": answers.flatten().tolist(),
        "loss": value.item(),
        "gradients": {  # the norm, and the product with a formula
            name: [p.grad.norm().item(), (p.grad.flatten() * formula(p.numel(), 1)).sum().item()]
            for name, p in student.named_parameters()
        },
    }


torch.manual_seed(0)
out = {
    "torch": torch.__version__,
    "logits": LOGITS,
    "teacher": TEACHER,
    "labels": LABELS.tolist(),
    "partners": PARTNERS.tolist(),
    "losses": [
        loss(distill, temperature, smoothing, weight, share)
        for distill, temperature in ((0.9, 1.0), (0.5, 4.0), (1.0, 2.0), (0.25, 0.5), (0.0, 3.0))
        for smoothing, weight, share in (
            (0.0, None, 1.0), (0.1, WEIGHTS, 1.0), (0.1, None, 0.3), (0.0, WEIGHTS, 0.3)
        )
    ],
    "steps": [
        step({"side": 32, "channels": 3, "teacherSide": 48, "teacherChannels": 1,
              "distill": 0.7, "temperature": 4.0}),
        step({"side": 40, "channels": 1, "teacherSide": 32, "teacherChannels": 3,
              "distill": 0.9, "temperature": 1.0}),
        step({"side": 32, "channels": 3, "teacherSide": 32, "teacherChannels": 3,
              "distill": 1.0, "temperature": 2.0}),
    ],
}
path = pathlib.Path(__file__).parent / "../resources/golden/distillation.json"
path.write_text(json.dumps(out, indent=1) + "\n")
