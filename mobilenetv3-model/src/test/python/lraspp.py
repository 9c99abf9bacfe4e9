"""Makes ../resources/golden/lraspp: LR-ASPP's logits, loss and gradients by torchvision in float64,
and the names and shapes of state dicts.

Run with torch 2.7.1 and torchvision 0.22.1:  python lraspp.py
"""
import json
import pathlib

import torch
from torch.nn import functional as F
from torchvision import models
from torchvision.models.segmentation.lraspp import LRASPP, _lraspp_mobilenetv3

from seeded import fill, filled

SAMPLES = 12
CLASSES = 5
IGNORED = 255
WIDTH = 0.25
OUT = pathlib.Path(__file__).parent / "../resources/golden/lraspp"


def figures(tensor, samples=SAMPLES):
    flat = tensor.detach().flatten()
    step = max(1, flat.numel() // samples)
    return {
        "shape": list(tensor.shape),
        "sum": flat.sum().item(),
        "l2": flat.norm().item(),
        "step": step,
        "samples": flat[::step][:samples].tolist(),
    }


def labels(shape):
    """Patches of 8 x 8 pixels of each class in turn, and of none."""
    n, h, w = torch.meshgrid(*(torch.arange(s) for s in shape), indexing="ij")
    classes = (n + h // 8 + 2 * (w // 8)) % (CLASSES + 1)
    return torch.where(classes == CLASSES, IGNORED, classes)


def image(shape, dtype):
    return filled(shape, 424242, 0.5, 0.5).to(dtype)


def build(size, dtype):
    trunk = getattr(models, f"mobilenet_v3_{size}")(width_mult=WIDTH, dilated=True)
    net = _lraspp_mobilenetv3(trunk, CLASSES)
    with torch.no_grad():
        fill(net)
    return net.to(dtype)


def learn(size, shape, dtype):
    net = build(size, dtype).train()
    logits = net(image(shape, dtype))["out"]
    target = labels([shape[0], *shape[2:]])
    loss = F.cross_entropy(logits, target, ignore_index=IGNORED)
    loss.backward()
    return net, logits.detach(), loss.item()


def names():
    """A line 'model' per net (preset, width, classes, inner channels), then one per tensor."""
    large = models.segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None)
    narrow = models.mobilenet_v3_small(width_mult=0.5, dilated=True)
    small = _lraspp_mobilenetv3(narrow, 7)
    other = LRASPP(small.backbone, 16, 288, 7, inter_channels=32)
    lines = []
    for model, net in [("lraspp_large 1 21 128", large), ("lraspp_small 0.5 7 128", small),
                       ("lraspp_small 0.5 7 32", other)]:
        lines.append(f"model {model}")
        for name, tensor in net.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                lines.append(" ".join([name, *map(str, tensor.shape)]))
    (OUT / "names.txt").write_text("\n".join(lines) + "\n")


def main():
    OUT.mkdir(exist_ok=True)
    names()
    for size in ["large", "small"]:
        net = build(size, torch.float64).eval()
        cases = []
        for shape in ([2, 3, 64, 64], [1, 3, 75, 53], [1, 3, 48, 97]):
            with torch.no_grad():
                cases.append({"input": shape, "logits": figures(net(image(shape, torch.float64))["out"])})
        shape = [4, 3, 64, 48]
        net, logits, loss = learn(size, shape, torch.float64)
        rough, rough_logits, _ = learn(size, shape, torch.float32)
        exact = {name: p.grad for name, p in net.named_parameters()}
        # What batch norm takes out again has no gradient but rounding.
        off = {
            name: ((p.grad.double() - exact[name]).norm() / exact[name].norm()).item()
            for name, p in rough.named_parameters()
            if exact[name].norm() > 1e-6
        }
        golden = {
            "width": WIDTH,
            "classes": CLASSES,
            "cases": cases,
            "train": {
                "input": shape,
                "labels": figures(labels([shape[0], *shape[2:]]).double()),
                "logits": figures(logits),
                "loss": loss,
                "gradients": {name: figures(g, 3) for name, g in exact.items()},
                "statistics": {
                    name: figures(b, 2) for name, b in net.named_buffers() if "running" in name
                },
                # What PyTorch's own float32 run differs by, as a share of the norm.
                "float32_logits": ((rough_logits - logits).norm() / logits.norm()).item(),
                "float32_gradient": max(off.values()),
            },
        }
        train = golden["train"]
        print(size, "float32 differs:", train["float32_logits"], train["float32_gradient"])
        (OUT / f"{size}.json").write_text(json.dumps(golden) + "\n")


main()
