"""Makes ../resources/golden/onnx: nets of torchvision and timm as ONNX, and PyTorch's logits.

Run with torch 2.7.1, torchvision 0.22.1, timm 1.0.31, onnx 1.23.2, onnxscript 0.7.2:
  python onnx_in.py              the small files that the tests read
  python onnx_in.py --full DIR   nets of full size, in every export, for -Donnx.dir=DIR
"""
import json
import pathlib
import sys

import numpy as np
import onnx
import timm
import torch
import torchvision
from onnx import numpy_helper
from timm.models.mobilenetv3 import _gen_mobilenet_v3

SHAPE = [2, 3, 64, 96]


def image():
    i = np.arange(np.prod(SHAPE), dtype=np.int64)
    x = (i * 37 % 101).astype(np.float32) / np.float32(50) - np.float32(1)
    return torch.from_numpy(x.reshape(SHAPE))


def scrambled(model, half=False):
    """Gives batch norm statistics that training would, so that none can be left out unnoticed."""
    g = torch.Generator().manual_seed(5)
    for m in model.modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            m.running_mean.uniform_(-0.3, 0.3, generator=g)
            m.running_var.uniform_(0.3, 1.5, generator=g)
            m.weight.data.uniform_(0.6, 1.4, generator=g)
            m.bias.data.uniform_(-0.3, 0.3, generator=g)
        elif isinstance(m, (torch.nn.Conv2d, torch.nn.Linear)) and m.bias is not None:
            m.bias.data.uniform_(-0.2, 0.2, generator=g)
    return (model.half().float() if half else model).eval()


def export(model, file, opset=17, fold=True, dynamo=False):
    names = {"input_names": ["input"], "output_names": ["logits"]}
    if dynamo:
        free = ({0: torch.export.Dim("n")},)
        torch.onnx.export(model, (image(),), file, dynamo=True, external_data=False,
                          dynamic_shapes=free, verbose=False, **names)
    else:
        axes = {"input": {0: "n", 2: "h", 3: "w"}, "logits": {0: "n"}}
        torch.onnx.export(model, image(), file, dynamo=False, opset_version=opset,
                          do_constant_folding=fold, dynamic_axes=axes, **names)


def halve(file):
    """Stores the weights in 16 bits, each with a Cast, as fp16 converters do."""
    model = onnx.load(file)
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            name = tensor.name
            values = numpy_helper.to_array(tensor).astype(np.float16)
            tensor.CopyFrom(numpy_helper.from_array(values, name + "_half"))
            casts.append(onnx.helper.make_node("Cast", [name + "_half"], [name], to=1))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    del model.graph.value_info[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.save(model, file)


def small(out):
    torch.manual_seed(3)
    net = scrambled(torchvision.models.mobilenet_v3_small(width_mult=0.1, num_classes=10), True)
    made = {}
    for name, options in {
        "torchvision": {"fold": False},
        "torchvision-dynamo": {"dynamo": True},
    }.items():
        export(net, str(out / f"{name}.onnx"), **options)
        made[name] = net
    halve(str(out / "torchvision-dynamo.onnx"))
    timms = scrambled(_gen_mobilenet_v3("mobilenetv3_small_100", 0.1, num_classes=10), True)
    export(timms, str(out / "timm.onnx"), fold=False)
    halve(str(out / "timm.onnx"))
    made["timm"] = timms
    return made


def full(out):
    tv = torchvision.models
    nets = {
        "tv_large": tv.mobilenet_v3_large(),
        "tv_small": tv.mobilenet_v3_small(),
        "tv_small_035": tv.mobilenet_v3_small(width_mult=0.35, num_classes=7),
        "tv_large_075": tv.mobilenet_v3_large(width_mult=0.75, num_classes=10),
        "tv_small_133": tv.mobilenet_v3_small(width_mult=1.33, num_classes=10),
        "timm_large_100": timm.create_model("mobilenetv3_large_100"),
        "timm_small_100": timm.create_model("mobilenetv3_small_100"),
        "timm_small_050": timm.create_model("mobilenetv3_small_050"),
        "timm_large_075": timm.create_model("mobilenetv3_large_075"),
    }
    made = {}
    for name, net in nets.items():
        net = scrambled(net)
        for suffix, options in {
            "ts17-fold": {},
            "ts17": {"fold": False},
            "ts11-fold": {"opset": 11},
            "ts13": {"opset": 13, "fold": False},
            "dynamo": {"dynamo": True},
        }.items():
            export(net, str(out / f"{name}-{suffix}.onnx"), **options)
            made[f"{name}-{suffix}"] = net
    return made


def main():
    if sys.argv[1:2] == ["--full"]:
        out, make = pathlib.Path(sys.argv[2]), full
    else:
        out, make = pathlib.Path(__file__).parent.parent / "resources" / "golden" / "onnx", small
    out.mkdir(parents=True, exist_ok=True)
    logits = {}
    for name, net in make(out).items():
        with torch.no_grad():
            logits[name] = net.double()(image().double()).flatten().tolist()
        net.float()
    (out / "logits.json").write_text(json.dumps({"shape": SHAPE, "logits": logits}))


if __name__ == "__main__":
    main()
