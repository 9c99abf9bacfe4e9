"""Weights in and out, against torchvision and timm: same logits of the same photographs.

    bench/setup.sh venv && bench/venv/bin/python bench/parity.py PHOTO...   # in the repository's root
    bench/venv/bin/python bench/parity.py --only 'rw|tf_' PHOTO...          # some of the nets

Makes nets with random weights whose batch norm has seen the photographs and was then disturbed,
saves them as .pth, .safetensors and .onnx, and lets 'predict' classify the photographs from the
files on (decoding, resizing, cropping, normalizing). timm's get the config.json that timm itself
writes beside them, and are compared with timm's own transforms as published (bicubic for most);
the nets that names and shapes do not tell get --arch where there is none. Then 'convert' writes
them back in every form that PyTorch loads with strict=True.

Prints the largest difference of a logit, as a share of the largest logit of its image, and ends
with 1 if one is above the tolerance or a command failed. With torch 2.7.1, torchvision 0.22.1,
timm 1.0.31, safetensors, onnx.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable

import timm
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from timm.data import create_transform, resolve_data_config
from timm.models._hub import save_config_for_hf
from torch import nn
from torchvision import models, transforms

IMAGENET = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}
TENSORFLOW = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}


@dataclasses.dataclass
class Family:
    """A net: how it is made, what tells it where the file does not, what 'convert' can write."""

    make: Callable[[], nn.Module]
    arch: str = ""  # what --arch is told
    size: int = 224
    back: tuple[str, ...] = ("torchvision",)  # formats, the net's own library first
    timm: bool = False


def torchvision(make, **others):
    return Family(make, **others)


def of_timm(name, size=224, back=("timm",), arch=""):
    return Family(lambda: timm.create_model(name), arch, size, back, True)


BOTH = ("torchvision", "timm")
FAMILIES = {
    "mobilenet_v3_large": torchvision(models.mobilenet_v3_large, back=BOTH),
    "mobilenet_v3_small": torchvision(models.mobilenet_v3_small, back=BOTH),
    "mobilenet_v2": torchvision(models.mobilenet_v2),
    # So narrow that a block gets a residual that it has not at width 1.
    "mobilenet_v3_small_w0.5": torchvision(lambda: models.mobilenet_v3_small(width_mult=0.5)),
    "mobilenetv3_large_100": of_timm("mobilenetv3_large_100", back=BOTH[::-1]),
    "mobilenetv3_small_100": of_timm("mobilenetv3_small_100", back=BOTH[::-1]),
    "mobilenetv3_large_075": of_timm("mobilenetv3_large_075"),
    "mobilenetv3_small_075": of_timm("mobilenetv3_small_075"),
    "mobilenetv3_small_050": of_timm("mobilenetv3_small_050"),
    "mobilenetv3_large_150d": of_timm("mobilenetv3_large_150d", 256),
    "mobilenetv3_rw": of_timm("mobilenetv3_rw"),
}
for width in ["large", "small"]:
    make = getattr(models, f"mobilenet_v3_{width}")
    FAMILIES[f"mobilenet_v3_{width}_reduced_tail"] = torchvision(
        lambda make=make: make(reduced_tail=True)
    )
    FAMILIES[f"mobilenet_v3_{width}_dilated"] = torchvision(
        lambda make=make: make(dilated=True), arch=f"mobilenet_v3_{width}_dilated"
    )
# Padding is symmetric at odd sizes where it is not at even ones.
for name in ["large_100", "small_100", "large_minimal_100"]:
    for size in [224, 225]:
        full = f"tf_mobilenetv3_{name}"
        FAMILIES[f"{full}@{size}"] = of_timm(full, size, arch=full)


def disturb(net, photos):
    """Activations of a trained net's size, and no two channels alike."""
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    momentum = norms[0].momentum
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
        norm.momentum = momentum
    last = [m for m in net.modules() if isinstance(m, nn.Linear)][-1]
    last.weight.data.normal_(0, 0.1)
    last.bias.data.normal_(0, 0.1)
    return net.eval()


def customary(size, normalization=IMAGENET):
    """What is assumed where nothing tells: 256 to 224, and the family's normalization."""
    return transforms.Compose(
        [
            transforms.Resize(round(size * 256 / 224)),
            transforms.CenterCrop(size),
            transforms.ToTensor(),
            transforms.Normalize(**normalization),
        ]
    )


class Failed(Exception):
    pass


def run(*command):
    done = subprocess.run(["./mobilenetv3", *map(str, command)], capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.splitlines()
        raise Failed(next((x for x in lines if not re.match("Building|note:|  |$", x)), "no message"))
    return done.stdout


def apart(expected, actual):
    return max(((e - a).abs().max() / e.abs().max()).item() for e, a in zip(expected, actual))


def read(file):
    return load_file(file) if file.suffix == ".safetensors" else torch.load(file, weights_only=True)


def save(net, file, sample):
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".pth":
        torch.save(net.state_dict(), file)
    elif file.suffix == ".safetensors":
        save_file({k: v.contiguous() for k, v in net.state_dict().items()}, file)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of padding and of constant folding
            torch.onnx.export(net, sample, file, input_names=["input"], dynamo=False)
    return file


class Check:
    def __init__(self, photos, tolerance):
        self.files = photos
        self.images = [Image.open(p).convert("RGB") for p in photos]
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="parity-"))
        self.tolerance = tolerance
        self.bad = 0

    def batch(self, transform):
        return torch.stack([transform(image) for image in self.images])

    def tell(self, name, what, difference):
        """A line; a difference is a number, or why there is none."""
        good = isinstance(difference, float) and difference <= self.tolerance  # NaN is not
        self.bad += not good
        shown = f"{difference:.1e}" if isinstance(difference, float) else f"{difference}"[:200]
        print(f"{name:34} {what:36} {shown}{'' if good else '   <---'}", flush=True)

    def predicts(self, name, what, file, expected, *options):
        try:
            if "--input-size" in options:  # a package remembers the size
                package = file.with_name(f"package{file.suffix.replace('.', '-')}-{file.stem}")
                run("convert", file, package, *options)
                file, options = package, ()
            out = run("predict", "--weights", file, *options, "--json", "--logits", *self.files)
            answers = json.loads(out)
            difference = apart(expected, [torch.tensor(a["logits"]) for a in answers])
            for answer, logits in zip(answers, expected):
                best = answer.get("predictions", answer.get("guesses"))[0]["probability"]
                difference = max(difference, abs(best - logits.softmax(0).max().item()))
            self.tell(name, what, difference)
        except Failed as e:
            self.tell(name, what, e)

    def returns(self, name, family, net, file, target, expected, photos, *options):
        """Written in a library's form and loaded there; expected of photos is what it answers."""
        own = target == family.back[0]
        suffix = ".pth" if target == "torchvision" else ".safetensors"
        written = self.home / name / f"back-{target}{suffix}"
        what = f"written as {target}'s {suffix}"
        try:
            run("convert", file, written, "--format", target, *options)
            other = family.make() if own else FAMILIES[other_name(name)].make()
            other.load_state_dict(read(written), strict=True)
            self.tell(name, what, apart(expected, other.eval()(photos)))
        except (Failed, RuntimeError) as e:
            self.tell(name, what, str(e).splitlines()[0])

    def family(self, name, family):
        torch.manual_seed(len(name))
        tensorflow = name.startswith("tf_")
        plain = self.batch(customary(family.size, TENSORFLOW if tensorflow else IMAGENET))
        net = disturb(family.make(), plain)
        expected = net(plain)
        options = ["--arch", family.arch] if family.arch else []
        size = ["--input-size", family.size] if family.size != 224 else []
        folder = self.home / name
        forms = [".pth"] if family.timm and family.arch else [".pth", ".safetensors"]
        files = [save(net, folder / f"net{suffix}", plain[:1]) for suffix in forms]
        for file in files:
            told = f"read from {file.suffix}{' with --arch' if options else ''}"
            self.predicts(name, told, file, expected, *options, *size)
        if not tensorflow:  # PyTorch's files of these compute their padding, which is not read
            onnx = save(net, folder / "net.onnx", plain[:1])
            self.predicts(name, "read from .onnx", onnx, expected, *size)
        elif not size:
            ours = folder / "ours.onnx"
            run("export", "--weights", files[0], *options, "--out", ours)
            self.predicts(name, "exported to .onnx", ours, expected)
        if family.timm:
            # As on the Hub: model.safetensors and config.json in one folder tell everything.
            hub = save(net, folder / "hub" / "model.safetensors", plain[:1])
            data = {"input_size": (3, family.size, family.size)}
            save_config_for_hf(net, hub.with_name("config.json"), data_config=data)
            config = resolve_data_config(data, model=net)  # as published but for the size
            photos = self.batch(create_transform(**config))
            told = f"read with its config.json, {config['interpolation']}"
            self.predicts(name, told, hub, net(photos))
        for target in family.back:
            self.returns(name, family, net, files[0], target, expected, plain, *options, *size)


def other_name(name):
    """The other library's net of the same shapes."""
    match = re.fullmatch("mobilenet_v3_(large|small)", name)
    if match:
        return f"mobilenetv3_{match[1]}_100"
    return f"mobilenet_v3_{name.split('_')[1]}"


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", nargs="+", metavar="PHOTO")
    parser.add_argument("--only", default="", help="names of nets: a regular expression")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    given = parser.parse_args()
    check = Check([str(pathlib.Path(p).resolve()) for p in given.photos], given.tolerance)
    for name, family in FAMILIES.items():
        if re.search(given.only, name):
            check.family(name, family)
    if check.bad:
        sys.exit(f"{check.bad} lines are above {given.tolerance} or failed; see {check.home}.")
    shutil.rmtree(check.home)


if __name__ == "__main__":
    main()
