"""Writes opencv.txt: what OpenCV and PaddleClas' arithmetic make of small images, as pillow.py.

Run: python opencv.py > opencv.txt   (OpenCV 5.0.0; 4.6.0, 4.10.0, 4.12.0 and 4.13.0 give the same)
"""
import contextlib
import io

import cv2
import numpy as np

with contextlib.redirect_stdout(io.StringIO()):  # pillow.py prints its own
    import pillow


def resize_short(a, size):
    """PaddleClas' ResizeImage(resize_short=size)."""
    h, w = a.shape[:2]
    percent = float(size) / min(w, h)
    wide, high = int(round(w * percent)), int(round(h * percent))
    return cv2.resize(a, (wide, high), interpolation=cv2.INTER_LINEAR)


def crop(a, size):
    """PaddleClas' CropImage(size)."""
    top, left = (a.shape[0] - size) // 2, (a.shape[1] - size) // 2
    return a[top : top + size, left : left + size]


for h, w in pillow.SIZES:
    for c in (1, 3):
        a = pillow.pattern(h, w, c)
        a = np.ascontiguousarray(a[:, :, 0]) if c == 1 else a
        # 14 and 32 halve two of the images, which OpenCV does in another way.
        for size in (8, 14, 28, 32, 37):
            pillow.case("opencv", h, w, c, size, resize_short(a, size))
        for size in (223, 224):
            pillow.case("evaluate-opencv", h, w, c, size, crop(resize_short(a, 256), size))
