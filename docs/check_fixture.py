"""What the commands of the documentation find when docs/check.py runs them.

Drawn pictures, a few hundred images in the forms of Fashion-MNIST and CIFAR-10, nets trained on them
for an epoch, and stand-ins, with other classes and random numbers, for weights of other programs.
"""
import gzip
import json
import os
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path


def png(path, pixel, side):
    """Writes a colour PNG; readers tell kinds by content, so it may be called .jpg."""
    rows = b"".join(b"\0" + bytes(v for x in range(side) for v in pixel(x, y)) for y in range(side))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def picture(path, kind, randomness, side=96):
    """A disc or a square on a ground of another colour."""
    ground, ink = ([randomness.randrange(256) for _ in range(3)] for _ in range(2))
    x0, y0, r = (randomness.randrange(30, 60) for _ in range(3))

    def pixel(x, y):
        dx, dy = abs(x - x0), abs(y - y0)
        inside = dx * dx + dy * dy < r * r if kind == "dog" else max(dx, dy) < r
        return ink if inside else ground

    png(path, pixel, side)


def fashion(folder, randomness):
    """The four files of Fashion-MNIST, with bars of ten heights instead of clothes."""
    folder.mkdir(parents=True)
    for part, count in (("train", 640), ("t10k", 200)):
        labels = bytes(i % 10 for i in range(count))
        images = b"".join(
            bytes(200 if y < 2 + 2 * label else randomness.randrange(40) for y in range(28) for _ in range(28))
            for label in labels)
        with gzip.open(folder / f"{part}-images-idx3-ubyte.gz", "wb") as file:
            file.write(struct.pack(">IIII", 0x803, count, 28, 28) + images)
        with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(struct.pack(">II", 0x801, count) + labels)


def cifar(folder, randomness):
    """CIFAR-10's binary files, with noise of ten mean brightnesses."""
    folder.mkdir(parents=True)
    for name in (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"):
        (folder / name).write_bytes(b"".join(
            bytes([i % 10]) + bytes(randomness.randrange(30) + 20 * (i % 10) for _ in range(3072))
            for i in range(120)))


def prepare(work: Path):
    """Fills the copy of the project; gives the environment for the commands."""
    randomness = random.Random(1)
    for folder, count in (("photos", 30), ("more", 15)):
        for kind in ("cat", "dog"):
            for i in range(count):
                picture(work / folder / kind / f"{i}.jpg", kind, randomness)
    for name in ("photo.jpg", "image.jpg", "boot.png", "cat.jpg"):
        picture(work / name, "cat", randomness)
    cache = work.parent / "cache"
    fashion(cache / "data/fashion-mnist", randomness)
    cifar(cache / "data/cifar-10-batches-bin", randomness)
    # Data comes from here, libtorch from where it has been unpacked already.
    env = dict(os.environ, DJL_CACHE_DIR=str(cache))
    env.setdefault("ENGINE_CACHE_DIR", str(Path.home() / ".djl.ai"))

    def run(*arguments):
        done = subprocess.run(["./mobilenetv3", *arguments], cwd=work, env=env, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            sys.exit(f"Setting up: ./mobilenetv3 {' '.join(arguments)}\n{done.stdout}")

    run("train", "--dataset", "fashion-mnist", "--epochs", "1")
    (work / "runs/NAME").symlink_to("fashion-mnist-mobilenet_v3_small")
    run("train", "--task", "detect", "--epochs", "1")
    run("train", "--task", "segment", "--epochs", "1")
    run("finetune", "--weights", "runs/fashion-mnist-mobilenet_v3_small/best", "--data", "photos", "--epochs", "2")
    stand_in = ["train", "--dataset", "folder", "--data", "photos", "--input-size", "64", "--epochs", "1"]
    for size, pth in (("large", "mobilenet_v3_large-8738ca79.pth"), ("small", "mobilenet_v3_small-047dcff4.pth")):
        run(*stand_in, "--model", size, "--stem-stride", "2", "--out", f"out/{size}")
        run("convert", f"out/{size}/best", pth)
    run("export", "--weights", "out/small/best", "--format", "timm", "--out", "mobilenetv3_small_100.safetensors")
    registry(work / "registry.json", env)
    return env


def registry(file, env):
    """The stand-ins under published names, so that nothing is fetched."""
    models = [
        {"name": name, "aliases": [alias], "task": "classification", "architecture": architecture, "classes": 2,
         "parameters": 1000, "input": {"size": 64, "resize": 72, "normalization": {"mean": [0.5] * 3, "std": [0.5] * 3}},
         "files": [{"address": (file.parent / stand_in).as_uri()}], "source": "docs/check.py", "license": "none"}
        for name, alias, architecture, stand_in in (
            ("torchvision/mobilenet_v3_large.imagenet1k_v2", "large", "mobilenet_v3_large",
             "mobilenet_v3_large-8738ca79.pth"),
            ("torchvision/mobilenet_v3_small.imagenet1k_v1", "small", "mobilenet_v3_small",
             "mobilenet_v3_small-047dcff4.pth"),
            ("timm/mobilenetv3_small_100.lamb_in1k", "timm/mobilenetv3_small_100", "mobilenetv3_small_100",
             "mobilenetv3_small_100.safetensors"))]
    file.write_text(json.dumps({"form": 1, "models": models}))
    env["MOBILENETV3_REGISTRY"] = str(file)
