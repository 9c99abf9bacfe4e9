"""The architectures of torchvision and timm as tables, read off the libraries' own modules.

    bench/setup.sh venv && bench/venv/bin/python bench/architectures.py FILE.json

Each net is made with random weights, and its table is what its modules say (channels, kernels,
strides, dilations, activations, shortcuts, batch norm, padding), so that nothing is copied from
the libraries' configurations. mobilenetv3-model/src/test/resources/org/mobilenetv3/architectures.json
is its output, which PresetsTest compares with Presets. With torch 2.7.1, torchvision 0.22.1,
timm 1.0.31.
"""

import json
import sys

import timm
import torch
import torchvision
from timm.layers.conv2d_same import Conv2dSame
from timm.models._efficientnet_blocks import ConvBnAct, DepthwiseSeparableConv
from timm.models._efficientnet_blocks import InvertedResidual as TimmResidual
from torch import nn
from torchvision.models import mobilenet_v2, mobilenet_v3_large, mobilenet_v3_small
from torchvision.models.mobilenetv2 import InvertedResidual as V2Residual
from torchvision.models.mobilenetv3 import InvertedResidual as V3Residual

NETS = {
    "mobilenet_v3_large": mobilenet_v3_large,
    "mobilenet_v3_small": mobilenet_v3_small,
    "mobilenet_v3_large_reduced_tail": lambda: mobilenet_v3_large(reduced_tail=True),
    "mobilenet_v3_small_reduced_tail": lambda: mobilenet_v3_small(reduced_tail=True),
    "mobilenet_v3_large_dilated": lambda: mobilenet_v3_large(dilated=True),
    "mobilenet_v3_small_dilated": lambda: mobilenet_v3_small(dilated=True),
    "mobilenet_v2": mobilenet_v2,
}
NETS |= {
    name: (lambda name=name: timm.create_model(name))
    for name in [
        "mobilenetv3_large_075",
        "mobilenetv3_large_100",
        "mobilenetv3_large_150d",
        "mobilenetv3_small_050",
        "mobilenetv3_small_075",
        "mobilenetv3_small_100",
        "mobilenetv3_rw",
        "tf_mobilenetv3_large_075",
        "tf_mobilenetv3_large_100",
        "tf_mobilenetv3_large_minimal_100",
        "tf_mobilenetv3_small_075",
        "tf_mobilenetv3_small_100",
        "tf_mobilenetv3_small_minimal_100",
    ]
}
ACTIVATIONS = {
    "Identity": None,
    "ReLU": "relu",
    "ReLU6": "relu6",
    "Hardswish": "hard_swish",
    "HardSwish": "hard_swish",
    "HardSwishMe": "hard_swish",
    "Hardsigmoid": "hard_sigmoid",
    "HardSigmoid": "hard_sigmoid",
    "HardSigmoidMe": "hard_sigmoid",
    "Sigmoid": "sigmoid",
}


def activation(module):
    return ACTIVATIONS[type(module).__name__]


def only(values, what):
    """The one value that all have."""
    values = set(values)
    assert len(values) == 1, f"{what}: {values}"
    return values.pop()


def square(pair):
    return only(pair, "both directions")


def layers(block):
    """A block's (convolution, activation after it) in running order, and its gate or None."""
    if isinstance(block, DepthwiseSeparableConv):
        pairs = [(block.conv_dw, block.bn1), (block.conv_pw, block.bn2)]
        gate = None if isinstance(block.se, nn.Identity) else block.se
        return [(conv, activation(norm.act)) for conv, norm in pairs], gate
    if isinstance(block, TimmResidual):
        pairs = [
            (block.conv_pw, block.bn1),
            (block.conv_dw, block.bn2),
            (block.conv_pwl, block.bn3),
        ]
        gate = None if isinstance(block.se, nn.Identity) else block.se
        return [(conv, activation(norm.act)) for conv, norm in pairs], gate
    found, gate = [], None
    flat = []
    for child in block.block if isinstance(block, V3Residual) else block.conv:
        flat += list(child) if isinstance(child, nn.Sequential) else [child]
    for module in flat:
        if isinstance(module, nn.Conv2d):
            found.append((module, None))
        elif type(module).__name__ == "SqueezeExcitation":
            gate = module
        elif not isinstance(module, nn.BatchNorm2d):
            assert found[-1][1] is None
            found[-1] = (found[-1][0], activation(module))
    return found, gate


def gate_parts(gate):
    """First and second convolution, activation between, function at the end."""
    if hasattr(gate, "fc1"):
        return gate.fc1, gate.fc2, activation(gate.activation), activation(gate.scale_activation)
    return gate.conv_reduce, gate.conv_expand, activation(gate.act1), activation(gate.gate)


def row(block, channels):
    found, gate = layers(block)
    *expand, (depthwise, dw_activation), (project, none) = found
    assert len(expand) <= 1 and none is None
    assert depthwise.groups == depthwise.in_channels == depthwise.out_channels
    assert (expand[0][0] if expand else depthwise).in_channels == channels
    assert project.in_channels == depthwise.out_channels and project.groups == 1
    assert all(a == dw_activation for _, a in expand)
    squeeze = 0
    if gate is not None:
        first, second, _, _ = gate_parts(gate)
        squeeze = first.out_channels
        assert first.in_channels == second.out_channels == depthwise.out_channels
        assert first.bias is not None and second.bias is not None
    assert all(conv.bias is None for conv, _ in found)
    residual = getattr(block, "use_res_connect", None)
    if residual is None:
        residual = block.has_skip
    return {
        "kernel": square(depthwise.kernel_size),
        "expanded": depthwise.out_channels,
        "out": project.out_channels,
        "squeeze": squeeze,
        "activation": dw_activation,
        "stride": square(depthwise.stride),
        "dilation": square(depthwise.dilation),
        "expand": bool(expand),
        "residual": residual,
    }


def parts(net):
    """Stem, blocks, last convolutions (each with its activation), hidden layer, dropout."""
    if isinstance(net, timm.models.MobileNetV3):
        blocks = [b for stage in net.blocks for b in stage]
        last = [(b.conv, activation(b.bn1.act)) for b in blocks if isinstance(b, ConvBnAct)]
        blocks = [b for b in blocks if not isinstance(b, ConvBnAct)]
        stem = (net.conv_stem, activation(net.bn1.act))
        assert isinstance(net.norm_head, nn.Identity)
        hidden = (net.conv_head, activation(net.act2))
        return stem, blocks, last, hidden, net.drop_rate
    kind = (V2Residual, V3Residual)
    first, *blocks, end = net.features
    assert all(isinstance(b, kind) for b in blocks)
    head = list(net.classifier)
    hidden = (head[0], activation(head[1])) if len(head) == 4 else None
    return (
        (first[0], activation(first[2])),
        blocks,
        [(end[0], activation(end[2]))],
        hidden,
        head[-2].p,
    )


def architecture(name, net):
    stem, blocks, last, hidden, dropout = parts(net)
    assert square(stem[0].kernel_size) == 3 and stem[0].groups == 1
    rows, channels = [], stem[0].out_channels
    for block in blocks:
        rows.append(row(block, channels))
        channels = rows[-1]["out"]
    for conv, _ in last:
        assert square(conv.kernel_size) == 1 and conv.in_channels == channels
        channels = conv.out_channels
    only([(conv.out_channels, conv.groups, activation) for conv, activation in last], "last")
    modules = list(net.modules())
    norms = [m for m in modules if isinstance(m, nn.BatchNorm2d)]
    same = any(isinstance(m, Conv2dSame) for m in modules)
    for conv in modules:
        if isinstance(conv, Conv2dSame):
            assert square(conv.stride) == 2
        elif isinstance(conv, nn.Conv2d):
            k, d = square(conv.kernel_size), square(conv.dilation)
            assert square(conv.padding) == (k - 1) // 2 * d
            assert not same or k == 1 or square(conv.stride) == 1
    # What stands between the two convolutions of the gates: ReLU in all, or what their block has.
    between, functions = set(), set()
    for block, of in zip(blocks, rows):
        gate = layers(block)[1]
        if gate is not None:
            _, _, inner, function = gate_parts(gate)
            between.add((inner, of["activation"]))
            functions.add(function)
    # A net without gates has none to tell of: the paper's.
    own = any(inner != "relu" for inner, _ in between)
    assert all(inner == (of if own else "relu") for inner, of in between)
    classifier = [m for m in modules if isinstance(m, nn.Linear)][-1]
    table = {
        "name": name,
        "inputChannels": stem[0].in_channels,
        "classes": classifier.out_features,
        "stem": {
            "channels": stem[0].out_channels,
            "stride": square(stem[0].stride),
            "activation": stem[1],
        },
        "blocks": rows,
        "last": {
            "channels": last[-1][0].out_channels,
            "groups": last[-1][0].groups,
            "repeats": len(last),
            "activation": last[-1][1],
        },
        "head": {
            "maxPool": any(isinstance(m, nn.MaxPool2d) for m in modules),
            "hidden": hidden
            and {
                "width": hidden[0].weight.shape[0],
                "activation": hidden[1],
                "bias": hidden[0].bias is not None,
                "norm": False,
                "pooled": True,
            },
            "dropout": dropout,
        },
        "norm": {
            "epsilon": only((m.eps for m in norms), "epsilon"),
            "momentum": only((m.momentum for m in norms), "momentum"),
        },
        "padding": "same" if same else "symmetric",
        "gate": {
            "function": only(functions or {"hard_sigmoid"}, "gate"),
            "squeeze": None if own else "relu",
        },
        "names": "mobilenet_v2" if name == "mobilenet_v2" else "mobilenet_v3",
        "parameters": sum(p.numel() for p in net.parameters()),
    }
    return table


def pretty(table):
    """One line per part, and per block."""
    lines = []
    for key, value in table.items():
        if key == "blocks":
            rows = ",\n".join("   " + json.dumps(r) for r in value)
            lines.append(f'  "blocks": [\n{rows}\n  ]')
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    return " {\n" + ",\n".join(lines) + "\n }"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.manual_seed(0)
    tables = [architecture(name, make().eval()) for name, make in NETS.items()]
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write("[\n" + ",\n".join(map(pretty, tables)) + "\n]\n")
    for table in tables:
        print(f"{table['name']:34} {len(table['blocks']):3} blocks {table['parameters']:12,}")


main()
