"""Checkpoints under the names of pretrained.json, and what their own libraries answer.

    PYTHON bench/published.py torch|paddle REGISTRY MIRROR ANSWERS REGEX PHOTO...

bench/pretrained.py runs it, with the Python of either library. For each record of the registry
whose name fits, the library's own net gets random, disturbed weights; they are written into the
folder MIRROR as HOST/PATH of each of the record's addresses, in the form that the library
publishes. ANSWERS becomes a JSON object: by name, the logits of each photograph through the
library's own published pipeline.

torch: torch 2.7.1, torchvision 0.22.1, timm 1.0.31, safetensors (bench/setup.sh venv). paddle:

    python3 -m venv V && V/bin/pip install paddlepaddle==3.3.1 opencv-python-headless pyyaml \\
      requests six tqdm && V/bin/pip install --no-deps paddleclas==2.6.0
"""

import json
import pathlib
import re
import sys
import zlib

HERE = pathlib.Path(__file__).parent


def place(mirror, address):
    """Where a mirror has the file, or the folder, of an address."""
    if match := re.fullmatch("hf:(.+)@(.+)", address):
        return mirror / "huggingface.co" / match[1] / "resolve" / match[2]
    return mirror / address.split("://")[1]


class Torch:
    def __init__(self, photos):
        sys.path.append(str(HERE))
        import parity
        import torch
        from PIL import Image

        self.torch, self.disturb = torch, parity.disturb
        self.images = [Image.open(photo).convert("RGB") for photo in photos]

    def make(self, record):
        library, name = record["name"].split("/")
        return self.torchvision(name) if library == "torchvision" else self.timm(name, record)

    @staticmethod
    def torchvision(name):
        from torchvision import models

        model, tag = name.split(".")
        weights = models.get_model_weights(model)[tag.upper()]
        return models.get_model(model, weights=None), weights.transforms()

    @staticmethod
    def timm(name, record):
        import timm
        from timm.data import create_transform, resolve_data_config

        net = timm.create_model(name, num_classes=record["classes"])
        return net, create_transform(**resolve_data_config({}, model=net))

    def answers(self, record, mirror):
        self.torch.manual_seed(zlib.crc32(record["name"].encode()))
        net, transform = self.make(record)
        photos = self.torch.stack([transform(image) for image in self.images])
        with self.torch.no_grad():
            logits = self.disturb(net, photos)(photos)
        for file in record["files"]:
            self.write(net, place(mirror, file["address"]))
        return logits.tolist()

    def write(self, net, file):
        if file.suffix == ".pth":
            file.parent.mkdir(parents=True, exist_ok=True)
            self.torch.save(net.state_dict(), file)
        else:
            from safetensors.torch import save_file
            from timm.models._hub import save_config_for_hf

            file.mkdir(parents=True, exist_ok=True)
            state = {k: v.contiguous() for k, v in net.state_dict().items()}
            save_file(state, file / "model.safetensors", {"format": "pt"})
            save_config_for_hf(net, file / "config.json")


class Paddle:
    """PaddleClas' own net and operators, without the rest that its package imports."""

    def __init__(self, photos):
        import importlib
        import types

        import paddle
        import yaml

        root = next(p for p in map(pathlib.Path, sys.path) if (p / "paddleclas").is_dir())
        for name in [
            "paddleclas",
            "paddleclas.ppcls.arch",
            "paddleclas.ppcls.arch.backbone",
            "paddleclas.ppcls.utils",
            "paddleclas.deploy",
        ]:
            package = types.ModuleType(name)  # a name for its folder: __init__.py is not run
            package.__path__ = [str(root / name.replace(".", "/"))]
            sys.modules[name] = package
        logger = importlib.import_module("paddleclas.ppcls.utils.logger")
        logger.init_logger(log_level="ERROR")
        self.nets = importlib.import_module(
            "paddleclas.ppcls.arch.backbone.legendary_models.mobilenet_v3"
        )
        operators = importlib.import_module("paddleclas.deploy.python.preprocess")
        config = root / "paddleclas/deploy/configs/inference_cls.yaml"
        steps = yaml.safe_load(config.read_text())["PreProcess"]["transform_ops"]
        steps = [operators.DecodeImage(), *operators.create_operators(steps)]
        self.paddle = paddle
        images = []
        for photo in photos:
            image = pathlib.Path(photo).read_bytes()
            for step in steps:
                image = step(image)
            images.append(paddle.to_tensor(image, dtype="float32"))
        self.photos = paddle.stack(images)

    def disturb(self, net):
        """As parity.py's."""
        paddle = self.paddle
        norms = [m for m in net.sublayers() if isinstance(m, paddle.nn.BatchNorm)]
        for norm in norms:
            norm.weight.set_value(paddle.uniform(norm.weight.shape, min=0.5, max=1.5))
            norm.bias.set_value(paddle.normal(0, 0.2, norm.bias.shape))
            norm._momentum = 0.7
        net.train()
        for _ in range(20):
            net(self.photos)
        for norm in norms:
            mean, variance = norm._mean, norm._variance
            mean.set_value(mean + 0.1 * paddle.randn(mean.shape) * variance.sqrt())
            variance.set_value(variance * paddle.uniform(variance.shape, min=0.7, max=1.4))
        net.fc.weight.set_value(paddle.normal(0, 0.1, net.fc.weight.shape))
        net.fc.bias.set_value(paddle.normal(0, 0.1, net.fc.bias.shape))
        net.eval()
        return net

    def answers(self, record, mirror):
        self.paddle.seed(zlib.crc32(record["name"].encode()))
        name = record["name"].split("/")[1].removesuffix("_ssld")
        net = getattr(self.nets, name.replace("mobilenetv3", "MobileNetV3"))()
        with self.paddle.no_grad():
            logits = self.disturb(net)(self.photos)
        for file in record["files"]:
            written = place(mirror, file["address"])
            written.parent.mkdir(parents=True, exist_ok=True)
            self.paddle.save(net.state_dict(), str(written))
        return logits.tolist()


def main():
    sys.path.pop(0)  # bench/ has modules of libraries' names
    library, registry, mirror, answers, names, *photos = sys.argv[1:]
    side = Torch(photos) if library == "torch" else Paddle(photos)
    found = {}
    for record in json.loads(pathlib.Path(registry).read_text())["models"]:
        ours = (record["name"].split("/")[0] == "paddle") == (library == "paddle")
        if ours and record["task"] == "classification" and re.search(names, record["name"]):
            found[record["name"]] = side.answers(record, pathlib.Path(mirror))
            print(f"made {record['name']}", flush=True)
    pathlib.Path(answers).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
