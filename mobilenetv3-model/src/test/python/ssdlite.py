"""Golden figures of SSDLite from torchvision: anchors, matching, detections, losses, whole nets.

    python mobilenetv3-model/src/test/python/ssdlite.py mobilenetv3-model/src/test/resources/golden/ssdlite

Anchors, matching and suppression are compared float for float, so they are computed in float32;
losses, outputs and gradients in float64.
"""

import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace

from functools import partial

import torch
from torch import nn
from torchvision.models import mobilenet_v3_large, mobilenet_v3_small
from torchvision.models.detection import _utils, ssd, ssdlite, transform
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import boxes as box_ops

from seeded import spread


def stable_topk(self, k, *_, **__):
    """Ties in order: torch's own topk leaves them in any."""
    values, indices = self.sort(descending=True, stable=True)
    return values[:k], indices[:k]


torch.Tensor.topk = stable_topk


def fill(shape, offset, scale, shift=0.0, quantum=0.0):
    """Numbers that look random, the same in Java: detection.Golden."""
    x = (torch.arange(math.prod(shape), dtype=torch.int64) + offset) * 2654435761 & 0xFFFFFFFF
    x = (x ^ x >> 15) * 2246822519 & 0xFFFFFFFF
    x = (x ^ x >> 13) * 3266489917 & 0xFFFFFFFF
    x = shift + scale * (2 * ((x ^ x >> 16).double() / 2.0**32) - 1)
    if quantum:
        x = (x / quantum).round() * quantum
    return x.float().reshape(shape)


def grids(height, width):
    sizes = [(-(-height // 16), -(-width // 16))]
    for _ in range(5):
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    return sizes


def anchors(height, width, dtype=torch.float32):
    generator = DefaultBoxGenerator([[2, 3] for _ in range(6)], min_ratio=0.2, max_ratio=0.95)
    images = ImageList(torch.zeros(1, 3, height, width), [(height, width)])
    maps = [torch.zeros(1, 1, *size, dtype=dtype) for size in grids(height, width)]
    return generator(images, maps)[0]


def floats(tensor):
    return [float(f"{x:.9g}") for x in tensor.double().flatten().tolist()]


def anchor_case(height, width, every):
    a = anchors(height, width)
    return {
        "height": height, "width": width, "count": len(a), "sum": a.double().sum().item(),
        "squares": (a.double() ** 2).sum().item(), "every": every, "rows": floats(a[::every]),
    }


def matched(height, width, boxes):
    a = anchors(height, width)
    if not boxes:
        return a, torch.full((len(a),), -1), torch.zeros(0, 4)
    boxes = torch.tensor(boxes, dtype=torch.float32)
    return a, _utils.SSDMatcher(0.5)(box_ops.box_iou(boxes, a)), boxes


def matching_case(name, height, width, boxes):
    a, match, boxes = matched(height, width, boxes)
    found = torch.where(match >= 0)[0]
    codes = _utils.BoxCoder((10.0, 10.0, 5.0, 5.0)).encode_single(boxes[match[found]], a[found])
    return {
        "name": name, "height": height, "width": width, "boxes": boxes.tolist(),
        "anchors": found.tolist(), "matches": match[found].tolist(), "codes": floats(codes),
    }


def detection_case(name, size, photo, logits, offset, scale, background=0.0, direct=False,
                   codes=3.0, threshold=0.001, topk=300, overlap=0.55, most=300):
    """With direct, eighths that stand for probabilities: only these are equal to the bit."""
    a = anchors(*size)
    raw = fill((len(a), 4 + logits), offset, scale, 0.5 if direct else 0, 0.125 if direct else 0)
    raw[:, :4] = fill((len(a), 4), offset + 10**6, codes)
    raw[:, 4] += background
    fake = SimpleNamespace(
        box_coder=_utils.BoxCoder((10.0, 10.0, 5.0, 5.0)), score_thresh=threshold,
        topk_candidates=topk, nms_thresh=overlap, detections_per_img=most)
    heads = {"bbox_regression": raw[None, :, :4], "cls_logits": raw[None, :, 4:]}
    ssd.F.softmax = (lambda x, dim: x) if direct else torch.softmax
    result = ssd.SSD.postprocess_detections(fake, heads, [a], [size])[0]
    boxes = transform.resize_boxes(result["boxes"], size, photo)
    print(f"{name}: {len(boxes)} objects")
    return {
        "name": name, "height": size[0], "width": size[1], "photoHeight": photo[0],
        "photoWidth": photo[1], "logits": logits, "offset": offset, "scale": scale,
        "codes": codes, "background": background, "direct": direct, "threshold": threshold,
        "candidates": topk, "overlap": overlap, "most": most, "boxes": floats(boxes),
        "labels": (result["labels"] - 1).tolist(), "scores": floats(result["scores"]),
    }


def loss_case(name, size, logits, images, offset):
    a = anchors(*size).double()
    n = len(images)
    y = fill((n, len(a), 4 + logits), offset, 2.0).double().requires_grad_()
    targets, matches = [], []
    for boxes, labels in images:
        _, match, boxes = matched(*size, boxes)
        targets.append({"boxes": boxes.double(), "labels": torch.tensor(labels, dtype=torch.int64) + 1})
        matches.append(match)
    fake = SimpleNamespace(
        box_coder=_utils.BoxCoder((10.0, 10.0, 5.0, 5.0)), neg_to_pos_ratio=3.0)
    heads = {"bbox_regression": y[..., :4], "cls_logits": y[..., 4:]}
    losses = ssd.SSD.compute_loss(fake, targets, heads, [a] * n, matches)
    (losses["bbox_regression"] + losses["classification"]).backward()
    return {
        "name": name, "height": size[0], "width": size[1], "logits": logits, "offset": offset,
        "boxes": [b for b, _ in images], "labels": [l for _, l in images],
        "positives": int(sum((m >= 0).sum() for m in matches)),
        "regression": losses["bbox_regression"].item(),
        "classification": losses["classification"].item(),
        "gradient": y.grad.flatten()[::37].tolist(), "every": 37,
        "gradientL2": [y.grad[..., :4].norm().item(), y.grad[..., 4:].norm().item()],
    }


# Whole nets, their weights by formula.

WIDTH = 0.25
LOGITS = 5
SAMPLES = 6


def net(kind, dtype):
    """As ssdlite320_mobilenet_v3_large builds its net, for another trunk."""
    norm = partial(nn.BatchNorm2d, eps=0.001, momentum=0.03)
    make = mobilenet_v3_small if kind == "small" else mobilenet_v3_large
    trunk = make(norm_layer=norm, reduced_tail=kind == "reduced", width_mult=WIDTH)
    trunk = ssdlite._mobilenet_extractor(trunk, 6, norm)
    generator = DefaultBoxGenerator([[2, 3] for _ in range(6)], min_ratio=0.2, max_ratio=0.95)
    channels = _utils.retrieve_out_channels(trunk, (320, 320))
    head = ssdlite.SSDLiteHead(channels, generator.num_anchors_per_location(), LOGITS, norm)
    whole = ssd.SSD(trunk, generator, (320, 320), LOGITS, head=head)
    with torch.no_grad():
        for n, (name, tensor) in enumerate(whole.state_dict().items()):
            if name.endswith("num_batches_tracked"):
                continue
            tensor.copy_(fill(tensor.shape, 7919 * n, *spread(name, tensor)))
    return whole.to(dtype)


def output(whole, x):
    heads = whole.head(list(whole.backbone(x).values()))
    return torch.cat([heads["bbox_regression"], heads["cls_logits"]], 2)


def digits(x):
    return float(f"{x.item():.10g}")


def figures(tensor):
    flat = tensor.detach().double().flatten()
    step = max(1, flat.numel() // SAMPLES)
    return {
        "shape": list(tensor.shape), "sum": digits(flat.sum()), "l2": digits(flat.norm()),
        "step": step, "samples": [digits(x) for x in flat[::step][:SAMPLES]],
    }


def learn(kind, shape, images, dtype):
    whole = net(kind, dtype).train()
    y = output(whole, fill(shape, 424242, 0.5, 0.5).to(dtype))
    a = anchors(*shape[2:]).to(dtype)
    targets, matches = [], []
    for boxes, labels in images:
        _, match, boxes = matched(*shape[2:], boxes)
        targets.append({"boxes": boxes.to(dtype), "labels": torch.tensor(labels, dtype=torch.int64) + 1})
        matches.append(match)
    heads = {"bbox_regression": y[..., :4], "cls_logits": y[..., 4:]}
    losses = whole.compute_loss(targets, heads, [a] * len(images), matches)
    loss = losses["bbox_regression"] + losses["classification"]
    loss.backward()
    return whole, y.detach().double(), loss.item()


def net_case(kind, images):
    evals = []
    for shape in [1, 3, 320, 320], [2, 3, 96, 128]:
        with torch.no_grad():
            y = output(net(kind, torch.float64).eval(), fill(shape, 424242, 0.5, 0.5).double())
        evals.append({"input": shape, "output": figures(y)})
    # Of this size no negative is hard in one precision and easy in the other: see the assertion.
    shape = [len(images), 3, 128, 192]
    whole, y, loss = learn(kind, shape, images, torch.float64)
    rough, rough_y, _ = learn(kind, shape, images, torch.float32)
    exact = {name: p.grad for name, p in whole.named_parameters()}
    off = {name: p.grad.double() - exact[name] for name, p in rough.named_parameters()}
    # Not as shares: batch norm behind a bias makes its gradient 0 but for rounding.
    apart = {name: float(f"{d.norm().item():.3g}") for name, d in off.items()}
    largest = max(g.norm() for g in exact.values())
    share = max((off[n].norm() / g.norm()).item() for n, g in exact.items() if g.norm() > 1e-4 * largest)
    print(kind, "float32 differs by", share, "of a gradient at most")
    assert share < 0.001, "the choice of hard negatives hangs on rounding"
    return {
        "kind": kind, "width": WIDTH, "logits": LOGITS, "evals": evals, "input": shape,
        "parameters": sum(p.numel() for p in whole.parameters()),
        "boxes": [b for b, _ in images], "labels": [l for _, l in images],
        "output": figures(y), "loss": loss,
        "gradients": {name: figures(g) for name, g in exact.items()},
        "statistics": {n: figures(b) for n, b in whole.named_buffers() if "running" in n},
        "float32": {
            "output": ((rough_y - y).norm() / y.norm()).item(), "gradients": apart,
        },
    }


def write(directory, name, content):
    (directory / name).write_text(json.dumps(content, separators=(",", ":")) + "\n")


def main():
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(17)
    write(directory, "anchors.json", [
        anchor_case(320, 320, 97), anchor_case(64, 96, 1), anchor_case(33, 500, 31)])

    a = anchors(320, 320)
    own = a[3 * 6 * 20 + 5 * 6 + 2].tolist()  # inside the image
    spread = []
    for i in range(12):
        u = fill((4,), 7919 * (i + 1), 0.5, 0.5)
        x, y = 280 * u[0].item(), 280 * u[1].item()
        spread.append([round(4 * v) / 4 for v in (
            x, y, x + 4 + (316 - x) * u[2].item(), y + 4 + (316 - y) * u[3].item())])
    small = [(8.0, 8.0, 40.0, 40.0), (50.0, 10.0, 90.0, 60.0), (2.0, 3.0, 9.0, 8.0)]
    write(directory, "matching.json", [
        matching_case("spread", 320, 320, spread),
        matching_case("the same box twice", 320, 320, [(40, 50, 140, 130), (40, 50, 140, 130)]),
        matching_case("between four cells", 320, 320, [(158, 158, 162, 162), (0, 0, 2, 2)]),
        matching_case("an anchor itself", 320, 320, [own]),
        matching_case("two boxes, one anchor", 320, 320, [(100, 100, 102, 102), (101, 100, 103, 102)]),
        matching_case("all of the image", 320, 320, [(0, 0, 320, 320)]),
        matching_case("nothing", 320, 320, []),
        matching_case("small image", 64, 96, small),
    ])

    write(directory, "detections.json", [
        detection_case("few", (64, 96), (480, 640), 4, 99, 4.0, background=6.0),
        detection_case("many", (64, 96), (333, 500), 8, 7, 3.0),
        detection_case("limited", (64, 96), (64, 96), 8, 8, 3.0, topk=20, most=50),
        detection_case("one class", (64, 96), (100, 37), 2, 5, 3.0, most=40),
        detection_case("ties", (64, 96), (480, 640), 4, 11, 0.5, direct=True, most=60),
        detection_case("flat boxes", (64, 96), (480, 640), 3, 12, 3.0, codes=60.0),
        detection_case("nothing", (64, 96), (480, 640), 4, 99, 1.0, background=30.0),
        detection_case("320", (320, 320), (427, 640), 21, 3, 2.5, background=3.0, most=100),
    ])

    one = ([[8.0, 8.0, 40.0, 40.0], [50.0, 10.0, 90.0, 60.0]], [0, 3])
    two = ([[20.0, 5.0, 80.0, 60.0], [2.0, 3.0, 9.0, 8.0], [20.0, 5.0, 80.0, 60.0]], [1, 2, 2])
    none = ([], [])
    full = ([[float(x), 0.0, x + w, 64.0] for x in range(0, 64, 4) for w in (20.0, 32.0, 60.0)],
            [i % 4 for i in range(48)])
    write(directory, "losses.json", [
        loss_case("three images", (64, 96), 5, [one, none, two], 31),
        loss_case("no object", (64, 96), 5, [none, none], 32),
        loss_case("more negatives wanted than there are", (64, 96), 5, [full, one], 33),
    ])

    stretches = []
    for height, width, new_height, new_width in (7, 5, 13, 3), (40, 61, 16, 16), (5, 5, 5, 5):
        samples = fill((3, height, width), 50, 127.5, 127.5, 1.0)
        values = (samples / 255 - 0.5) / 0.5
        to = (new_height, new_width)
        values = nn.functional.interpolate(values[None], to, mode="bilinear", align_corners=False)
        stretches.append({
            "height": height, "width": width, "newHeight": new_height, "newWidth": new_width,
            "values": floats(values[0, :, ::3, :])})
    write(directory, "stretches.json", stretches)

    images = [one, two, none, ([[30.0, 10.0, 110.0, 90.0]], [1])]
    for kind in "reduced", "full", "small":
        write(directory, f"net-{kind}.json", net_case(kind, images))


if __name__ == "__main__":
    main()
