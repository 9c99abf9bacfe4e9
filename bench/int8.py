"""What static int8 costs in accuracy, by ONNX Runtime's own quantiser in Python and by ours.

    python int8.py boots.onnx DIRECTORY-OF-FASHION-MNIST [boots-int8.onnx]

boots-int8.onnx is what `export --quantize int8` made of the same net. The quantiser in Python
calibrates on 400 training images, weights per channel, activations uint8. All are tested on the
test images.
"""

import gzip
import pathlib
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from onnxruntime import quantization
from PIL import Image


def images(directory, kind, count, size):
    pixels = gzip.open(directory / f"{kind}-images-idx3-ubyte.gz").read()
    labels = gzip.open(directory / f"{kind}-labels-idx1-ubyte.gz").read()
    pixels = numpy.frombuffer(pixels, numpy.uint8, offset=16).reshape(-1, 28, 28)[:count]
    resized = [Image.fromarray(i).resize((size, size), Image.BILINEAR) for i in pixels]
    x = numpy.stack([numpy.asarray(i) for i in resized])[:, None].astype(numpy.float32) / 255
    return x, numpy.frombuffer(labels, numpy.uint8, offset=8)[:count]


def answers(file, x):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    net = onnxruntime.InferenceSession(file, options)
    batches = [x[i : i + 100] for i in range(0, len(x), 100)]
    return numpy.concatenate([net.run(None, {"input": b})[0] for b in batches]).argmax(1)


class Reader(quantization.CalibrationDataReader):
    def __init__(self, x):
        self.batches = iter([{"input": x[i : i + 20]} for i in range(0, len(x), 20)])

    def get_next(self):
        return next(self.batches, None)


def main(file, directory, ours=None):
    directory = pathlib.Path(directory)
    calibration, _ = images(directory, "train", 400, 36)
    x, y = images(directory, "t10k", 10000, 36)
    before = answers(file, x)
    print(f"float: {(before == y).mean():.4f}")

    def report(name, out):
        after = answers(out, x)
        print(
            f"{name}: {(after == y).mean():.4f}, same class {(after == before).mean():.4f},"
            f" {pathlib.Path(out).stat().st_size:,} bytes of {pathlib.Path(file).stat().st_size:,}"
        )

    gates = [n.name for n in onnx.load(file).graph.node if ".fc1" in n.name or ".fc2" in n.name]
    ends = ["features.0.0", "classifier.3"]
    for name, floats in (("gates in float", gates), ("ends, too", gates + ends), ("all int8", [])):
        with tempfile.TemporaryDirectory() as scratch:
            out = str(pathlib.Path(scratch) / "int8.onnx")
            quantization.quantize_static(
                file,
                out,
                Reader(calibration),
                per_channel=True,
                activation_type=quantization.QuantType.QUInt8,
                weight_type=quantization.QuantType.QInt8,
                op_types_to_quantize=["Conv", "Gemm"],
                nodes_to_exclude=floats,
            )
            report(name, out)
    if ours:
        report("ours", ours)


if __name__ == "__main__":
    main(*sys.argv[1:])
