"""Small nets of torchvision and timm, as files, with their logits, for ForeignNetsTest.

    python nets.py ../resources/golden/nets

With torch 2.7.1, torchvision 0.22.1, timm 1.0.31, safetensors 0.8.0. The weights are halves, so
that the files stay small; the logits are those of the halves, computed in float64.
"""

import json
import pathlib
import sys

import torch
import torchvision
from safetensors.torch import save_file
from timm.models.mobilenetv3 import _gen_mobilenet_v3

OUT = pathlib.Path(sys.argv[1])
OUT.mkdir(parents=True, exist_ok=True)
WIDTH, CLASSES, SIDE = 0.1, 7, 64

torch.manual_seed(0)
nets = {
    "torchvision-small.pth": torchvision.models.mobilenet_v3_small(
        width_mult=WIDTH, num_classes=CLASSES
    ),
    "timm-small.safetensors": _gen_mobilenet_v3(
        "mobilenetv3_small_100", WIDTH, num_classes=CLASSES
    ),
}
# Few values in both languages: a pixel follows from its place.
index = torch.arange(2 * 3 * SIDE * SIDE, dtype=torch.float64)
pixels = ((index * 7919) % 1009 / 1009).reshape(2, 3, SIDE, SIDE)
mean = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).reshape(3, 1, 1)
std = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).reshape(3, 1, 1)
x = (pixels - mean) / std
expected = {}
for name, net in nets.items():
    for norm in (m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)):
        norm.weight.data.uniform_(0.5, 1.5)
        norm.bias.data.normal_(0, 0.2)
        norm.momentum = 0.3
    net.train().double()
    for _ in range(20):
        net(x + 0.3 * torch.randn_like(x))
    last = net.classifier if isinstance(net.classifier, torch.nn.Linear) else net.classifier[3]
    last.weight.data.normal_(0, 0.3)
    net.half().eval()
    state = net.state_dict()
    if name.endswith(".pth"):
        torch.save({"state_dict": {"module." + k: v for k, v in state.items()}}, OUT / name)
    else:
        save_file({k: v.contiguous() for k, v in state.items()}, OUT / name)
    with torch.no_grad():
        expected[name] = net.double()(x).flatten().tolist()
(OUT / "logits.json").write_text(json.dumps(expected, indent=1) + "\n")
