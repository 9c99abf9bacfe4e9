"""Makes the files of org.mobilenetv3.weights' tests, good and hostile, and what PyTorch reads in them.

    python weights.py ../resources/golden/weights      (PyTorch 2.7.1, safetensors 0.8.0, NumPy 2.4.6)
"""

import argparse
import collections
import datetime
import io
import json
import os
import pickle
import struct
import sys
import warnings
import zipfile

import numpy
import safetensors.torch
import torch

warnings.filterwarnings("ignore")
out = sys.argv[1]
os.makedirs(out, exist_ok=True)
torch.manual_seed(0)
expected = {}


def note(name, tensors):
    expected[name] = {
        k: {
            "type": str(t.dtype),
            "shape": list(t.shape),
            "values": t.detach().to(torch.float32).reshape(-1).tolist(),
        }
        for k, t in tensors.items()
    }


def save(name, what, tensors, **options):
    torch.save(what, os.path.join(out, name), **options)
    note(name, tensors)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(2, 3, 3)
        self.bn = torch.nn.BatchNorm2d(3)


def every_type():
    x = torch.tensor([[0.0, -0.0, 1.5, -2.25], [65504.0, 6.103515625e-05, 5.9604645e-08, 100.0]])
    return {
        "f64": x.to(torch.float64) / 3,
        "f32": x,
        "f16": x.to(torch.float16),
        "bf16": (x / 3).to(torch.bfloat16),
        "i64": torch.tensor([-(2**40), 7, 2**62]),
        "i32": torch.tensor([-(2**31), 5], dtype=torch.int32),
        "i16": torch.tensor([-32768, 3, 32767], dtype=torch.int16),
        "i8": torch.tensor([-128, 127], dtype=torch.int8),
        "u8": torch.tensor([0, 128, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(12345678901),
        "empty": torch.zeros(2, 0, 3),
    }


# --- good files ---
net = Net()
types = every_type()
for protocol in (2, 3, 4, 5):
    save(f"types-{protocol}.pth", types, types, pickle_protocol=protocol)
safetensors.torch.save_file(types, os.path.join(out, "types.safetensors"), {"format": "pt", "näme": 'a"b'})
note("types.safetensors", types)

state = net.state_dict()
optimizer = torch.optim.Adam(net.parameters())
net.conv(torch.ones(1, 2, 3, 3)).sum().backward()
optimizer.step()
state = net.state_dict()
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 7])
training = {
    "epoch": 3,
    "best_acc1": torch.tensor(71.5),
    "arch": "net",
    "state_dict": collections.OrderedDict(("module." + k, v) for k, v in state.items()),
    "model_ema": collections.OrderedDict((k, v + 1) for k, v in state.items()),
    "optimizer": optimizer.state_dict(),
    "lr_scheduler": scheduler.state_dict(),
    "args": argparse.Namespace(lr=0.1, size=(1, 2), device=torch.device("cpu"), dtype=torch.float16),
    "metric": numpy.float64(0.5),
    "history": [1, 2.5, None, True, {"a": {1, 2}}, b"bytes", 2**80, -(2**70)],
    "counts": collections.defaultdict(list, {"a": [1]}),
    "shape": torch.Size([1, 2]),
    "array": numpy.arange(3),
}
for protocol in (2, 4):
    save(f"training-{protocol}.pth", training, state, pickle_protocol=protocol)
ema = torch.optim.swa_utils.AveragedModel(net)
save("ema.pth", {"model_ema": ema.state_dict(), "epoch": 1}, state)
stamps = {
    "torch_version": torch.__version__,
    "date": datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc),
    "took": datetime.timedelta(hours=3),
}
save("stamps.pth", {"model": state, **stamps}, state)
compiled = collections.OrderedDict(("model._orig_mod." + k, v) for k, v in state.items())
save("compiled.pth", {"model": compiled}, state)

base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
views = {
    "transposed": base.transpose(0, 2),
    "sliced": base[:, 1:, ::2],
    "shared": base.view(-1)[5:11],
    "expanded": torch.tensor([7.0]).expand(2, 3),
    "channels_last": torch.arange(48.0).reshape(1, 3, 4, 4).contiguous(memory_format=torch.channels_last),
    "parameter": torch.nn.Parameter(torch.ones(2)),
    "half_transposed": base[0].to(torch.float16).t(),
}
save("views.pth", views, views)
with open(os.path.join(out, "expected.json"), "w") as f:
    json.dump(expected, f, indent=0)

# --- files that must be refused ---
torch.save(net, os.path.join(out, "module.pth"))
torch.save(state, os.path.join(out, "legacy.pth"), _use_new_zipfile_serialization=False)
torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), os.path.join(out, "torchscript.pt"))
torch.save({"x": torch.ones(2, dtype=torch.complex64)}, os.path.join(out, "complex.pth"))
torch.save({"x": torch.ones(2, dtype=torch.complex64).conj().imag}, os.path.join(out, "negative.pth"))
torch.save([torch.ones(2)], os.path.join(out, "list.pth"))


def archive(name, data, method=zipfile.ZIP_STORED, extra=()):
    with zipfile.ZipFile(os.path.join(out, name), "w", method) as z:
        for entry, content in [("archive/data.pkl", data), ("archive/version", "3\n"), *extra]:
            z.writestr(zipfile.ZipInfo(entry), content, method)


def u4(n):
    return struct.pack("<I", n)


def tensor(elements, size, strides, offset=0, key="0", storage="FloatStorage"):
    def whole(*values):
        return b"(" + b"".join(b"\x8a\x08" + struct.pack("<q", v) for v in values) + b"t"

    def text(s):
        return b"X" + u4(len(s)) + s.encode()

    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + b"ctorch\n" + storage.encode() + b"\n"
        + text(key) + text("cpu") + whole(elements)[1:-1] + b"tQ" + whole(offset)[1:-1]
        + whole(*size) + whole(*strides) + b"\x89ccollections\nOrderedDict\n)RtR"
    )


def of_tensor(*args, **kw):
    return b"\x80\x02}X\x01\x00\x00\x00x" + tensor(*args, **kw) + b"s."


class System:
    def __reduce__(self):
        return os.system, ("touch /tmp/owned",)


call = b"(X\x10\x00\x00\x00touch /tmp/ownedtR."
archive("evil-reduce.pth", pickle.dumps({"state_dict": System()}, 2))
archive("evil-posix.pth", b"\x80\x02cposix\nsystem\n" + call)
archive("evil-stack-global.pth", b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93" + b"(X\x03\x00\x00\x001+1tR.")
archive("evil-getattr.pth", b"\x80\x04\x8c\x08builtins\x8c\x07getattr\x93" + call)
archive("evil-nested-name.pth", b"\x80\x04\x8c\x05torch\x8c\x10_utils.os.system\x93" + call)
archive("evil-load.pth", b"\x80\x02ctorch\nload\n" + call)
archive("evil-build.pth", b"\x80\x02cbuiltins\nobject\n)\x81}X\x0c\x00\x00\x00__setstate__cos\nsystem\nsb.")
archive("evil-inst.pth", b"\x80\x02(X\x01\x00\x00\x00aios\nsystem\n.")
archive("evil-obj.pth", b"\x80\x02(cargparse\nNamespace\nX\x01\x00\x00\x00ao.")
archive("evil-persid.pth", b"\x80\x02Pos.system\n.")
archive("evil-ext.pth", b"\x80\x02\x82\x01.")
archive("evil-newobj.pth", b"\x80\x02ctorch\nFloatStorage\n)\x81.")
archive("laughs.pth", b"\x80\x02)q\x00" + b"".join(b"h%ch%c\x86q%c" % (i, i, i + 1) for i in range(120)) + b"}h\x78h\x78s.")
archive("deep.pth", b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b".", zipfile.ZIP_STORED)
archive("deep-tuples.pth", b"\x80\x02}" + b")" + b"\x85" * 100_000 + b"Ns.")
archive("long4.pth", b"\x80\x02\x8b\xff\xff\xff\x7f\x01.")
archive("long4-negative.pth", b"\x80\x02\x8b\xff\xff\xff\xff\x01.")
archive("unicode.pth", b"\x80\x02X\xff\xff\xff\xffa.")
archive("unicode8.pth", b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7fa.")
archive("bytes8.pth", b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xffa.")
archive("frame.pth", b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff.")
archive("protocol-0.pth", b"(dp0\n.")
archive("no-stop.pth", b"\x80\x02}")
archive("memo.pth", b"\x80\x02h\x07.")
archive("cycle.pth", b"\x80\x02}q\x00X\x05\x00\x00\x00modelh\x00sX\x0a\x00\x00\x00state_dicth\x00s.")
archive("deflated.pth", b"\x80\x02}" + b"}0" * 100_000 + b".", zipfile.ZIP_DEFLATED)
two = [("archive/data/0", b"\0" * 8)]
archive("no-storage.pth", of_tensor(2, [2], [1]))
archive("small-storage.pth", of_tensor(3, [3], [1]), extra=two)
archive("large-storage.pth", of_tensor(2**61, [2**61], [1]), extra=two)
archive("outside.pth", of_tensor(2, [3], [1]), extra=two)
archive("offset.pth", of_tensor(2, [2], [1], offset=1), extra=two)
archive("negative-offset.pth", of_tensor(2, [2], [1], offset=-1), extra=two)
archive("negative-stride.pth", of_tensor(2, [2], [-1], offset=1), extra=two)
archive("negative-size.pth", of_tensor(2, [-2], [1]), extra=two)
archive("overflow.pth", of_tensor(2, [2**33, 2**33], [0, 0]), extra=two)
archive("overflow-stride.pth", of_tensor(2, [5], [2**62]), extra=two)
archive("expanded.pth", of_tensor(2, [10**9], [0]), extra=two)
archive("strides.pth", of_tensor(2, [2], [1, 1]), extra=two)
archive("key.pth", of_tensor(2, [2], [1], key="../data.pkl"), extra=two)
archive("big-endian.pth", of_tensor(2, [2], [1]), extra=two + [("archive/byteorder", "big")])
archive("twice.pth", of_tensor(2, [2], [1]), extra=two + two)
archive("compressed-storage.pth", of_tensor(2, [2], [1]))
with zipfile.ZipFile(os.path.join(out, "compressed-storage.pth"), "a") as z:
    z.writestr(zipfile.ZipInfo("archive/data/0"), b"\0" * 8, zipfile.ZIP_DEFLATED)
with zipfile.ZipFile(os.path.join(out, "no-pickle.pth"), "w") as z:
    z.writestr(zipfile.ZipInfo("archive/readme"), "nothing")
with open(os.path.join(out, "legacy.pth.tar"), "wb") as f:
    import tarfile

    with tarfile.open(fileobj=f, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("storages"), io.BytesIO())
