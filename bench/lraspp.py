"""LR-ASPP in and out, against torchvision: same masks of the same photographs, same logits of exports.

    bench/setup.sh venv && bench/venv/bin/pip install openvino      # in the repository's root
    bench/venv/bin/python bench/lraspp.py PHOTO...

Makes nets with random weights whose batch norm has seen the photographs and was then disturbed,
saves them as torch.save does, and lets 'predict' write the masks (decoding, resizing, normalizing,
and the logits' way back to the photograph's size). torchvision's side: its SemanticSegmentation
preset, the net, F.interpolate to the photograph's size, argmax. A pixel counts as a tie if
torchvision's two largest logits are within 1e-4 of the largest logit there is.

Then 'export' writes ONNX and TorchScript files, which ONNX Runtime, OpenVINO and PyTorch run at
several sizes, and 'convert' writes the weights back, which load_state_dict(strict=True) takes.

Prints pixels that differ beside ties, and the largest difference of a logit as a share of the
largest logit; ends with 1 if one is above the tolerance. MOBILENETV3 names the program (default:
./mobilenetv3). With torch 2.7.1, torchvision 0.22.1, onnxruntime 1.23.2, openvino 2026.4.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from functools import partial

import numpy as np
import onnxruntime
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torchvision import models
from torchvision.models.segmentation.lraspp import _lraspp_mobilenetv3
from torchvision.transforms._presets import SemanticSegmentation

PROGRAM = os.environ.get("MOBILENETV3", "./mobilenetv3").split()
MEAN = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
TIE = 1e-4
SIZES = [(96, 96), (131, 77), (64, 520), (520, 390)]


def small(width, classes):
    return _lraspp_mobilenetv3(
        models.mobilenet_v3_small(dilated=True, width_mult=width), classes
    )


NETS = {
    "lraspp_mobilenet_v3_large": lambda: models.segmentation.lraspp_mobilenet_v3_large(
        weights=None, weights_backbone=None
    ),
    "small": partial(small, 1.0, 21),
    "small, width 0.5, 7 classes": partial(small, 0.5, 7),
}


def disturb(net, photos):
    """Activations of a trained net's size, and no two channels alike."""
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.weight.data.uniform_(0.5, 1.5)
        norm.bias.data.normal_(0, 0.2)
        norm.momentum = 0.3
    net.train()
    for _ in range(6):
        for photo in photos:
            net(photo)
    for norm, momentum in zip(norms, momenta):
        norm.running_mean += 0.1 * torch.randn_like(norm.running_mean) * norm.running_var.sqrt()
        norm.running_var *= torch.empty_like(norm.running_var).uniform_(0.7, 1.4)
        norm.momentum = momentum
    level(net.eval(), photos)
    return net


def level(net, photos):
    """No class is larger than others everywhere: each has mean 0 and deviation 1 on the photographs."""
    logits = torch.cat([net(photo)["out"].transpose(0, 1).flatten(1) for photo in photos], dim=1)
    mean, std = logits.mean(1), logits.std(1)
    low, high = net.classifier.low_classifier, net.classifier.high_classifier
    for layer in (low, high):
        layer.weight.data /= std.reshape(-1, 1, 1, 1)
        layer.bias.data /= std
    low.bias.data -= mean / std


def run(*command):
    done = subprocess.run([*PROGRAM, *map(str, command)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr}")
    return done.stdout


def apart(expected, actual):
    actual = torch.as_tensor(np.asarray(actual))
    assert expected.shape == actual.shape, (expected.shape, actual.shape)
    return ((expected - actual).abs().max() / expected.abs().max()).item()


def onnx_runtime(file):
    session = onnxruntime.InferenceSession(file)
    return lambda x: session.run(["logits"], {"input": x.numpy()})[0]


def open_vino(file):
    import openvino

    core = openvino.Core()
    # In 32 bits: where the processor could, OpenVINO would compute in 16.
    net = core.compile_model(str(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda x: net(x.numpy())[0]


class Check:
    def __init__(self, photos, tolerance):
        self.photos = photos
        self.images = [Image.open(p).convert("RGB") for p in photos]
        self.tolerance = tolerance
        self.bad = 0

    def tell(self, what, value, good):
        self.bad += not good
        print(f"  {what:44} {value}{'' if good else '   <---'}", flush=True)

    def difference(self, what, value):
        self.tell(what, f"{value:.1e}", value <= self.tolerance)

    def masks(self, net, weights, size, folder):
        """Of the photographs, by 'predict' and by torchvision."""
        answers = json.loads(
            run("predict", "--weights", weights, "--json", "--out", folder, *self.photos)
        )
        preset = SemanticSegmentation(resize_size=size)
        for answer, image, file in zip(answers, self.images, self.photos):
            found = answer["segmentation"]
            picture = Image.open(found["mask"])
            assert picture.mode == "P" and picture.size == image.size, picture
            mask = torch.from_numpy(np.array(picture))
            out = net(preset(image).unsqueeze(0))["out"]
            logits = F.interpolate(out, size=image.size[::-1], mode="bilinear", align_corners=False)
            expected = logits.argmax(1)[0]
            top = logits.topk(2, dim=1).values[0]
            tie = top[0] - top[1] < TIE * logits.abs().max()
            wrong = mask != expected
            counts = f"{wrong.sum()} of {mask.numel()} pixels, {(wrong & ~tie).sum()} beside ties"
            classes = len(expected.unique())
            name = pathlib.Path(file).name
            self.tell(f"mask of {name}, {classes} classes", counts, not (wrong & ~tie).any())
            shares = torch.bincount(mask.flatten()) / mask.numel()
            told = {a["index"]: a["share"] for a in found["areas"]}
            good = all(abs(told.get(i, 0) - s.item()) < 1e-6 for i, s in enumerate(shares))
            self.tell(f"areas of {name}", "as in the mask" if good else "others", good)

    def exports(self, net, weights, folder):
        onnx = folder / "net.onnx"
        script = folder / "net.pt"
        run("export", "--weights", weights, "--out", onnx)
        run("export", "--weights", weights, "--out", script)
        loaded = torch.jit.load(script)
        runtimes = {
            "ONNX Runtime": onnx_runtime(onnx),
            "OpenVINO": open_vino(onnx),
            "TorchScript in PyTorch": lambda x: loaded(x).detach(),
        }
        for name, answers in runtimes.items():
            for size in SIZES:
                for batch in (1, 2):
                    x = torch.rand(batch, 3, *size)
                    expected = net((x - MEAN) / STD)["out"]
                    what = f"{name}, {batch} of {size[0]}x{size[1]}"
                    self.difference(what, apart(expected, answers(x)))

    def returns(self, make, net, weights, folder):
        x = torch.rand(1, 3, 200, 131)
        expected = net(x)["out"]
        forms = {"from .pth": weights, "through .safetensors": folder / "net.safetensors"}
        run("convert", weights, forms["through .safetensors"])
        for what, source in forms.items():
            back = folder / "back.pth"
            run("convert", source, back, "--format", "torchvision")
            other = make().eval()
            other.load_state_dict(torch.load(back, weights_only=True), strict=True)
            same = all(
                torch.equal(a, b)
                for (n, a), b in zip(net.state_dict().items(), other.state_dict().values())
                if "num_batches" not in n
            )
            self.tell(f"written back {what}, strict=True", "bit for bit" if same else "other", same)
            self.difference("its logits", apart(expected, other(x)["out"]))

    def net(self, name, make):
        print(name)
        torch.manual_seed(len(name))
        preset = SemanticSegmentation(resize_size=260)
        net = disturb(make(), [preset(image).unsqueeze(0) for image in self.images])
        with tempfile.TemporaryDirectory(prefix="lraspp-") as home:
            folder = pathlib.Path(home)
            weights = folder / "net.pth"
            torch.save(net.state_dict(), weights)
            self.masks(net, weights, 520, folder / "masks")
            package = folder / "package"
            run("convert", weights, package, "--input-size", 96)
            self.masks(net, package, 96, folder / "masks96")
            self.exports(net, weights, folder)
            self.masks(net, folder / "net.onnx", 520, folder / "masks-onnx")
            self.returns(make, net, weights, folder)


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", nargs="+", metavar="PHOTO")
    parser.add_argument("--only", default="", help="part of a net's name")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    given = parser.parse_args()
    check = Check([str(pathlib.Path(p).resolve()) for p in given.photos], given.tolerance)
    for name, make in NETS.items():
        if given.only in name:
            check.net(name, make)
    if check.bad:
        sys.exit(f"{check.bad} lines are wrong.")


if __name__ == "__main__":
    main()
