"""Makes ../resources/golden/paper_small_spatial_c10_b4_64.json: torchvision's Small with spatial squeeze and
excitation (Roy, Navab and Wachinger 2018) before the projection of every block, in float64.

Run with torch 2.7.1 and torchvision 0.22.1:  python spatial.py; then bounds.py.
"""
import json
import math
import pathlib

import torch
import torchvision
from torch import nn

from seeded import spread

CLASSES = 10
OUT = pathlib.Path(__file__).parent / "../resources/golden"


class SpatialSqueezeExcitation(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, 1, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.conv(x))


def small(**options):
    """torchvision's Small, each block's projection moved one place back for the module."""
    net = torchvision.models.mobilenet_v3_small(**options)
    for block in list(net.features)[1:-1]:
        *layers, projection = block.block
        module = SpatialSqueezeExcitation(projection[0].in_channels)
        block.block = nn.Sequential(*layers, module, projection)
    return net


def of(name, tensor, n):
    """The formula of one tensor, as in all golden files."""
    scale, shift = spread(name, tensor)
    shape = list(tensor.shape)
    return {"name": name, "shape": shape, "offset": 829348951 * (n + 1) % 2**31, "scale": scale, "shift": shift}


def filled(tensor):
    """Rounded to float32, which GoldenTest makes too."""
    i = torch.arange(math.prod(tensor["shape"]), dtype=torch.int64)
    u = ((i * 1103515245 + tensor["offset"]) % 2**31).double() / 2**31
    return (tensor["shift"] + tensor["scale"] * (2 * u - 1)).float().double().reshape(tensor["shape"])


def main():
    net = small(num_classes=CLASSES, dropout=0.0).double()
    state = enumerate(net.state_dict().items())
    tensors = [of(name, t, n) for n, (name, t) in state if not name.endswith("num_batches_tracked")]
    net.load_state_dict({t["name"]: filled(t) for t in tensors}, strict=False)
    image = {"shape": [4, 3, 64, 64], "offset": 424242, "scale": 0.5, "shift": 0.5}
    x = filled(image)
    with torch.no_grad():
        evaluated = net.eval()(x)
    logits = net.train()(x)
    loss = nn.functional.cross_entropy(logits, torch.arange(len(x)) % CLASSES)
    loss.backward()
    golden = {
        "kind": "paper",
        "model": "small",
        "width": 1.0,
        "spatial": True,
        "classes": CLASSES,
        "input": image,
        "labels": "i mod classes",
        "parameters": sum(p.numel() for p in net.parameters()),
        "tensors": tensors,
        "eval_logits": evaluated.tolist(),
        "train_logits": logits.tolist(),
        "train_loss": loss.item(),
        "grad_l2": {n: p.grad.norm().item() for n, p in net.named_parameters()},
        "running_sum_and_l2_after_train_forward": {
            n: [b.sum().item(), b.norm().item()] for n, b in net.named_buffers() if "running" in n
        },
        "torch": torch.__version__,
    }
    (OUT / "paper_small_spatial_c10_b4_64.json").write_text(json.dumps(golden))


if __name__ == "__main__":
    main()
