"""Writes stretched.txt: images stretched by PyTorch without antialiasing.

    python mobilenetv3-model/src/test/python/stretched.py > mobilenetv3-model/src/test/resources/image/stretched.txt

Seen with torch 2.7.1. A line: the image's channels, height and width, the part's left, top, width and
height, the input's height and width, then 24 of the resulting values, evenly spaced, and the mean of all.
Beyond the image the samples are 9, 8 and 7. The images are PillowCases' pattern.
"""
import numpy as np
import torch
import torch.nn.functional as F

CASES = [
    # c, h, w, part, out
    ((3, 37, 53), (0, 0, 53, 37), (32, 32)),
    ((3, 20, 15), (0, 0, 15, 20), (64, 48)),
    ((1, 100, 7), (0, 0, 7, 100), (9, 33)),
    ((3, 32, 32), (0, 0, 32, 32), (32, 32)),
    ((3, 96, 128), (0, 0, 128, 96), (64, 64)),
    ((3, 90, 120), (31, 17, 40, 61), (64, 64)),
    ((3, 30, 40), (-20, -13, 90, 70), (64, 64)),
    ((3, 30, 40), (22, 11, 50, 9), (20, 31)),
    ((1, 5, 4), (0, 0, 4, 5), (1, 1)),
    ((1, 1, 1), (0, 0, 1, 1), (3, 5)),
    ((3, 9, 9), (20, 20, 4, 4), (8, 8)),
]


def pattern(c, h, w):
    out = np.zeros((c, h * w), np.uint8)
    x = 12345
    for i in range(h * w):
        for k in range(c):
            x = (x * 1103515245 + 12345) & 0x7FFFFFFF
            out[k, i] = (x >> 16) & 255
    return out.reshape(c, h, w)


for (c, h, w), (left, top, pw, ph), size in CASES:
    image = pattern(c, h, w)
    part = np.empty((c, ph, pw), np.uint8)
    part[:] = np.array([9, 8, 7][:c])[:, None, None]
    for y in range(ph):
        for x in range(pw):
            if 0 <= y + top < h and 0 <= x + left < w:
                part[:, y, x] = image[:, y + top, x + left]
    values = torch.from_numpy(part).float() / 255
    out = F.interpolate(values[None], size=size, mode="bilinear", align_corners=False)[0].flatten()
    at = [i * out.numel() // 24 for i in range(24)]
    print(c, h, w, left, top, pw, ph, *size, *(f"{out[i].item():.9g}" for i in at), f"{out.double().mean().item():.9g}")
