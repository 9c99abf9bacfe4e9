"""Makes ../resources/golden/features/*.json: feature maps and embeddings by torchvision in float64.

Run with torch 2.7.1, torchvision 0.22.1 and timm 1.0.31 (it says which channels to expect):  python features.py
"""
import json
import pathlib

import timm
import torch
import torchvision
from torchvision.models.feature_extraction import create_feature_extractor

from seeded import fill, filled

torch.set_default_dtype(torch.float64)

SAMPLES = 12
OUT = pathlib.Path(__file__).parent / "../resources/golden/features"
# The last block of each stride, and the last convolution.
NODES = {
    "large": ["features.1", "features.3", "features.6", "features.12", "features.16"],
    "small": ["features.0", "features.1", "features.3", "features.8", "features.12"],
}
EMBEDDING = "classifier.1"


def figures(tensor):
    flat = tensor.flatten()
    step = max(1, flat.numel() // SAMPLES)
    return {
        "shape": list(tensor.shape),
        "sum": flat.sum().item(),
        "l2": flat.norm().item(),
        "step": step,
        "samples": flat[::step][:SAMPLES].tolist(),
    }


def main():
    for size, nodes in NODES.items():
        build = getattr(torchvision.models, f"mobilenet_v3_{size}")
        cases = []
        net = build(num_classes=10, width_mult=0.25).eval()
        with torch.no_grad():
            fill(net)
        extractor = create_feature_extractor(net, nodes + [EMBEDDING])
        for shape in ([2, 3, 96, 96], [1, 3, 75, 53]):
            with torch.no_grad():
                out = extractor(filled(shape, 424242, 0.5, 0.5).double())
            cases.append(
                {
                    "input": shape,
                    "maps": [figures(out[n]) for n in nodes],
                    "embedding": figures(out[EMBEDDING]),
                }
            )
        peer = timm.create_model(f"mobilenetv3_{size}_100", features_only=True, pretrained=False)
        golden = {
            "width": 0.25,
            "timm_channels": peer.feature_info.channels(),
            "timm_strides": peer.feature_info.reduction(),
            "cases": cases,
        }
        (OUT / f"{size}.json").write_text(json.dumps(golden, indent=1) + "\n")


main()
