"""Weights in and out, against torchvision and timm: same logits of the same photographs.

    bench/setup.sh && .venv/bin/python bench/parity.py PHOTO...      # in the repository's root

Makes nets with random weights whose batch norm has seen the photographs and was then disturbed,
saves them as .pth and .safetensors, and lets 'predict' classify the photographs from the files on
(decoding, resizing, cropping, normalising). Then 'convert' writes them back in every form that
PyTorch loads with strict=True. Prints the largest difference of a logit, as a share of the largest
logit of its image. With torch 2.7.1, torchvision 0.22.1, timm 1.0.31, safetensors.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import timm
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file, save_file
from torchvision.transforms import functional as F

PHOTOS = [str(pathlib.Path(p).resolve()) for p in sys.argv[1:]]
HOME = pathlib.Path(tempfile.mkdtemp(prefix="parity-"))
TRANSFORM = torchvision.transforms.Compose(
    [
        torchvision.transforms.Resize(256),
        torchvision.transforms.CenterCrop(224),
        torchvision.transforms.ToTensor(),
        torchvision.transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ]
)
NETS = {
    "torchvision-large": lambda: torchvision.models.mobilenet_v3_large(),
    "torchvision-small": lambda: torchvision.models.mobilenet_v3_small(),
    "timm-large": lambda: timm.create_model("mobilenetv3_large_100"),
    "timm-small": lambda: timm.create_model("mobilenetv3_small_100"),
    "timm-small-050": lambda: timm.create_model("mobilenetv3_small_050"),
}


def make(name, photos):
    """A net whose activations are of a trained net's size, and no two channels alike."""
    torch.manual_seed(len(name))
    net = NETS[name]()
    norms = [m for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.weight.data.uniform_(0.5, 1.5)
        norm.bias.data.normal_(0, 0.2)
        norm.momentum = 0.3
    net.train()
    for _ in range(20):
        net(photos)
    for norm in norms:
        norm.running_mean += 0.1 * torch.randn_like(norm.running_mean) * norm.running_var.sqrt()
        norm.running_var *= torch.empty_like(norm.running_var).uniform_(0.7, 1.4)
    last = net.classifier if isinstance(net.classifier, torch.nn.Linear) else net.classifier[3]
    last.weight.data.normal_(0, 0.1)
    last.bias.data.normal_(0, 0.1)
    return net.eval()


def run(*command):
    done = subprocess.run(["./mobilenetv3", *map(str, command)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def apart(expected, actual):
    return max(
        ((e - a).abs().max() / e.abs().max()).item() for e, a in zip(expected, actual)
    )


def read(file):
    return load_file(file) if str(file).endswith(".safetensors") else torch.load(file, weights_only=True)


@torch.no_grad()
def main():
    photos = torch.stack([TRANSFORM(Image.open(p).convert("RGB")) for p in PHOTOS])
    for name in NETS:
        net = make(name, photos)
        expected = torch.cat([net(p[None]) for p in photos])
        library = name.split("-")[0]
        files = [HOME / f"{name}.pth", HOME / f"{name}.safetensors"]
        torch.save(net.state_dict(), files[0])
        save_file({k: v.contiguous() for k, v in net.state_dict().items()}, files[1])
        for file in files:
            answers = json.loads(run("predict", "--weights", file, "--json", "--logits", *PHOTOS))
            logits = torch.tensor([a["logits"] for a in answers])
            print(f"{name:18} read from {file.suffix:12} {apart(expected, logits):.1e}", flush=True)
        # Back, under the names of both where both have such a net.
        targets = ["timm"] if name.endswith("050") else ["torchvision", "timm"]
        for target in targets:
            written = HOME / f"{name}-{target}{'.pth' if library == target else '.safetensors'}"
            run("convert", files[0], written, "--format", target)
            other = NETS[f"{target}-{name.split('-', 1)[1]}"]()
            other.load_state_dict(read(written), strict=True)
            logits = torch.cat([other.eval()(p[None]) for p in photos])
            label = f"{target}'s {written.suffix}"
            print(f"{name:18} written as {label:24} {apart(expected, logits):.1e}", flush=True)


main()
