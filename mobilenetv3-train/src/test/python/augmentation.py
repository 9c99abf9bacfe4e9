"""Makes ../resources/golden/augmentation.json: torchvision's operations on 8-bit Pillow images,
and its mixup and cutmix in float64.

Run with torch 2.7.1, torchvision 0.22.1, Pillow 13.0.0:  python augmentation.py
"""
import json
import pathlib
import random
import zlib

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image
from torchvision.transforms import InterpolationMode, TrivialAugmentWide
from torchvision.transforms import functional as F
from torchvision.transforms import v2
from torchvision.transforms.autoaugment import _apply_op

rng = np.random.default_rng(7)


def picture(height, width, channels):
    """A gradient with noise and a dark and a bright block, not over the whole range."""
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for c in range(channels):
        plane = 40 + 7 * ((x + c) % 9) + 9 * ((y * (c + 1)) % 11) + rng.integers(0, 40, (height, width))
        plane[1 : height // 2, 2 : width // 3] = 20 + 9 * c
        plane[height // 2 :, width // 2 : -1] = 235 - 5 * c
        planes.append(plane)
    array = np.stack(planes, -1).astype(np.uint8)
    return Image.fromarray(array if channels == 3 else array[:, :, 0])


def data(image):
    """(C, H, W) bytes."""
    array = np.asarray(image)
    return (array[None] if array.ndim == 2 else array.transpose(2, 0, 1)).tobytes()


def stored(image):
    channels = len(image.getbands())
    return {"shape": [channels, image.height, image.width], "hex": data(image).hex()}


pictures = {
    "colour": picture(17, 21, 3),
    "square": picture(12, 12, 3),
    "grey": picture(19, 14, 1),
    "one_colour": Image.new("L", (5, 4), 77),
}

# Every operation of TrivialAugmentWide at every strength, both signs: the bytes' CRC-32.
space = TrivialAugmentWide()._augmentation_space(31)
operations = {}
for name, (magnitudes, signed) in space.items():
    rows = []
    for i in range(31):
        magnitude = float(magnitudes[i].item()) if magnitudes.ndim else 0.0
        for sign in (1, -1) if signed else (1,):
            row = {"bin": i, "magnitude": sign * magnitude}
            for key, image in pictures.items():
                out = _apply_op(image, name, sign * magnitude, InterpolationMode.NEAREST, None)
                row[key] = zlib.crc32(data(out))
                if i in (9, 25) and key == "colour":
                    row["hex"] = data(out).hex()
            rows.append(row)
        if not magnitudes.ndim:
            break
    operations[name] = rows

# ColorJitter's operations in a given order: 0 brightness, 1 contrast, 2 saturation.
adjust = [F.adjust_brightness, F.adjust_contrast, F.adjust_saturation]
jitter = []
for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0], [0, 2, 1], [1, 0, 2], [2, 1, 0]):
    factors = rng.uniform(0, 2, 3).tolist()
    row = {"order": order, "factors": factors}
    for key, image in pictures.items():
        for i in order:
            image = adjust[i](image, factors[i])
        row[key] = zlib.crc32(data(image))
    jitter.append(row)

# RandomResizedCrop: boxes (top, left, height, width) brought back to the image's size.
crops = []
for key, image in pictures.items():
    h, w = image.height, image.width
    for box in ([0, 0, h, w], [1, 2, h - 2, w - 3], [h // 2, w // 2, h // 3, w // 3], [0, w - 2, h, 2]):
        out = F.resized_crop(image, *box, [h, w], InterpolationMode.BILINEAR, antialias=True)
        crops.append({"picture": key, "box": box, "hex": data(out).hex()})

# Mixup and cutmix with a given lambda, and the cross entropy of both, in float64.
torch.manual_seed(3)
classes = 4
batch = torch.randn(3, 2, 5, 7, dtype=torch.float64)
labels = torch.tensor([2, 0, 3])
logits = torch.randn(3, classes, dtype=torch.float64)


class Given:
    def __init__(self, value):
        self.value = value

    def sample(self, _):
        return self.value


def mixed(transform, params):
    params = {"labels": labels, "batch_size": 3, **params}
    # float64 like the batch: from integers torchvision makes float32
    target = torch.nn.functional.one_hot(labels, classes).double()
    params["labels"] = target
    target = transform.transform(target, params)
    out = transform.transform(batch.clone(), params)
    loss = torch.nn.functional.cross_entropy(logits, target)
    return {"batch": out.flatten().tolist(), "target": target.tolist(), "loss": loss.item()}


mixup = []
for lam in (0.3, 0.85, 1.0):
    mixup.append({"lambda": lam, **mixed(v2.MixUp(num_classes=classes), {"lam": lam})})
cutmix = []
for lam in (0.2, 0.6, 0.9, 0.999):
    transform = v2.CutMix(num_classes=classes)
    transform._dist = Given(lam)
    seed = random.Random(lam).randrange(1000)
    torch.manual_seed(seed)
    params = transform.make_params([batch])
    torch.manual_seed(seed)
    x, y = torch.randint(7, size=(1,)).item(), torch.randint(5, size=(1,)).item()
    cutmix.append(
        {
            "lambda": lam,
            "x": x,
            "y": y,
            "share": params["lam_adjusted"],
            "box": params["box"],
            **mixed(transform, params),
        }
    )

out = {
    "torchvision": torchvision.__version__,
    "pillow": PIL.__version__,
    "pictures": {key: stored(image) for key, image in pictures.items()},
    "operations": operations,
    "jitter": jitter,
    "crops": crops,
    "batch": batch.flatten().tolist(),
    "labels": labels.tolist(),
    "logits": logits.tolist(),
    "mixup": mixup,
    "cutmix": cutmix,
}
path = pathlib.Path(__file__).parent / "../resources/golden/augmentation.json"
path.write_text(json.dumps(out, separators=(",", ":")).replace('},{', '},\n{').replace(',"', ',\n"') + "\n")
