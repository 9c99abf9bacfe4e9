"""Names and shapes of torchvision's and timm's state dicts, for NetFinderTest.

    python names.py > ../resources/golden/state-dict-names.txt

With torchvision 0.22.1 and timm 1.0.31. One line 'model' per net (library, model, width, classes),
then a line per tensor; num_batches_tracked is left out.
"""

import timm
import torchvision

NETS = [
    ("torchvision", "mobilenet_v3_large", 1.0, 1000),
    ("torchvision", "mobilenet_v3_small", 0.35, 7),
    ("timm", "mobilenetv3_large_100", 1.0, 1000),
    ("timm", "mobilenetv3_large_075", 0.75, 10),
    ("timm", "mobilenetv3_small_075", 0.75, 10),
    ("timm", "mobilenetv3_small_050", 0.5, 10),
]

for library, model, width, classes in NETS:
    if library == "timm":
        net = timm.create_model(model, num_classes=classes)
    else:
        net = getattr(torchvision.models, model)(width_mult=width, num_classes=classes)
    print("model", library, model, width, classes)
    for name, tensor in net.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            print(name, *tensor.shape)
