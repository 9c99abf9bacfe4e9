"""Speed of SSDLite320 and LR-ASPP (both Large, batch 1): ours from Java against Python.

    bench/setup.sh venv                                   # in the repository's root
    bench/venv/bin/python bench/scenes.py

torchvision makes the nets with random weights and lets batch norm see noise; the background's bias
of the detector is chosen so that 200 scores pass torchvision's threshold of 0.001. 'export'
writes the ONNX file that bench/SceneSpeed.java and Python's ONNX Runtime run. Each contestant is a
process of its own; in each round each has one turn, and medians over the rounds are printed, as a
table in Markdown.

net     a float tensor in, all outputs read: ours with boxes and probabilities, torchvision's eager
        backbone and head (the detector's logits and codes, not decoded)
whole   pixels of an image of the input's size in, objects (decoded, suppressed) or the mask out;
        torchvision's model and, for masks, argmax

Run it alone on the machine. --onnxruntime names a Python with another ONNX Runtime.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
SIZES = {"ssdlite320_large": 320, "lraspp_large": 520}
PASSING = 200


def image(side):
    """What SceneSpeed makes, too: uint8, (3, side, side)."""
    i = np.arange(3 * side * side, dtype=np.int64)
    return ((i * 2654435761 ^ i * 40503 >> 3) >> 13 & 255).astype(np.uint8).reshape(3, side, side)


# --- contestants: each tells its name and what it found, then answers lines with milliseconds -----


def answer(name, net, whole, found):
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # what libraries print must not come between the answers
        print(f"{name}|{found}", file=answers, flush=True)
        for line in sys.stdin:
            which, steps = line.split()
            step = whole if which == "whole" else net
            start = time.perf_counter()
            for _ in range(int(steps)):
                step()
            print((time.perf_counter() - start) * 1000 / int(steps), file=answers, flush=True)


def onnx_runtime(file, side, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    x = image(side)[None].astype(np.float32) / 255
    answer(f"ONNX Runtime {onnxruntime.__version__}", lambda: session.run(None, {"input": x}), None, "")


def settle(model):
    """Statistics of batch norm, without which random nets' activations vanish."""
    import torch

    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1
    model.train()
    with torch.no_grad():
        features = model.backbone(torch.randn(4, 3, 320, 320))
        if hasattr(model, "head"):
            model.head(list(features.values()))
        else:
            model.classifier(features)
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum
    model.eval()


def make(net):
    import torch
    from torchvision.models import detection, segmentation

    torch.manual_seed(0)
    if net == "lraspp_large":
        model = segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None)
    else:
        model = detection.ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None)
    settle(model)
    if net == "lraspp_large":
        return model
    heads = model.head.classification_head
    for block in heads.module_list:
        block[1].weight.data *= 10  # so that scores differ
    with torch.no_grad():
        images, _ = model.transform([torch.from_numpy(image(320)) / 255])
        logits = heads(list(model.backbone(images.tensors).values()))[0]
        low, high = 0.0, 100.0
        for _ in range(40):
            middle = (low + high) / 2
            moved = logits.clone()
            moved[:, 0] += middle
            passing = (moved.softmax(-1)[:, 1:] > model.score_thresh).sum()
            low, high = (middle, high) if passing > PASSING else (low, middle)
    for block in heads.module_list:
        block[1].bias.data[:: heads.num_columns] += high
    return model


def eager(file, net, side, threads):
    import torch
    import torchvision

    torch.set_num_threads(threads)
    model = make(net)
    model.load_state_dict(torch.load(file, weights_only=True))
    pixels = torch.from_numpy(image(side))
    if net == "lraspp_large":
        from torchvision.transforms._presets import SemanticSegmentation

        preset = SemanticSegmentation(resize_size=side)
        x = preset(pixels)[None]

        def plain():
            return model(x)["out"].numpy()

        def whole():
            return model(preset(pixels)[None])["out"].argmax(1)

        def found():
            return f"{len(whole().unique())} classes"
    else:
        x = model.transform([pixels / 255])[0].tensors

        def plain():
            answers = model.head(list(model.backbone(x).values()))
            return [answers[name].numpy() for name in ("bbox_regression", "cls_logits")]

        def whole():
            return model([pixels / 255])[0]

        def found():
            return f"{len(whole()['scores'])} objects"

    with torch.inference_mode():
        name = f"torchvision {torchvision.__version__.split('+')[0]} eager, PyTorch {torch.__version__.split('+')[0]}"
        answer(name, plain, whole, found())


# --- the contest ----------------------------------------------------------------------------------


class Contestant:
    def __init__(self, label, command):
        self.label = label
        self.process = subprocess.Popen(
            list(map(str, command)), cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.name, self.found = self.line().split("|")
        self.steps, self.times = {}, {"net": [], "whole": []}

    def line(self):
        line = self.process.stdout.readline().strip()
        if not line:
            sys.exit(f"{self.label} ended before it answered.")
        return line

    def turn(self, which, steps):
        print(which, steps, file=self.process.stdin, flush=True)
        return float(self.line())

    def warm(self, which, seconds):
        """Until Java has compiled what it will; then how many steps a turn has."""
        first = self.turn(which, 1)
        each = self.turn(which, max(1, round(2000 / first)))
        self.steps[which] = max(1, round(seconds * 1000 / each))
        self.turn(which, self.steps[which])

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def class_path():
    subprocess.run([ROOT / "mobilenetv3", "--help"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # builds
    targets = [ROOT / f"mobilenetv3-{module}/target" for module in ("model", "train", "serve")]
    jars = [(target / "classpath").read_text() for target in targets[1:]]
    return ":".join([*(str(target / "classes") for target in targets), *jars])


def contest(net, given, folder, classes):
    import torch

    side = SIZES[net]
    weights, file = folder / f"{net}.pth", folder / f"{net}.onnx"
    torch.save(make(net).state_dict(), weights)
    subprocess.run([ROOT / "mobilenetv3", "export", "--weights", weights, "--out", file], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    me = [sys.executable, Path(__file__), "--threads", given.threads, "--net", net]
    contestants = [
        Contestant("ours", ["java", "-cp", classes, "bench/SceneSpeed.java", file, side, given.threads]),
        Contestant("Python", [given.onnxruntime, *me[1:], "--peer", file]),
        Contestant("Python", [*me, "--peer", weights]),
    ]
    sides = [(c, which) for which in ("net", "whole") for c in contestants
             if which == "net" or "ONNX" not in c.name or c.label == "ours"]
    for contestant, which in sides:
        contestant.warm(which, given.seconds)
    for _ in range(given.rounds):
        for contestant, which in sides:
            contestant.times[which].append(contestant.turn(which, contestant.steps[which]))
            time.sleep(0.05)
    for contestant in contestants:
        contestant.end()
    return sides


def report(net, sides):
    for contestant, which in sides:
        times = contestant.times[which]
        ours = statistics.median(sides[0 if which == "net" else 3][0].times[which])
        median = statistics.median(times)
        found = f", {contestant.found}" if which == "whole" else ""
        print(f"| {net}, {SIZES[net]}×{SIZES[net]}, {which}{found} | {contestant.label}: {contestant.name} "
              f"| {median:.2f} | {min(times):.2f}–{max(times):.2f} | {median / ours:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.5, help="of a turn")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--onnxruntime", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--net", choices=SIZES, help="this one only")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peer and given.peer.endswith(".onnx"):
        onnx_runtime(given.peer, SIZES[given.net], given.threads)
        return
    if given.peer:
        eager(given.peer, given.net, SIZES[given.net], given.threads)
        return
    classes = class_path()
    print(f"{time.strftime('%Y-%m-%d')}: {given.threads} threads, {given.rounds} rounds, {platform.release()}, "
          f"load average {os.getloadavg()[0]:.2f}\n")
    print("| what | contestant | median ms | min–max | time ÷ ours |\n|---|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="scenes-") as home:
        for net in [given.net] if given.net else SIZES:
            report(net, contest(net, given, Path(home), classes))


if __name__ == "__main__":
    main()
