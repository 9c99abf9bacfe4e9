"""Whether quantization-aware fine-tuning gains anything over post-training ranges (docs/export.md).

    mobilenetv3 export --weights NET/best --out a.onnx                  # and --format safetensors
    mobilenetv3 export --weights NET/best --quantize int8 --calibration IMAGES --out a-int8.onnx
    python bench/qat.py tune a IMAGES int8 --seed 1 --out tuned         # or float, the control
    mobilenetv3 export --weights tuned.onnx --quantize int8 --calibration IMAGES --out tuned-int8.onnx
    python bench/qat.py compare IMAGES a.onnx a-int8.onnx tuned-int8.onnx

tune runs a-int8.onnx in PyTorch and rounds (torch.fake_quantize_*, straight-through gradients) where the
exporter does: weights per output channel after folding batch norm, values in the calibration's ranges. Batch
norm's statistics stay. IMAGES has train/CLASS and test/CLASS. Needs PyTorch, onnx, safetensors, Pillow and
ONNX Runtime.
"""

import argparse
import json
import math
import os
import pathlib

os.environ["ONEDNN_MAX_CPU_ISA"] = "SSE41"  # PyTorch 2.7 computes nonsense on some virtual machines

import numpy
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from PIL import Image
from safetensors.numpy import load_file
from torch.nn import functional


def images(folder, net):
    about = {p.key: json.loads(p.value) for p in net.metadata_props}
    classes, size = about["classes"], about["preprocessing"]
    height, width = (size.get(k, size.get("size")) for k in ("height", "width"))
    x, y = [], []
    for label, name in enumerate(classes):
        for file in sorted(pathlib.Path(folder, name).glob("*.png")):
            gray = about["architecture"]["inputChannels"] == 1
            image = Image.open(file).convert("L" if gray else "RGB")
            if image.size != (width, height):  # to the height, padded on the right
                fitted = min(width, math.ceil(height * image.width / image.height))
                canvas = Image.new(image.mode, (width, height), (128,) * len(image.getbands()))
                canvas.paste(image.resize((fitted, height), Image.BILINEAR))
                image = canvas
            x.append(numpy.asarray(image).reshape(height, width, -1).transpose(2, 0, 1))
            y.append(label)
    return torch.tensor(numpy.stack(x)), torch.tensor(y)


class Net:
    def __init__(self, name, fake):
        self.fake = fake
        self.floats, self.int8 = onnx.load(name + ".onnx"), onnx.load(name + "-int8.onnx")
        state = {k: torch.tensor(v) for k, v in load_file(name + ".safetensors").items()}
        self.folded, self.numbers = (
            {i.name: torch.tensor(numpy_helper.to_array(i)) for i in model.graph.initializer}
            for model in (self.floats, self.int8))
        self.weights, self.others, self.layers = [], [], {}
        for node in self.floats.graph.node:
            if node.op_type in ("Conv", "Gemm"):
                self.layers[node.name] = self.layer(node, state)

    def layer(self, node, state):
        def learned(name, among):
            if name in state:
                among.append(state[name].clone().requires_grad_())
                return among[-1]

        stem, _, last = node.name.rpartition(".")
        norm = f"{stem}.{int(last) + 1}" if last.isdigit() else ""
        layer = [learned(node.name + ".weight", self.weights), learned(node.name + ".bias", self.others),
                 learned(norm + ".weight", self.others) if norm + ".running_var" in state else None]
        if layer[2] is not None:
            layer += [learned(norm + ".bias", self.others)]
            layer += [state[norm + ".running_mean"], state[norm + ".running_var"]]
        target = self.folded[node.input[1]]
        for epsilon in (1e-3, 1e-5):
            found = *layer[:3], *layer[3:], epsilon
            if torch.allclose(self.fold(found)[0].reshape(target.shape), target, rtol=1e-4, atol=1e-6):
                return found
        raise ValueError(f"{node.name} is not what the state dict says")

    @staticmethod
    def fold(layer):
        weight, bias, scale, *rest = layer
        if scale is None:
            return weight, bias
        shift, mean, variance, epsilon = rest
        factor = scale / torch.sqrt(variance + epsilon)
        moved = (0 if bias is None else bias) - mean
        return weight * factor.reshape(-1, *[1] * (weight.dim() - 1)), shift + moved * factor

    def __call__(self, x):
        values = {"input": x}
        for node in self.int8.graph.node:
            inputs = [values.get(i, self.numbers.get(i)) for i in node.input]
            if node.op_type != "DequantizeLinear" or node.input[0] in values:  # others are weights
                values[node.output[0]] = self.run(node, *inputs)
        return values["logits"]

    def run(self, node, x, a=None, b=None):
        given = {i.name: onnx.helper.get_attribute_value(i) for i in node.attribute}
        pads, strides = given.get("pads", [0] * 4)[:2], given.get("strides", [1, 1])
        kind = node.op_type
        if kind == "QuantizeLinear":
            return torch.fake_quantize_per_tensor_affine(x, float(a), int(b), 0, 255) if self.fake else x
        if kind in ("Conv", "Gemm"):
            weight, bias = self.fold(self.layers[node.name])
            if self.fake:
                largest = weight.detach().flatten(1).abs().amax(1)
                zeros = torch.zeros(len(weight), dtype=torch.int32)
                weight = torch.fake_quantize_per_channel_affine(
                    weight, (largest / 127).clamp_min(1e-12), zeros, 0, -127, 127)
            if kind == "Gemm":
                return functional.linear(x, weight.flatten(1), bias)
            weight = weight.reshape(*weight.shape[:2], *given["kernel_shape"])
            dilations, groups = given.get("dilations", 1), given.get("group", 1)
            return functional.conv2d(x, weight, bias, strides, pads, dilations, groups)
        if kind == "MaxPool":
            kernel, ceil = given["kernel_shape"], bool(given["ceil_mode"])
            return functional.max_pool2d(x, kernel, strides, pads, ceil_mode=ceil)
        return {
            "DequantizeLinear": lambda: x, "Identity": lambda: x,
            "Sub": lambda: x - a, "Div": lambda: x / a, "Add": lambda: x + a, "Mul": lambda: x * a,
            "Relu": lambda: x.relu(), "Clip": lambda: x.clamp(0, 6),
            "HardSwish": lambda: functional.hardswish(x), "Flatten": lambda: x.flatten(1),
            "HardSigmoid": lambda: (x * given["alpha"] + given["beta"]).clamp(0, 1),
            "Unsqueeze": lambda: x[..., None, None], "GlobalAveragePool": lambda: x.mean((2, 3), keepdim=True),
        }[kind]()

    def save(self, out):
        new = {}
        for node in self.floats.graph.node:
            if node.name in self.layers:
                new.update(zip(node.input[1:], self.fold(self.layers[node.name])))
        for old in self.floats.graph.initializer:
            if old.name in new:
                numbers = new[old.name].detach().numpy().reshape(tuple(old.dims))
                old.CopyFrom(numpy_helper.from_array(numbers, old.name))
        onnx.save(self.floats, out + ".onnx")


def augmented(x, generator):
    """Cropped from two more pixels on each side, and mirrored."""
    n, _, height, width = x.shape
    down, right = torch.randint(0, 5, (2, n), generator=generator)
    mirrored = torch.rand(n, generator=generator) < 0.5
    columns = torch.arange(width)
    columns = torch.where(mirrored[:, None], width - 1 - columns, columns) + right[:, None]
    rows = torch.arange(height) + down[:, None]
    padded = functional.pad(x, (2, 2, 2, 2)).permute(0, 2, 3, 1)
    return padded[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None]].permute(0, 3, 1, 2)


def tune(name, folder, kind, seed, epochs, rate, batch, augment, steps, out):
    net = Net(name, kind == "int8")
    x, y = images(pathlib.Path(folder, "train"), net.floats)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.SGD(
        [{"params": net.weights, "weight_decay": 5e-4}, {"params": net.others}],
        lr=rate, momentum=0.9, nesterov=True)
    each = len(x) // batch
    steps = steps or epochs * each
    for step in range(steps):
        if step % each == 0:
            order = torch.randperm(len(x), generator=generator)
        some = order[step % each * batch :][:batch]
        seen = augmented(x[some], generator) if augment else x[some]
        for group in optimizer.param_groups:
            group["lr"] = rate * 0.5 * (1 + math.cos(math.pi * step / steps))
        loss = functional.cross_entropy(net(seen.float() / 255), y[some], label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.weights + net.others, 1.0)
        optimizer.step()
        if step % 50 == 0:
            print(f"step {step} of {steps}, loss {float(loss):.4f}", flush=True)
    net.save(out)


def answers(file, x):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options)
    batches = (x[i : i + 100].float().numpy() / 255 for i in range(0, len(x), 100))
    return numpy.concatenate([session.run(None, {"input": b})[0].argmax(1) for b in batches])


def compare(folder, files):
    """Each file with the first, image by image: 95 % interval of the difference, McNemar's exact test."""
    x, y = images(pathlib.Path(folder, "test"), onnx.load(files[0]))
    right = [answers(file, x) == y.numpy() for file in files]
    print(f"{files[0]}: {right[0].mean():.2%}")
    for file, now in zip(files[1:], right[1:]):
        lost, gained = int((right[0] & ~now).sum()), int((now & ~right[0]).sum())
        n, change = lost + gained, (gained - lost) / len(y)
        width = 1.96 * math.sqrt((n / len(y) - change**2) / len(y))
        tail = sum(math.comb(n, i) for i in range(min(lost, gained) + 1)) / 2**n
        print(f"{file}: {now.mean():.2%}, {change:+.2%} ± {width:.2%}, {lost} lost, {gained} gained,"
              f" p {min(1, 2 * tail):.2g}")


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    to_tune = commands.add_parser("tune")
    for name, value in dict(seed=1, epochs=1, rate=0.002, batch=64, steps=0).items():
        to_tune.add_argument("--" + name, type=type(value), default=value)
    to_tune.add_argument("--augment", action="store_true")
    to_tune.add_argument("--out", required=True)
    for name in ("name", "folder", "kind"):
        to_tune.add_argument(name)
    to_compare = commands.add_parser("compare")
    to_compare.add_argument("folder")
    to_compare.add_argument("files", nargs="+")
    given = vars(parser.parse_args())
    torch.set_num_threads(1)
    {"tune": tune, "compare": compare}[given.pop("command")](**given)


if __name__ == "__main__":
    main()
