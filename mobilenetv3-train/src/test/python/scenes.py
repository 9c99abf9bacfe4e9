"""Makes ../resources/golden/scenes.json: torchvision's hue of 8-bit Pillow images, and masks resized by Pillow.

Run with torchvision 0.22.1, Pillow 13.0.0:  python scenes.py
"""
import json
import pathlib
import zlib

import numpy as np
from PIL import Image
from torchvision.transforms import functional as F

# Every fifth value of each channel: 52 colors wide, 52 * 52 high.
cube = np.zeros((52 * 52, 52, 3), np.uint8)
for i in range(52 ** 3):
    cube[i // 52, i % 52] = [5 * (i % 52), 5 * (i // 52 % 52), 5 * (i // 2704)]
hue = []
for turns in (-0.5, -0.05, -0.0217, 0.0, 0.003, 0.004, 0.05, 0.31, 0.5):
    out = np.asarray(F.adjust_hue(Image.fromarray(cube), turns)).transpose(2, 0, 1)
    hue.append({"turns": turns, "crc": zlib.crc32(out.tobytes())})

masks = []
for (h, w), (nh, nw) in [((30, 41), (17, 29)), ((30, 41), (90, 77)), ((64, 64), (32, 32)), ((23, 19), (23, 40))]:
    y, x = np.mgrid[0:h, 0:w]
    mask = Image.fromarray(((x * 7 + y * 13) % 251).astype(np.uint8))
    out = np.asarray(mask.resize((nw, nh), Image.NEAREST))
    masks.append({"from": [h, w], "to": [nh, nw], "crc": zlib.crc32(out.tobytes())})

out = pathlib.Path(__file__).parent.parent / "resources/golden/scenes.json"
out.write_text(json.dumps({"hue": hue, "masks": masks}, indent=1) + "\n")
