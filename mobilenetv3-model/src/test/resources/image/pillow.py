"""Writes pillow.txt: what Pillow and torchvision make of small images.

Run: python pillow.py > pillow.txt   (Pillow 13.0.0, torchvision 0.22.1)
JPEG has a tolerance because JDKs bring different decoders: Debian's is equal, libjpeg 6b is near.
"""
import base64
import io
import math
import zlib

import numpy as np
from PIL import Image, ImageOps
from torchvision import transforms as T


def pattern(h, w, c):
    """Bytes of a linear congruential generator in (H, W, C) order; PillowTest makes the same."""
    x, out = 12345, []
    for _ in range(h * w * c):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        out.append(x >> 16 & 0xFF)
    return np.array(out, np.uint8).reshape(h, w, c)


def image(h, w, c):
    a = pattern(h, w, c)
    return Image.fromarray(a[:, :, 0]) if c == 1 else Image.fromarray(a)


def planar(im):
    a = np.asarray(im)
    return a[None] if a.ndim == 2 else a.transpose(2, 0, 1)


def case(op, h, w, c, size, im):
    a = np.ascontiguousarray(planar(im))
    head = ",".join(str(v) for v in a.reshape(-1)[:12])
    print(op, h, w, c, size, *a.shape, zlib.crc32(a.tobytes()), head)


def bicubic(im, size):
    """T.Resize(size, BICUBIC), along rows first as below."""
    w, h = T.Resize(size)(im).size
    return im.resize((w, im.height), Image.BICUBIC).resize((w, h), Image.BICUBIC)


def pad_right(im, h, w):
    """PaddleOCR's resize_norm_img, by Pillow and with grey that normalises to nought.

    Resized along rows first, as Pillow always did before 13, which begins with the columns where
    it expects to save work (pull request 9549); that moves some samples by one.
    """
    wide = min(w, math.ceil(h * (im.width / float(im.height))))
    out = Image.new(im.mode, (w, h), (128,) * len(im.getbands()))
    rows = im.resize((wide, im.height), Image.BILINEAR)
    out.paste(rows.resize((wide, h), Image.BILINEAR), (0, 0))
    return out


def file(name, im, tolerance=0, expected=None, **options):
    buffer = io.BytesIO()
    im.save(buffer, name.split(".")[1].upper(), **options)
    data = buffer.getvalue()
    back = expected if expected is not None else Image.open(io.BytesIO(data))
    if back.mode not in ("L", "RGB"):
        back = back.convert("L" if back.mode in ("1", "LA") else "RGB")
    a = np.ascontiguousarray(planar(back))
    raw = base64.b64encode(a.tobytes()).decode()
    print("file", name, *a.shape, tolerance, base64.b64encode(data).decode(), raw)


SIZES = [(17, 23), (23, 17), (40, 9), (64, 64), (375, 500), (500, 333), (5, 4), (1, 7), (28, 28)]
for h, w in SIZES:
    for c in (1, 3):
        for size in (16, 28, 37, 256):
            if size < 256 or h > 300:
                case("resize", h, w, c, size, T.Resize(size)(image(h, w, c)))
        for size in (8, 27, 32, 224):
            case("crop", h, w, c, size, T.CenterCrop(size)(image(h, w, c)))
        case("evaluate", h, w, c, 224, T.CenterCrop(224)(T.Resize(256)(image(h, w, c))))
        for size in (8, 28, 37):
            case("bicubic", h, w, c, size, bicubic(image(h, w, c), size))
        case("evaluate-bicubic", h, w, c, 224, T.CenterCrop(224)(bicubic(image(h, w, c), 256)))
    for c in (1, 3):
        case("pad", h, w, c, 16, pad_right(image(h, w, c), 16, 64))
    case("luma", h, w, 3, 0, image(h, w, 3).convert("L"))

H, W = 10, 12
rgb, grey = image(H, W, 3), image(H, W, 1)
rgba = Image.fromarray(pattern(H, W, 4))
smooth = image(3, 4, 3).resize((24, 20), Image.BICUBIC)
file("rgb.png", rgb)
file("grey.png", grey)
file("rgba.png", rgba)
file("greyalpha.png", Image.fromarray(pattern(H, W, 2), "LA"))
file("palette.png", rgb.quantize(16))
file("bit.png", grey.point(lambda v: 255 * (v > 99)).convert("1"))
wide = np.asarray(pattern(H, W, 2)).astype(np.uint16)
high, low = wide[:, :, 0], wide[:, :, 1]
file("grey16.png", Image.fromarray(high * 256 + low), expected=Image.fromarray(high.astype(np.uint8)))
file("rgb.bmp", rgb)
file("grey.bmp", grey)
file("palette.gif", rgb.quantize(16))
file("grey.gif", grey, expected=grey)
file("rgb.jpeg", smooth, tolerance=2, quality=90)
file("rgb444.jpeg", smooth, tolerance=2, quality=90, subsampling=0)
file("grey.jpeg", smooth.convert("L"), tolerance=1, quality=90)


def turned(kind, orientation, **options):
    """An image that says how the camera was held, and what it is upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    smooth.save(buffer, kind.upper(), exif=exif, **options)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(buffer.getvalue())))
    tolerance = 0 if kind == "png" else 2
    file(f"exif{orientation}.{kind}", smooth, tolerance, expected=upright, exif=exif, **options)


for value in range(1, 10):  # 9 means nothing
    turned("jpeg", value, quality=90, subsampling=0)
turned("png", 6)


def four(name, transform):
    """A four-colour JPEG; Adobe's segment says whether its samples are CMYK or YCCK."""
    inks = Image.fromarray(pattern(3, 4, 4), "CMYK").resize((24, 20), Image.BICUBIC)
    buffer = io.BytesIO()
    inks.save(buffer, "JPEG", quality=90, subsampling=0)
    data = bytearray(buffer.getvalue())
    data[data.index(b"Adobe") + 11] = transform
    back = Image.open(io.BytesIO(data)).convert("RGB")
    a = np.ascontiguousarray(planar(back))
    raw = base64.b64encode(a.tobytes()).decode()
    print("file", name, *a.shape, 3, base64.b64encode(data).decode(), raw)


four("cmyk.jpeg", 0)
four("ycck.jpeg", 2)
