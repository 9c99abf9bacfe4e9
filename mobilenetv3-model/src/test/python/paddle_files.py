"""Files that Paddle and NumPy wrote, small nets with their logits, and files that do harm.

    python paddle_files.py ../resources/golden

With paddlepaddle 3.3.1, NumPy 2.4.6, OpenCV (of bench/pdparams.py, whose nets these are). The nets'
weights are halves, so that the files stay small; the logits are those of the halves, computed in
float64.
"""

import json
import pathlib
import pickle
import struct
import sys

import numpy as np
import paddle
from paddle import nn

sys.path.append(str(pathlib.Path(__file__).resolve().parents[4] / "bench"))
import pdparams

OUT = pathlib.Path(sys.argv[1])
CLASSES = 7

# Few values in both languages: a pixel follows from its place.
SIZES = {"paddle-clas": (64, 64), "paddle-vision": (64, 64), "paddle-ocr": (48, 96)}
NETS = {
    "paddle-clas": lambda: pdparams.mobilenet_v3("small", 0.05, CLASSES),
    "paddle-vision": lambda: paddle.vision.models.mobilenet_v3_small(scale=0.05, num_classes=CLASSES),
    "paddle-ocr": lambda: pdparams.TextDirection(0.05),
}


def pixels(name):
    height, width = SIZES[name]
    index = np.arange(2 * 3 * height * width, dtype=np.float64)
    square = ((index * 7919) % 1009 / 1009).reshape(2, 3, height, width)
    if name == "paddle-ocr":
        return (square - 0.5) / 0.5
    mean, std = np.array([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]).reshape(2, 3, 1, 1)
    return (square - mean) / std


logits = {}
for number, (name, make) in enumerate(NETS.items()):
    paddle.seed(number)
    x = paddle.to_tensor(pixels(name))
    net = pdparams.disturb(make(), x.astype("float32") + 0.3 * paddle.randn(x.shape))
    head = [m for m in net.sublayers() if isinstance(m, nn.Linear)][-1]
    head.weight.set_value(0.3 * paddle.randn(head.weight.shape))
    halves = {k: v.astype("float16") for k, v in net.state_dict().items()}
    paddle.save(halves, str(OUT / f"nets/{name}.pdparams"), protocol=4 - 2 * (number % 2))
    double = make().to(dtype="float64")
    double.set_state_dict({k: v.astype("float64") for k, v in halves.items()})
    double.eval()
    logits[f"{name}.pdparams"] = double(x).flatten().tolist()
(OUT / "nets/paddle-logits.json").write_text(json.dumps(logits, indent=1) + "\n")

# Every type; protocol 2 writes bytes as text, whose characters above 127 take two bytes each.
values = np.array([[0, 1, 3], [100, -1.5, 2]])
types = {
    t: paddle.to_tensor(np.abs(values) if t in ("uint8", "bool") else values).astype(t)
    for t in "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool".split()
}
types["scalar"] = paddle.to_tensor(2.5)
for protocol in [2, 3, 4]:
    paddle.save(types, str(OUT / f"weights/types-{protocol}.pdparams"), protocol=protocol)
# Not a state dict to Paddle, so that each tensor becomes a tuple with its internal name.
paddle.save({"w": paddle.to_tensor(values), "epoch": 3}, str(OUT / "weights/tuples.pdparams"), 2)
arrays = {
    "c": values.astype("<f4"),
    "fortran": np.asfortranarray(values.astype("<f4")),
    "cube": np.asfortranarray(np.arange(24, dtype="<i2").reshape(2, 3, 4)),
    "sliced": np.arange(12, dtype="<f8")[::2],
    "number": np.float32(1),
    "list": [1, 2],
}
for protocol in [2, 5]:
    path = OUT / f"weights/numpy-{protocol}.pickle"
    path.write_bytes(pickle.dumps(arrays, protocol))


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value


# An array as protocol 3 has it, of whatever is given; each piece is one object on the stack.
DTYPE = b"cnumpy\ndtype\n" + text(b"f4") + b"\x89\x88\x87R(K\x03" + text(b"<") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
BIG = DTYPE.replace(text(b"<"), text(b">"))


def array(shape=b"K\x02\x85", dtype=DTYPE, fortran=b"\x89", data=b"C\x08" + bytes(8), version=b"K\x01"):
    made = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\x01b\x87R"
    return made + b"(" + version + shape + dtype + fortran + data + b"tb"


def file(name, value, key=b"conv.conv.weight"):
    (OUT / f"weights/{name}.pdparams").write_bytes(b"\x80\x03}(" + text(key) + value + b"u.")


def latin(data, code=b"latin1"):
    return b"c_codecs\nencode\n" + text(data) + text(code) + b"\x86R"


def call(module, name):
    return b"c" + module + b"\n" + name + b"\n" + text(b"1") + b"\x85R"


file("plain", array())
file("evil-eval", b"cbuiltins\neval\n" + text(b"data") + b"}(" + text(b"data") + array() + b"u\x86R")
file("evil-system", call(b"posix", b"system"))
file("evil-load", call(b"numpy", b"load"))
file("evil-dtype", array(dtype=call(b"numpy", b"dtype")))
file("evil-codec", array(data=latin(bytes(8), b"zlib")))
file("evil-object", array(dtype=DTYPE.replace(text(b"f4"), text(b"O8"))))
file("evil-newobj", b"cnumpy\nndarray\n)\x81")
file("evil-persid", text(b"a") + b"\x85Q")
file("evil-torch", b"ctorch._utils\n_rebuild_tensor_v2\n)R")
file("long", array(shape=b"J\xff\xff\xff\x7f\x85"))
file("negative", array(shape=b"J\xff\xff\xff\xff\x85"))
file("overflow", array(shape=b"(" + 9 * b"J\xff\xff\xff\x7f" + b"t"))
file("deep-shape", array(shape=b"(" + 65 * b"K\x01" + b"t"))
file("short", array(data=b"C\x07" + bytes(7)))
file("short-text", array(data=latin(bytes(7))))
file("wide-text", array(data=latin("ā".encode() + bytes(7))))
file("half-text", array(data=latin(bytes(7) + b"\xc3")))
file("no-bytes", array(data=b"]"))
file("no-state", b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\x01b\x87R")
file("few-parts", array(version=b""))
file("no-order", array(dtype=b"cnumpy\ndtype\n" + text(b"f4") + b"\x85R"))
file("big-endian", array(dtype=BIG))
file("complex", array(dtype=DTYPE.replace(text(b"f4"), text(b"c8"))))
file("split", b"}", b"UnpackBigParamInfor@@")
file("no-arrays", b"K\x01")
file("bytes", b"B\xff\xff\xff\xff")
file("cycle", b"cnumpy.core.multiarray\n_reconstruct\n)Rq\x01h\x01b")
(OUT / "weights/list.pdparams").write_bytes(pickle.dumps([np.zeros(2, "<f4")], 3))
# One array by a thousand names.
(OUT / "weights/shared.pdparams").write_bytes(
    b"\x80\x03}(" + text(b"a") + array(shape=b"M\xd0\x07\x85", data=b"B" + struct.pack("<I", 8000) + bytes(8000))
    + b"q\x01" + b"".join(text(b"%d" % i) + b"h\x01" for i in range(1000)) + b"u."
)
