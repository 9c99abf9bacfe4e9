"""Resizes images of random sizes with Pillow, torchvision, OpenCV and PaddleClas' arithmetic, and
compares our samples with theirs, byte for byte.

    bench/setup.sh venv && bench/venv/bin/python bench/resize.py      # in the repository's root
    bench/venv/bin/python bench/resize.py --images 1000 --seed 2

Every image (gray or RGB, enlarged or shrunk) is resized to a random size, and resized and cropped
as a net's input, with each interpolation. Prints for each how many images are equal, and for the
others the largest difference and the share of samples that differ; ends with 1 if there are any.
Seen with Pillow 11.3.0 and 13.0.0, torchvision 0.22.1 and OpenCV 4.6.0 to 5.0.0.
"""

import argparse
import pathlib
import struct
import subprocess
import sys
import tempfile

import cv2
import numpy as np
import PIL
import torchvision
from PIL import Image
from torchvision.transforms import CenterCrop

PILLOW = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}


def pillow(image, height, width, how):
    """Rows first, as Pillow before 13; 13 begins with columns where it expects to save work."""
    shrunk = image.height - height
    if int(PIL.__version__.split(".")[0]) >= 13 and shrunk > max(0, 2 * (image.width - width)):
        image = image.resize((width, image.height), PILLOW[how])
    return image.resize((width, height), PILLOW[how])


def opencv(samples, height, width):
    return cv2.resize(samples, (width, height), interpolation=cv2.INTER_LINEAR)


def torchvisions(image, size, crop, how):
    """Resize(size) and CenterCrop(crop)."""
    short, long = sorted(image.size)
    long = int(size * long / short)
    width, height = (size, long) if image.width <= image.height else (long, size)
    return CenterCrop(crop)(pillow(image, height, width, how))


def paddles(samples, size, crop):
    """PaddleClas' ResizeImage(resize_short=size) and CropImage(crop)."""
    height, width = samples.shape[:2]
    percent = float(size) / min(width, height)
    resized = opencv(samples, int(round(height * percent)), int(round(width * percent)))
    top, left = (resized.shape[0] - crop) // 2, (resized.shape[1] - crop) // 2
    return resized[top : top + crop, left : left + crop]


def planar(samples):
    samples = np.asarray(samples)
    return samples[None] if samples.ndim == 2 else samples.transpose(2, 0, 1)


def write(file, samples):
    samples = np.ascontiguousarray(planar(samples))
    file.write_bytes(struct.pack(">iii", *samples.shape) + samples.tobytes())


def read(file):
    raw = file.read_bytes()
    return np.frombuffer(raw, np.uint8, offset=12).reshape(struct.unpack(">iii", raw[:12]))


def draw(folder, images, rng):
    """Yields (operation, interpolation, what the library makes of it) in the order of cases.txt."""
    cases = (folder / "cases.txt").open("w")
    for i in range(images):
        small = rng.random() < 0.3
        height, width = (int(n) for n in rng.integers(1, 40 if small else 700, 2))
        # Noise shows every rounding, and steps from black to white what exceeds the range.
        samples = rng.integers(0, 256, (height, width, 3), np.uint8)
        if i % 2:
            samples = (samples > 127).astype(np.uint8) * 255
        if i % 3 == 0:
            samples = samples[:, :, 0]
        samples = np.ascontiguousarray(samples)
        name = f"{i}.raw"
        write(folder / name, samples)
        image = Image.fromarray(samples)
        to = tuple(int(n) for n in rng.integers(1, 500, 2))
        if i % 10 == 0 and min(height, width) > 1:  # halved exactly: OpenCV's special case
            samples = np.ascontiguousarray(samples[: height // 2 * 2, : width // 2 * 2])
            write(folder / name, samples)
            image = Image.fromarray(samples)
            to = (samples.shape[0] // 2, samples.shape[1] // 2)
        size = int(rng.integers(8, 300))
        crop = int(rng.integers(max(1, size * 3 // 4), size + 1))
        for how in (*PILLOW, "opencv_bilinear"):
            ours = how == "opencv_bilinear"
            cases.write(f"{name} resize {how} {to[0]} {to[1]}\n")
            yield "resize", how, opencv(samples, *to) if ours else pillow(image, *to, how)
            cases.write(f"{name} crop {how} {size} {crop}\n")
            cut = paddles(samples, size, crop) if ours else torchvisions(image, size, crop, how)
            yield "crop", how, cut
    cases.close()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(f"Pillow {PIL.__version__}, torchvision {torchvision.__version__}, OpenCV {cv2.__version__}")
    with tempfile.TemporaryDirectory(prefix="resize-") as temporary:
        folder = pathlib.Path(temporary)
        wanted = list(draw(folder, given.images, np.random.default_rng(given.seed)))
        command = ["java", "-cp", "mobilenetv3-model/target/classes", "bench/ResizeDump.java"]
        subprocess.run([*command, folder], check=True)
        tally = {}
        for i, (operation, how, expected) in enumerate(wanted):
            ours, expected = read(folder / f"{i}.out"), planar(expected)
            same = ours.shape == expected.shape
            off = np.abs(ours.astype(int) - expected) if same else np.full(1, 255)
            tally.setdefault((how, operation), []).append((off.max(), (off > 0).mean()))
    bad = 0
    for (how, operation), results in sorted(tally.items()):
        different = [(most, share) for most, share in results if most]
        bad += len(different)
        print(f"{how:16} {operation:7} {len(results) - len(different)} of {len(results)} equal", end="")
        if different:
            share = sum(share for _, share in different) / len(different)
            print(f"; others off by {max(m for m, _ in different)} in {share:.2%}", end="")
        print()
    sys.exit(bad > 0)


main()
