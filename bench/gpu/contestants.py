"""The PyTorch contestants of bench/gpu/speed.py: torchvision's MobileNetV3, as PyTorch's own guides
say to run it. A contestant is a callable: step() does one step, finish() waits for the device.

Training step: images and labels to the device from pinned host memory (non_blocking), forward,
cross entropy, backward, Adam(lr 0.001); the loss is copied to pinned memory and read one step late,
so that nobody waits for the GPU. Inference step: forward of images that lie on the device (with
images="host": that are copied there first), the logits to the host.
"""

import contextlib
import math

import torch
from torchvision.models import mobilenet_v3_large, mobilenet_v3_small

COMPILED = {"torch.compile": "default", "torch.compile reduce-overhead": "reduce-overhead"}
HALF = {"bf16": torch.bfloat16, "fp16": torch.float16}


def names(case, compiled=()):
    """What takes part in a case; compiled: modes of torch.compile, "default", "reduce-overhead"."""
    if case["mode"] == "train":
        plain = ["eager", "eager channels_last, fused Adam"]
    else:
        plain = ["eager", "channels_last"]
    plain += [name for name, mode in COMPILED.items() if mode in compiled]
    if case["precision"] not in HALF:
        return plain
    # Training in half precision is autocast (AMP); inference has the weights themselves in it.
    mark = "AMP {}" if case["mode"] == "train" else "{}, half weights"
    return [mark.format(name) for name in plain]


def compile_mode(contestant):
    bare = contestant.removeprefix("AMP ").removesuffix(", half weights")
    return COMPILED.get(bare)


def torch_device(case):
    return torch.device("cuda", 0) if case["device"] == "gpu0" else torch.device("cpu")


def set_precision(precision, benchmark=False):
    """fp32 is all of it; TF32 is on for tf32 alone."""
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.benchmark = benchmark


class LateLoss:
    """The loss of the step before: copied to the host behind each step, read behind the next."""

    def __init__(self, device):
        self.pinned = device.type == "cuda"
        self.slots = [torch.zeros((), pin_memory=self.pinned) for _ in range(2)]
        self.copied = [torch.cuda.Event() for _ in range(2)] if self.pinned else None
        self.steps = 0

    def read(self, loss):
        now, before = self.steps % 2, 1 - self.steps % 2
        self.slots[now].copy_(loss.detach(), non_blocking=True)
        if self.pinned:
            self.copied[now].record()
            self.copied[before].synchronize()  # at once, if it was never recorded
        self.steps += 1
        return math.nan if self.steps == 1 else self.slots[before].item()


class Contestant:
    def __init__(self, case, name, images="device"):
        self.device = torch_device(case)
        self.mode = compile_mode(name)
        torch.manual_seed(0)
        make = mobilenet_v3_large if case["model"] == "large" else mobilenet_v3_small
        net = make(num_classes=case["classes"]).to(self.device)
        self.parameters = sum(p.numel() for p in net.parameters())
        self.last = layout(case, name)
        if self.last:
            net = net.to(memory_format=torch.channels_last)
        x = torch.randn(case["batch"], 3, case["size"], case["size"])
        y = torch.randint(case["classes"], (case["batch"],))
        if self.last:
            x = x.contiguous(memory_format=torch.channels_last)
        self.images, self.labels = self.pin(x), self.pin(y)
        self.precision = case["precision"]
        self.loss = math.nan
        if case["mode"] == "train":
            self.fused = "fused" in name or self.mode is not None
            self.step = self.training(net.train())
        else:
            self.step = self.inference(net.eval(), images)

    def pin(self, tensor):
        return tensor.pin_memory() if self.device.type == "cuda" else tensor

    def compile(self, net):
        if self.mode is None:
            return net
        return torch.compile(net, mode=self.mode, dynamic=False)

    def mark_step(self):
        if self.mode == "reduce-overhead":
            torch.compiler.cudagraph_mark_step_begin()

    def training(self, net):
        criterion = torch.nn.CrossEntropyLoss()
        # fused=None is PyTorch's default: foreach on a GPU.
        optimizer = torch.optim.Adam(net.parameters(), lr=0.001, fused=True if self.fused else None)
        scaler = torch.amp.GradScaler(self.device.type, enabled=self.precision == "fp16")
        late = LateLoss(self.device)
        net = self.compile(net)

        def step():
            self.mark_step()
            x = self.images.to(self.device, non_blocking=True)
            y = self.labels.to(self.device, non_blocking=True)
            optimizer.zero_grad()
            with self.autocast():
                loss = criterion(net(x), y)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            self.loss = late.read(loss)

        return step

    def autocast(self):
        if self.precision not in HALF:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, dtype=HALF[self.precision])

    def inference(self, net, images):
        dtype = HALF.get(self.precision, torch.float32)
        net = self.compile(net.to(dtype))
        x = self.images
        if images == "device":
            x = x.to(self.device)
        no_gradients = torch.no_grad if self.mode else torch.inference_mode

        def step():
            self.mark_step()
            with no_gradients():
                logits = net(x.to(self.device, non_blocking=True).to(dtype))
                self.loss = logits.float().cpu()[0, 0].item()  # no loss: it shows a NaN

        return step

    def finish(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


def layout(case, name):
    """Whether it runs channels_last; torch.compile does where the GPU's tensor cores compute."""
    if compile_mode(name):
        return case["precision"] != "fp32"
    return "channels_last" in name
