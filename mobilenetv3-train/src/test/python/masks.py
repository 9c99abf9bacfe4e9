"""Makes ../resources/golden/coco-masks.json: the masks that pycocotools makes of random polygons
and run lengths, each by its area and the CRC-32 of its pixels, 0 or 1, row by row.

Run with pycocotools 2.0.11:  python masks.py
More of them, for -Dgolden.masks=FILE, with a number and a seed:  python masks.py 20000 7 > FILE
"""
import json
import pathlib
import random
import sys
import zlib

import numpy
from pycocotools import mask as coco


def polygon(rng, height, width):
    """Corners, rounded as COCO's or not, some outside, some in a straight line or all in one place."""
    kind = rng.randrange(8)
    count = rng.choice([3, 3, 4, 5, 8, 20, 60])
    reach = 0.3 if kind == 0 else 0.0
    digits = rng.choice([0, 1, 2, 2, 15])
    corners = []
    for _ in range(count):
        x = rng.uniform(-reach, 1 + reach) * width
        y = rng.uniform(-reach, 1 + reach) * height
        if kind == 1:  # small
            x, y = width / 2 + x / 50, height / 2 + y / 50
        if kind == 2:  # on halves and fifths of pixels
            x, y = round(x * 10) / 10, round(y * 10) / 10
        if kind == 3:  # upright edges
            x = rng.choice([width / 4, width / 2, width])
        corners += [round(x, digits), round(y, digits)]
    if kind == 4:
        corners = corners[:2] * count
    if kind == 5:  # closed twice
        corners += corners[:2]
    return corners


def case(rng):
    height, width = rng.randrange(1, 90), rng.randrange(1, 90)
    polygons = [polygon(rng, height, width) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    runs = coco.merge(coco.frPyObjects(polygons, height, width))
    pixels = coco.decode(runs)
    column = pixels.flatten(order="F")
    ends = numpy.flatnonzero(numpy.diff(column)) + 1
    counts = numpy.diff(numpy.concatenate([[0], ends, [len(column)]])).tolist()
    if column[0]:
        counts = [0] + counts
    plain = coco.frPyObjects({"size": [height, width], "counts": counts}, height, width)
    assert (coco.decode(plain) == pixels).all()
    return {
        "height": height,
        "width": width,
        "polygons": polygons,
        "counts": counts,
        "text": runs["counts"].decode(),
        "area": int(pixels.sum()),
        "crc": zlib.crc32(numpy.ascontiguousarray(pixels).tobytes()),
    }


count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
lines = ",\n".join(json.dumps(case(rng), separators=(",", ":")) for _ in range(count))
if len(sys.argv) > 1:
    print(f"[\n{lines}\n]")
else:
    golden = pathlib.Path(__file__).parent / "../resources/golden/coco-masks.json"
    golden.write_text(f"[\n{lines}\n]\n")
