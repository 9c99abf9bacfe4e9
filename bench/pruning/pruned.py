"""Pruned nets in other programs, and other programs' pruned nets here: do the logits stay the same?

    bench/setup.sh venv && bench/venv/bin/pip install torch-pruning==1.6.1 openvino==2026.4.1
    bench/venv/bin/python bench/pruning/pruned.py
    ... --package runs/NAME/best --dataset shapes   # a trained net too, and its accuracy
    ... --mobilenetv3 PATH                          # instead of ./mobilenetv3

Nets of other libraries get random, disturbed weights (bench/parity.py). Then:

ours: 'prune --keep 0.5' of torchvision's state dicts, against PyTorch with the removed channels set
  to zero, and of --package. The pruned package is exported as safetensors, TorchScript and ONNX;
  each file is answered by 'predict' and by PyTorch, ONNX Runtime and OpenVINO.
Torch-Pruning's: state dicts that it made narrower, in 'predict', and exported as ONNX. "inner"
  leaves alone what the blocks hand on, "all" cuts that too, and "global" cuts wherever least is
  lost.

Each line is a check, with the largest difference of a logit as a share of its image's largest.
Ends with 1 if one is WRONG.
"""

import argparse
import functools
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnxruntime
import openvino
import timm
import torch
import torch_pruning
import torchvision
from PIL import Image
from safetensors.torch import load_file

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
import parity  # noqa: E402

TOLERANCE = 1e-4
CLASSES = 10
MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
DEVIATION = torch.tensor([0.229, 0.224, 0.225])[:, None, None]


def torchscript(file, pixels):
    with torch.inference_mode():
        return torch.jit.load(file).eval()(pixels).numpy()


def onnx_runtime(file, pixels):
    return onnxruntime.InferenceSession(file).run(["logits"], {"input": pixels.numpy()})[0]


def openvinos(file, pixels):
    single = {"INFERENCE_PRECISION_HINT": "f32"}
    return openvino.Core().compile_model(str(file), "CPU", single)([pixels.numpy()])["logits"]


FORMS = {
    "safetensors": ("safetensors", {}),
    "torchscript": ("pt", {"PyTorch": torchscript}),
    "onnx": ("onnx", {"ONNX Runtime": onnx_runtime, "OpenVINO": openvinos}),
}


def answers(net, pixels):
    with torch.inference_mode():
        return net((pixels - MEAN) / DEVIATION).numpy()


def mask(net, pruned):
    """Sets to zero what makes the channels that a pruned state dict lacks: they are known by their
    biases, which are all different."""
    state = net.state_dict()
    for name, bias in state.items():
        if name.endswith(".bias") and "fc" not in name and len(pruned[name]) < len(bias):
            gone = ~torch.isin(bias, pruned[name])
            assert (~gone).sum() == len(pruned[name]), name
            bias[gone] = 0
            state[name.replace("bias", "weight")][gone] = 0


def narrowed(net, pixels, how, ratio, multiple):
    """By Torch-Pruning."""
    kept = [[m for m in net.modules() if isinstance(m, torch.nn.Linear)][-1]]
    if how == "inner":
        kept += [net.features[0][0], *(b.block[-1][0] for b in net.features if hasattr(b, "block"))]
    torch_pruning.pruner.MagnitudePruner(
        net,
        pixels,
        importance=torch_pruning.importance.MagnitudeImportance(p=1),
        pruning_ratio=ratio,
        max_pruning_ratio=0.9,
        global_pruning=how == "global",
        round_to=multiple,
        ignored_layers=kept,
    ).step()


class Checks:
    def __init__(self, command, folder):
        self.command, self.folder, self.failed = command, folder, False
        self.files = [folder / f"{i}.png" for i in range(3)]

    def line(self, what, good, text):
        self.failed |= not good
        print(f"{'      ' if good else 'WRONG '}{what:66s} {text}", flush=True)

    def compare(self, what, logits, expected):
        apart = (abs(logits - expected).max(1) / abs(expected).max(1)).max()
        self.line(what, apart <= TOLERANCE, f"{apart:.1e}")

    def ours(self, *arguments):
        done = subprocess.run([self.command, *map(str, arguments)], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return done.stdout

    def draw(self, height, width, channels):
        """Three images as files, and their pixels as a tensor of [0, 1]."""
        drawn = []
        for file in self.files:
            coarse = torch.rand(1, channels, 6, 6)
            smooth = torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")[0]
            pixels = (255 * smooth).to(torch.uint8)
            Image.fromarray(pixels.permute(1, 2, 0).squeeze(2).numpy()).save(file)
            drawn.append(pixels / 255)
        return torch.stack(drawn)

    def predict(self, weights):
        found = self.ours("predict", "--weights", weights, "--logits", "--json", *self.files)
        return numpy.array([image["logits"] for image in json.loads(found)])

    def top1(self, weights, dataset):
        told = self.ours("evaluate", "--weights", weights, "--dataset", dataset, "--json")
        return json.loads(told)["top1"]

    def prune(self, what, weights):
        out = self.folder / f"{what}-half"
        told = self.ours("prune", "--weights", weights, "--keep", 0.5, "--out", out, "--json")
        apart = json.loads(told)["difference"]
        self.line(f"{what}: prune, its own check", apart <= 1e-5, f"{apart:.1e}")
        return out / "pruned"

    def everywhere(self, what, package, pixels, logits, dataset=None):
        """The package in each form, by 'predict' and by the programs that take it."""
        best = self.top1(package, dataset) if dataset else None
        for form, (ending, programs) in FORMS.items():
            file = self.folder / f"{what}.{ending}"
            self.ours("export", "--weights", package, "--format", form, "--out", file)
            self.compare(f"{what}: {form}, predict", self.predict(file), logits)
            if dataset:
                top1 = self.top1(file, dataset)
                text = f"{100 * top1:.2f} % right, the package {100 * best:.2f} %"
                self.line(f"{what}: {form}, evaluate", abs(top1 - best) < 1e-9, text)
            for program, run in programs.items():
                self.compare(f"{what}: {form}, {program}", run(file, pixels), logits)

    def package(self, path, dataset):
        """A package that 'train' wrote; the images are as large as the net takes them."""
        takes = json.loads((path / "model.json").read_text())["preprocessing"]
        height, width = takes.get("height", takes.get("size")), takes.get("width", takes.get("size"))
        pixels = self.draw(height, width, len(takes["normalization"]["mean"]))
        pruned = self.prune("package", path)
        self.everywhere("package", pruned, pixels, self.predict(pruned), dataset)

    def net(self, make):
        """A net of another library, and the pixels that it sees of the images."""
        torch.manual_seed(1)
        net = make(num_classes=CLASSES)
        for linear in (m for m in net.modules() if isinstance(m, torch.nn.Linear)):
            torch.nn.init.normal_(linear.bias, 0, 0.1)  # torchvision's are zero
        pixels = self.draw(256, 256, 3)[:, :, 16:-16, 16:-16]
        with torch.no_grad():
            return parity.disturb(net, (pixels - MEAN) / DEVIATION), pixels

    def save(self, net, name):
        file = self.folder / f"{name}.pth"
        torch.save(net.state_dict(), file)
        return file

    def pruned_here(self, name):
        net, pixels = self.net(getattr(torchvision.models, name))
        weights = self.save(net, name)
        self.compare(f"{name}: whole, predict", self.predict(weights), answers(net, pixels))
        pruned = self.prune(name, weights)
        state = self.folder / f"{name}-half.safetensors"
        self.ours("export", "--weights", pruned, "--out", state)
        bare = state.with_suffix(".pth")
        torch.save(load_file(state), bare)  # without the metadata that tell the architecture
        mask(net, load_file(state))
        logits = answers(net, pixels)
        self.compare(f"{name}: package, predict", self.predict(pruned), logits)
        self.compare(f"{name}: bare state dict, predict", self.predict(bare), logits)
        self.everywhere(name, pruned, pixels, logits)

    def pruned_there(self, name, make, how, ratio=0.5, multiple=8):
        net, pixels = self.net(make)
        whole = sum(p.numel() for p in net.parameters())
        narrowed(net, pixels, how, ratio, multiple)
        left = sum(p.numel() for p in net.parameters()) / whole
        logits = answers(net, pixels)
        what = f"Torch-Pruning, {name}, {how} {ratio} by {multiple or 1} ({left:.0%} left)"
        weights = self.save(net, f"{name}-{how}-{ratio}-{multiple}")
        try:
            self.compare(f"{what}: predict", self.predict(weights), logits)
            file = weights.with_suffix(".onnx")
            self.ours("export", "--weights", weights, "--out", file)
            self.compare(f"{what}: onnx", onnx_runtime(file, pixels), logits)
        except RuntimeError as e:
            self.line(what, False, str(e))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mobilenetv3", default=HERE.parent.parent / "mobilenetv3")
    parser.add_argument("--package", type=pathlib.Path)
    parser.add_argument("--dataset")
    options = parser.parse_args()
    small, large = torchvision.models.mobilenet_v3_small, torchvision.models.mobilenet_v3_large
    timms = functools.partial(timm.create_model, "mobilenetv3_small_100")
    with tempfile.TemporaryDirectory() as folder:
        checks = Checks(options.mobilenetv3, pathlib.Path(folder))
        if options.package:
            checks.package(options.package, options.dataset)
        checks.pruned_here("mobilenet_v3_small")
        for name, make in {"Small": small, "Large": large}.items():
            checks.pruned_there(name, make, "inner")
            checks.pruned_there(name, make, "all")
            checks.pruned_there(name, make, "all", multiple=None)
            checks.pruned_there(name, make, "all", 0.3)
            checks.pruned_there(name, make, "global")
        checks.pruned_there("V2", torchvision.models.mobilenet_v2, "all")
        checks.pruned_there("timm's Small", timms, "all")
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
