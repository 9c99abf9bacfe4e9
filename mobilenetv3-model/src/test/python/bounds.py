"""Measures what PyTorch's own float32 differs by from the golden figures, in both layouts.

    python bounds.py ../resources/golden      (PyTorch 2.11.0, torchvision; any directory of golden files)

Writes DIRECTORY/float32/NAME.json for each NAME.json of the paper's nets. GoldenTest allows twice
as much, and no less than its usual bounds: a value at a ReLU's kink goes one way or the other.
"""

import json
import math
import pathlib
import sys

import spatial
import torch
import torchvision

LEAST = 1e-6  # a smaller gradient is not compared


def filled(tensor):
    shape = [int(s) for s in tensor["shape"]]
    i = torch.arange(math.prod(shape), dtype=torch.int64)
    u = ((i * 1103515245 + tensor["offset"]) % 2**31).double() / 2**31
    return (tensor["shift"] + tensor["scale"] * (2 * u - 1)).float().reshape(shape)


def difference(actual, expected):
    expected = torch.tensor(expected, dtype=torch.float64)
    return ((actual.double() - expected).abs().max() / expected.abs().max()).item()


def measure(golden, layout):
    make = getattr(torchvision.models, "mobilenet_v3_" + golden["model"])
    make = spatial.small if golden.get("spatial") else make
    net = make(num_classes=golden["classes"], width_mult=golden["width"], dropout=0.0)
    net.load_state_dict({t["name"]: filled(t) for t in golden["tensors"]}, strict=False)
    net = net.to(memory_format=layout)
    x = filled(golden["input"]).to(memory_format=layout)
    with torch.no_grad():
        evaluated = net.eval()(x)
    logits = net.train()(x)
    labels = torch.arange(len(x)) % golden["classes"]
    loss = torch.nn.functional.cross_entropy(logits, labels)
    loss.backward()
    gradients = [
        abs(p.grad.double().norm().item() - golden["grad_l2"][n]) / golden["grad_l2"][n]
        for n, p in net.named_parameters()
        if golden["grad_l2"][n] >= LEAST
    ]
    return {
        "eval_logits": difference(evaluated, golden["eval_logits"]),
        "train_logits": difference(logits.detach(), golden["train_logits"]),
        "loss": abs(loss.item() - golden["train_loss"]),
        "gradient": max(gradients),
    }


directory = pathlib.Path(sys.argv[1])
(directory / "float32").mkdir(exist_ok=True)
for file in sorted(directory.glob("*.json")):
    golden = json.loads(file.read_text())
    if golden["kind"] != "paper":
        continue
    both = [measure(golden, f) for f in (torch.contiguous_format, torch.channels_last)]
    worst = {key: max(b[key] for b in both) for key in both[0]}
    (directory / "float32" / file.name).write_text(json.dumps(worst, indent=1) + "\n")
    print(file.name, worst)
