"""Paddle's weights in, against Paddle: same logits of the same photographs.

    python -m venv VENV && VENV/bin/pip install paddlepaddle opencv-python-headless pillow
    VENV/bin/python bench/pdparams.py PHOTO...                 # in the repository's root
    VENV/bin/python bench/pdparams.py --only 'small' PHOTO...  # some of the nets

Makes PaddleClas' MobileNetV3 at all its widths, paddle.vision's and PaddleOCR's text-direction
classifier, with random weights whose batch norm has seen the photographs and was then disturbed,
saves their state dicts with paddle.save (protocols 2 and 4), and lets 'predict' classify the
photographs from the .pdparams files on. PaddleClas' own images are decoded, resized (cv2) and
cropped as its deploy/python/preprocess.py does.

Prints the largest difference of a logit, as a share of the largest logit of its image, and ends
with 1 if one is above the tolerance or a command failed. With paddlepaddle 3.3.1, OpenCV 5.0.0.
"""

import argparse
import json
import math
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import cv2
import numpy as np
import paddle
from paddle import nn
from paddle.nn import functional as F
from PIL import Image

# PaddleClas 2.6.0, ppcls/arch/backbone/legendary_models/mobilenet_v3.py: kernel, expansion,
# output, SE, activation, stride.
BLOCKS = {
    "large": [
        (3, 16, 16, False, "relu", 1),
        (3, 64, 24, False, "relu", 2),
        (3, 72, 24, False, "relu", 1),
        (5, 72, 40, True, "relu", 2),
        (5, 120, 40, True, "relu", 1),
        (5, 120, 40, True, "relu", 1),
        (3, 240, 80, False, "hardswish", 2),
        (3, 200, 80, False, "hardswish", 1),
        (3, 184, 80, False, "hardswish", 1),
        (3, 184, 80, False, "hardswish", 1),
        (3, 480, 112, True, "hardswish", 1),
        (3, 672, 112, True, "hardswish", 1),
        (5, 672, 160, True, "hardswish", 2),
        (5, 960, 160, True, "hardswish", 1),
        (5, 960, 160, True, "hardswish", 1),
    ],
    "small": [
        (3, 16, 16, True, "relu", 2),
        (3, 72, 24, False, "relu", 2),
        (3, 88, 24, False, "relu", 1),
        (5, 96, 40, True, "hardswish", 2),
        (5, 240, 40, True, "hardswish", 1),
        (5, 240, 40, True, "hardswish", 1),
        (5, 120, 48, True, "hardswish", 1),
        (5, 144, 48, True, "hardswish", 1),
        (5, 288, 96, True, "hardswish", 2),
        (5, 576, 96, True, "hardswish", 1),
        (5, 576, 96, True, "hardswish", 1),
    ],
}
LAST = {"large": 960, "small": 576}
HIDDEN = 1280
SCALES = [0.35, 0.5, 0.75, 1.0, 1.25]


def divisible(channels):
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


class ConvBN(nn.Layer):
    def __init__(self, in_c, out_c, kernel, stride=1, groups=1, act=None):
        super().__init__()
        self.conv = nn.Conv2D(
            in_c, out_c, kernel, stride, kernel // 2, groups=groups, bias_attr=False
        )
        self.bn = nn.BatchNorm(out_c)
        self.act = act

    def forward(self, x):
        x = self.bn(self.conv(x))
        return getattr(F, self.act)(x) if self.act else x


class Gate(nn.Layer):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2D(channels, channels // 4, 1)
        self.conv2 = nn.Conv2D(channels // 4, channels, 1)

    def forward(self, x):
        gate = self.conv2(F.relu(self.conv1(F.adaptive_avg_pool2d(x, 1))))
        return x * F.hardsigmoid(gate, slope=0.2, offset=0.5)


class Block(nn.Layer):
    def __init__(self, in_c, mid_c, out_c, kernel, stride, se, act):
        super().__init__()
        self.shortcut = stride == 1 and in_c == out_c  # a pair of strides is never 1
        self.expand_conv = ConvBN(in_c, mid_c, 1, act=act)
        self.bottleneck_conv = ConvBN(mid_c, mid_c, kernel, stride, mid_c, act)
        if se:
            self.mid_se = Gate(mid_c)
        self.linear_conv = ConvBN(mid_c, out_c, 1)
        self.se = se

    def forward(self, x):
        y = self.bottleneck_conv(self.expand_conv(x))
        y = self.linear_conv(self.mid_se(y) if self.se else y)
        return x + y if self.shortcut else y


def blocks_of(size, scale, stride):
    blocks, in_c = [], divisible(16 * scale)
    for kernel, mid, out, se, act, s in BLOCKS[size]:
        mid_c, out_c = divisible(scale * mid), divisible(scale * out)
        blocks.append(Block(in_c, mid_c, out_c, kernel, stride(s), se, act))
        in_c = out_c
    return nn.Sequential(*blocks), in_c


class MobileNetV3(nn.Layer):
    def __init__(self, size, scale, classes):
        super().__init__()
        self.conv = ConvBN(3, divisible(16 * scale), 3, 2, act="hardswish")
        self.blocks, in_c = blocks_of(size, scale, lambda stride: stride)
        last = divisible(scale * LAST[size])
        self.last_second_conv = ConvBN(in_c, last, 1, act="hardswish")
        self.last_conv = nn.Conv2D(last, HIDDEN, 1, bias_attr=False)
        self.dropout = nn.Dropout(0.2, mode="downscale_in_infer")
        self.fc = nn.Linear(HIDDEN, classes)

    def forward(self, x):
        x = self.last_second_conv(self.blocks(self.conv(x)))
        x = F.hardswish(self.last_conv(F.adaptive_avg_pool2d(x, 1)))
        return self.fc(self.dropout(x).flatten(1))


def mobilenet_v3(size, scale, classes=1000):
    """PaddleClas' MobileNetV3_{size}_x{scale}, of the same state dict; size: large or small."""
    return MobileNetV3(size, scale, classes)


class TextDirection(nn.Layer):
    """PaddleOCR's classifier (configs/cls/cls_mv3.yml), before its softmax."""

    def __init__(self, scale=0.35, classes=2):
        super().__init__()
        self.backbone, self.head = nn.Layer(), nn.Layer()
        self.backbone.conv1 = ConvBN(3, divisible(16 * scale), 3, 2, act="hardswish")
        self.backbone.blocks, in_c = blocks_of(
            "small", scale, lambda stride: (2, 1) if stride == 2 else 1
        )
        last = divisible(scale * LAST["small"])
        self.backbone.conv2 = ConvBN(in_c, last, 1, act="hardswish")
        self.head.fc = nn.Linear(last, classes)

    def forward(self, x):
        x = self.backbone.conv2(self.backbone.blocks(self.backbone.conv1(x)))
        x = F.adaptive_avg_pool2d(F.max_pool2d(x, 2, 2), 1)
        return self.head.fc(x.flatten(1))


def disturb(net, photos):
    """Activations of a trained net's size, and no two channels alike."""
    norms = [m for m in net.sublayers() if isinstance(m, (nn.BatchNorm, nn.BatchNorm2D))]
    momentum = norms[0]._momentum
    for norm in norms:
        norm.weight.set_value(paddle.uniform(norm.weight.shape, min=0.5, max=1.5))
        norm.bias.set_value(0.2 * paddle.randn(norm.bias.shape))
        norm._momentum = 0.7
    net.train()
    with paddle.no_grad():
        for _ in range(20):
            net(photos)
    for norm in norms:
        mean, variance = norm._mean, norm._variance
        mean.set_value(mean + 0.1 * paddle.randn(mean.shape) * variance.sqrt())
        variance.set_value(variance * paddle.uniform(variance.shape, min=0.7, max=1.4))
        norm._momentum = momentum
    last = [m for m in net.sublayers() if isinstance(m, nn.Linear)][-1]
    last.weight.set_value(0.1 * paddle.randn(last.weight.shape))
    last.bias.set_value(0.1 * paddle.randn(last.bias.shape))
    net.eval()
    return net


def normalized(image, mean, std):
    pixels = image.astype("float32") * np.float32(1 / 255)
    return ((pixels - np.float32(mean)) / np.float32(std)).transpose(2, 0, 1)


def photograph(rgb, resize=256, size=224):
    """As PaddleClas' deploy/python/preprocess.py, by OpenCV."""
    height, width = rgb.shape[:2]
    share = resize / min(width, height)
    rgb = cv2.resize(rgb, (round(width * share), round(height * share)))
    top, left = (rgb.shape[0] - size) // 2, (rgb.shape[1] - size) // 2
    square = rgb[top : top + size, left : left + size]
    return normalized(square, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def text_line(rgb):
    """As 'predict' does: 48 high by Pillow, at most 192 wide, mid gray on the right."""
    height, width = rgb.shape[:2]
    width = min(192, math.ceil(48 * (width / height)))
    resized = np.asarray(Image.fromarray(rgb).resize((width, 48), Image.BILINEAR))
    line = np.pad(resized, ((0, 0), (0, 192 - width), (0, 0)), constant_values=128)
    return normalized(line, 0.5, 0.5)


NETS = {
    f"{size}_x{scale}": (lambda size=size, scale=scale: mobilenet_v3(size, scale), photograph)
    for size in BLOCKS
    for scale in SCALES
}
for size, make in [
    ("large", paddle.vision.models.mobilenet_v3_large),
    ("small", paddle.vision.models.mobilenet_v3_small),
]:
    for scale in [1.0, 0.5]:
        NETS[f"vision_{size}_x{scale}"] = (lambda make=make, s=scale: make(scale=s), photograph)
NETS["text_direction"] = (TextDirection, text_line)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", nargs="+", metavar="PHOTO")
    parser.add_argument("--only", default="", help="names of nets: a regular expression")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    given = parser.parse_args()
    files = [str(pathlib.Path(p).resolve()) for p in given.photos]
    images = [np.asarray(Image.open(p).convert("RGB")) for p in files]
    home = pathlib.Path(tempfile.mkdtemp(prefix="paddle-"))
    bad = 0
    for number, (name, (make, transform)) in enumerate(NETS.items()):
        if not re.search(given.only, name):
            continue
        paddle.seed(number)
        batch = paddle.to_tensor(np.stack([transform(image) for image in images]))
        net = disturb(make(), batch)
        with paddle.no_grad():
            expected = net(batch).numpy()
        for protocol in [2, 4]:
            file = home / f"{name}-{protocol}.pdparams"
            paddle.save(net.state_dict(), str(file), protocol=protocol)
            command = ["./mobilenetv3", "predict", "--weights", file, "--json", "--logits", *files]
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
            if done.returncode:
                lines = [x for x in done.stderr.splitlines() if not re.match("Build|note:|  |$", x)]
                good, shown = False, (lines or ["no message"])[0][:200]
            else:
                actual = np.array([answer["logits"] for answer in json.loads(done.stdout)])
                largest = np.abs(expected).max(axis=1, keepdims=True)
                apart = (np.abs(expected - actual) / largest).max()
                good, shown = apart <= given.tolerance, f"{apart:.1e}"
            bad += not good
            print(f"{name:20} protocol {protocol}  {shown}{'' if good else '   <---'}", flush=True)
    if bad:
        sys.exit(f"{bad} lines are above {given.tolerance} or failed; see {home}.")
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
