"""SSDLite in and out, against torchvision: same objects in the same photographs, same exports.

    bench/setup.sh venv && bench/venv/bin/pip install openvino      # in the repository's root
    bench/venv/bin/python bench/ssdlite.py PHOTO...

Makes nets with random weights whose batch norm has seen the photographs and was then disturbed, and
whose scores are spread, saves them as torch.save does, and lets 'predict' find the objects
(decoding, stretching, normalizing, suppressing, and the boxes' way back to the photograph's size).
torchvision's side is its SSD on the photograph. An object counts as the same if its class is, its
box is within 0.01 pixel and its score within 1e-4. Where scores are equal but for rounding, which
of two objects suppresses the other is a tie: torchvision's own objects change if its logits change
by a millionth of the largest, and what changes so does not count.

Then 'export' writes ONNX files without and with NonMaxSuppression and a TorchScript file, which
ONNX Runtime, OpenVINO and PyTorch run, and 'convert' writes the weights back, which
load_state_dict(strict=True) takes.

Prints how many objects differ, and the largest differences; ends with 1 if one is too large.
MOBILENETV3 names the program (default: ./mobilenetv3). With torch 2.7.1, torchvision 0.22.1,
onnxruntime 1.23.2, openvino 2026.4.
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
from torchvision.models import mobilenet_v3_large, mobilenet_v3_small
from torchvision.models.detection import _utils, ssd, ssdlite, ssdlite320_mobilenet_v3_large
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
from torchvision.ops import clip_boxes_to_image
from torchvision.transforms.functional import to_tensor

PROGRAM = os.environ.get("MOBILENETV3", "./mobilenetv3").split()
PIXEL = 0.01
SCORE = 1e-4
RUNS = 40


def detector(trunk, logits, size=(320, 320), **trunk_options):
    """As ssdlite320_mobilenet_v3_large builds its net, for any trunk and size (width, height)."""
    norm = partial(nn.BatchNorm2d, eps=0.001, momentum=0.03)
    trunk = ssdlite._mobilenet_extractor(trunk(norm_layer=norm, **trunk_options), 6, norm)
    generator = DefaultBoxGenerator([[2, 3] for _ in range(6)], min_ratio=0.2, max_ratio=0.95)
    channels = _utils.retrieve_out_channels(trunk, (320, 320))
    head = ssdlite.SSDLiteHead(channels, generator.num_anchors_per_location(), logits, norm)
    return ssd.SSD(
        trunk, generator, size, logits, head=head, score_thresh=0.001, nms_thresh=0.55,
        detections_per_img=300, topk_candidates=300, image_mean=[0.5] * 3, image_std=[0.5] * 3)


NETS = {
    "ssdlite320_mobilenet_v3_large": (
        lambda: ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None), None),
    "large, full tail, 5 classes": (lambda: detector(mobilenet_v3_large, 6), None),
    "small, width 0.5, 2 classes": (
        lambda: detector(mobilenet_v3_small, 3, width_mult=0.5), None),
    "large, 90 classes, 256 high and 384 wide": (
        lambda: detector(mobilenet_v3_large, 91, (384, 256), reduced_tail=True), (256, 384)),
}


def disturb(net, photos):
    """Activations of a trained net's size, no two channels alike, objects here and there."""
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.weight.data.uniform_(0.5, 1.5)
        norm.bias.data.normal_(0, 0.2)
        norm.momentum = 0.3
    net.train()
    for _ in range(8):
        images, _ = net.transform(photos)
        net.head(list(net.backbone(images.tensors).values()))
    for norm in norms:
        norm.running_mean += 0.1 * torch.randn_like(norm.running_mean) * norm.running_var.sqrt()
        norm.running_var *= torch.empty_like(norm.running_var).uniform_(0.7, 1.4)
        norm.momentum = 0.03
    net.eval()
    images, _ = net.transform(photos)
    features = list(net.backbone(images.tensors).values())
    logits = net.head.classification_head.num_columns
    for blocks, spread in (net.head.classification_head, 2.5), (net.head.regression_head, 1.5):
        for block, feature in zip(blocks.module_list, features):
            block[1].weight.data.normal_()
            block[1].weight.data *= spread / block(feature).std()
    for block in net.head.classification_head.module_list:
        block[1].bias.data[::logits] += 3.5 + np.log(logits)
    return net


def run(*command):
    done = subprocess.run([*PROGRAM, *map(str, command)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr}")
    return done.stdout


def pairs(one, other):
    """Which objects are the same, as indices of both, and the largest differences."""
    found, left = [], list(range(len(other["scores"])))
    pixel = score = 0.0
    for i in range(len(one["scores"])):
        best = None
        for j in left:
            close = abs(one["scores"][i] - other["scores"][j]) <= SCORE
            if close and one["labels"][i] == other["labels"][j]:
                d = (one["boxes"][i] - other["boxes"][j]).abs().max().item()
                if d <= PIXEL and (best is None or d < best[1]):
                    best = j, d
        if best is not None:
            left.remove(best[0])
            found.append((i, best[0]))
            pixel = max(pixel, best[1])
            score = max(score, abs(one["scores"][i] - other["scores"][best[0]]).item())
    return found, pixel, score


def without(objects, indices):
    keep = [i for i in range(len(objects["scores"])) if i not in indices]
    return {name: values[keep] for name, values in objects.items()}


def onnx_runtime(file, outputs):
    session = onnxruntime.InferenceSession(file)
    return lambda x: session.run(outputs, {"input": x.numpy()})


def open_vino(file, outputs):
    import openvino

    core = openvino.Core()
    # In 32 bits: where the processor could, OpenVINO would compute in 16.
    net = core.compile_model(str(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def answer(x):
        result = net(x.numpy())
        return [result[name] for name in outputs]

    return answer


class Check:
    def __init__(self, photos):
        self.photos = photos
        self.images = [to_tensor(Image.open(p).convert("RGB")) for p in photos]
        self.bad = 0

    def tell(self, what, value, good):
        self.bad += not good
        print(f"  {what:46} {value}{'' if good else '   <---'}", flush=True)

    def torchvisions(self, net, image):
        """Its objects, and those of runs whose logits are off by a few units in the last place."""
        objects = net([image])[0]
        runs = []
        hook = net.head.register_forward_hook(
            lambda module, x, y: {
                name: values + 2e-6 * values.abs().max() * torch.randn_like(values)
                for name, values in y.items()
            })
        for _ in range(RUNS):
            runs.append(net([image])[0])
        hook.remove()
        return objects, runs

    def objects(self, what, expected, boxes, scores, labels):
        objects, runs = expected
        ours = {
            "boxes": torch.as_tensor(np.array(boxes), dtype=torch.float32).reshape(-1, 4),
            "scores": torch.as_tensor(np.array(scores), dtype=torch.float32),
            "labels": torch.as_tensor(np.array(labels), dtype=torch.int64) + 1,
        }
        found, pixel, score = pairs(objects, ours)
        missing = without(objects, {i for i, _ in found})
        extra = without(ours, {j for _, j in found})
        all_missing = len(missing["scores"]) + len(extra["scores"])
        # What some of torchvision's runs find and others do not is a matter of rounding.
        for run_ in runs:
            always = {i for i, _ in pairs(missing, run_)[0]}
            missing = {name: values[sorted(always)] for name, values in missing.items()}
            extra = without(extra, {i for i, _ in pairs(extra, run_)[0]})
        bad = len(missing["scores"]) + len(extra["scores"])
        likely = (objects["scores"] >= 0.5).sum()
        self.tell(
            what,
            f"{all_missing} of {len(objects['scores'])} differ, {bad} beside ties; "
            f"{len(objects['labels'].unique())} classes, {likely} above 0.5; "
            f"boxes by {pixel:.1e} pixel, scores by {score:.1e}",
            bad == 0,
        )

    def predicts(self, net, weights, folder):
        answers = json.loads(
            run("predict", "--weights", weights, "--json", "--threshold", 0, "--out", folder,
                *self.photos))
        for answer, image, file in zip(answers, self.images, self.photos):
            found = answer["detection"]["objects"]
            boxes = [[o["box"][e] for e in ("left", "top", "right", "bottom")] for o in found]
            self.objects(
                f"predict, {pathlib.Path(weights).name}, {pathlib.Path(file).name}",
                self.torchvisions(net, image), boxes, [o["score"] for o in found], [o["index"] for o in found])

    def exports(self, net, weights, folder, size):
        plain, nms, script = folder / "net.onnx", folder / "nms.onnx", folder / "net.pt"
        run("export", "--weights", weights, "--out", plain)
        run("export", "--weights", weights, "--nms", "--out", nms)
        run("export", "--weights", weights, "--out", script)
        loaded = torch.jit.load(script)
        runtimes = {
            "ONNX Runtime": onnx_runtime(plain, ["boxes", "scores"]),
            "OpenVINO": open_vino(plain, ["boxes", "scores"]),
            "ONNX Runtime, NMS file": onnx_runtime(nms, ["boxes", "scores"]),
            "TorchScript in PyTorch": lambda x: [y.detach() for y in loaded(x)],
        }
        scale = torch.tensor([size[1], size[0], size[1], size[0]])
        for name, answers in runtimes.items():
            for batch in (1,) if "NMS" in name else (1, 3):
                x = torch.rand(batch, 3, *size)
                images, _ = net.transform(list(x))
                features = list(net.backbone(images.tensors).values())
                heads = net.head(features)
                anchors = net.anchor_generator(images, features)[0]
                boxes, scores = map(torch.as_tensor, answers(x))
                expected = torch.stack([
                    clip_boxes_to_image(net.box_coder.decode_single(codes, anchors), size)
                    for codes in heads["bbox_regression"]])
                pixel = (boxes * scale - expected).abs().max().item()
                off = (scores - heads["cls_logits"].softmax(-1)).abs().max().item()
                self.tell(f"{name}, {batch} images", f"boxes {pixel:.1e} pixel, scores {off:.1e}",
                          pixel <= PIXEL and off <= SCORE)
        names = ["detection_boxes", "detection_scores", "detection_labels"]
        for name, make in ("ONNX Runtime", onnx_runtime), ("OpenVINO", open_vino):
            answer = make(nms, names)
            for image, file in zip(self.images, self.photos):
                x = nn.functional.interpolate(image[None], size, mode="bilinear")
                boxes, scores, labels = answer(x)
                expected = self.torchvisions(net, x[0])
                self.objects(f"{name}, NMS, {pathlib.Path(file).name}", expected,
                             boxes * scale.numpy(), scores, labels)

    def returns(self, make, net, weights, folder):
        forms = {"from .pth": weights, "through .safetensors": folder / "net.safetensors"}
        run("convert", weights, forms["through .safetensors"])
        for what, source in forms.items():
            back = folder / "back.pth"
            run("convert", source, back, "--format", "torchvision")
            other = make()
            other.load_state_dict(torch.load(back, weights_only=True), strict=True)
            equal = all(
                torch.equal(a, b)
                for (n, a), b in zip(net.state_dict().items(), other.state_dict().values())
                if "num_batches" not in n
            )
            self.tell(f"written back {what}, strict=True",
                      "bit for bit" if equal else "other", equal)

    def net(self, name, make, size):
        print(name)
        torch.manual_seed(len(name))
        net = disturb(make(), self.images)
        with tempfile.TemporaryDirectory(prefix="ssdlite-") as home:
            folder = pathlib.Path(home)
            weights = folder / "net.pth"
            torch.save(net.state_dict(), weights)
            source = weights
            if size:
                source = folder / "package"
                run("convert", weights, source, "--input-size", f"{size[0]}x{size[1]}")
            self.predicts(net, source, folder / "pictures")
            self.exports(net, source, folder, size or (320, 320))
            for file in "net.onnx", "nms.onnx", "net.pt":
                self.predicts(net, folder / file, folder / "pictures")
            self.returns(make, net, weights, folder)


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", nargs="+", metavar="PHOTO")
    parser.add_argument("--only", default="", help="part of a net's name")
    given = parser.parse_args()
    check = Check([str(pathlib.Path(p).resolve()) for p in given.photos])
    for name, (make, size) in NETS.items():
        if given.only in name:
            check.net(name, make, size)
    if check.bad:
        sys.exit(f"{check.bad} lines are wrong.")


if __name__ == "__main__":
    main()
