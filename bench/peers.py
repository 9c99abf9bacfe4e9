"""The Python side of `./mobilenetv3 bench`: one contestant per process, driven over stdin/stdout.

    peers.py --threads N [--tuned]

Requests and answers are JSON, one a line:
    {"prepare": CASE, "contestant": NAME} -> {"ready": true, "engine": "PyTorch 2.7.1",
                                              "parameters": 4214842}  or  {"skip": REASON}
    {"run": STEPS}                        -> {"ms": milliseconds per step}
    {"quit": true}                        -> the process ends; so it does when stdin closes
An exception is answered with {"error": SENTENCE}. CASE is {"mode": "train" | "infer", "variant":
"paper" | "article", "model": "large" | "small", "size", "batch", "classes"}.

A training step is forward, cross entropy, backward, Adam (rate 0.001), the loss read back; an
inference step is forward and the logits read. Images are made beforehand, in the layout that the
contestant likes best. --tuned gives glibc's allocator the settings that our runtime gives it
(org.mobilenetv3.runtime.AllocatorTuning); THP_MEM_ALLOC_ENABLE comes by the environment.
"""

import argparse
import ctypes
import json
import os
import shutil
import sys
import tempfile
import time

MALLOPT = {-8: 1, -4: 0, -1: 2**31 - 1, -2: 64 << 20}  # ARENA_MAX, MMAP_MAX, TRIM_THRESHOLD, TOP_PAD


def tune_allocator():
    libc = ctypes.CDLL(None)
    for parameter, value in MALLOPT.items():
        if libc.mallopt(parameter, value) != 1:
            raise RuntimeError(f"mallopt refused {parameter}={value}")


def article_large(classes):
    """MobileNetV3Large of the article (docs/article.md): dense residual blocks."""
    import torch
    from torch import nn

    class ConvBlock(nn.Sequential):
        def __init__(self, cin, cout, kernel, stride=1):
            super().__init__(
                nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False),
                nn.BatchNorm2d(cout),
                nn.Hardswish(inplace=True),
            )

    class Gate(nn.Sequential):
        def __init__(self, channels):
            super().__init__(
                nn.AdaptiveAvgPool2d(1),
                nn.Conv2d(channels, channels // 4, 1),
                nn.ReLU(inplace=True),
                nn.Conv2d(channels // 4, channels, 1),
                nn.Sigmoid(),
            )

    class Residual(nn.Module):
        def __init__(self, cin, cout, kernel, stride, gated):
            super().__init__()
            self.conv1 = ConvBlock(cin, cout, kernel, stride)
            self.conv2 = ConvBlock(cout, cout, kernel)
            self.se = Gate(cout) if gated else None
            self.shortcut = nn.Sequential()
            if stride != 1 or cin != cout:
                self.shortcut = nn.Sequential(
                    nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout)
                )

        def forward(self, x):
            y = self.conv2(self.conv1(x))
            if self.se is not None:
                y = y * self.se(y)
            return torch.relu(y + self.shortcut(x))

    rows = [  # in, out, kernel, stride, gated
        (16, 16, 3, 1, False), (16, 24, 3, 2, False), (24, 24, 3, 1, False),
        (24, 40, 5, 2, True), (40, 40, 5, 1, True), (40, 40, 5, 1, True),
        (40, 80, 3, 2, False), (80, 80, 3, 1, False), (80, 80, 3, 1, False),
        (80, 112, 5, 1, True), (112, 112, 5, 1, True),
        (112, 160, 5, 2, True), (160, 160, 5, 1, True), (160, 160, 5, 1, True),
    ]  # fmt: skip
    return nn.Sequential(
        ConvBlock(3, 16, 3, 2),
        *[Residual(*row) for row in rows],
        ConvBlock(160, 960, 1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(960, 1280),
        nn.BatchNorm1d(1280),
        nn.Hardswish(inplace=True),
        nn.Linear(1280, classes),
    )


def build(case):
    if case["variant"] == "article":
        if case["model"] != "large":
            raise ValueError("peers.py has the article's Large net only")
        return article_large(case["classes"])
    from torchvision.models import mobilenet_v3_large, mobilenet_v3_small

    make = mobilenet_v3_large if case["model"] == "large" else mobilenet_v3_small
    return make(num_classes=case["classes"])


def training_step(net, x, case, fused):
    import torch

    net.train()
    labels = torch.randint(case["classes"], (case["batch"],))
    criterion = torch.nn.CrossEntropyLoss()
    # fused=None is the default: the foreach or the plain implementation, as PyTorch chooses.
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001, fused=True if fused else None)

    def step():
        optimizer.zero_grad()
        loss = criterion(net(x), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def inference_step(net, x):
    import torch

    def step():
        with torch.inference_mode():
            return net(x).numpy()

    return step


def onnx_step(net, x, threads):
    """torch.onnx.export of the net, batch norm folded by the exporter, in ONNX Runtime."""
    import inspect

    import onnxruntime
    import torch

    options = {"input_names": ["images"], "output_names": ["logits"]}
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        options["dynamo"] = False
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "net.onnx")
        torch.onnx.export(net, (x,), path, **options)
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = threads
        settings.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    images = {"images": x.numpy()}
    return lambda: session.run(None, images)[0]


def missing(contestant):
    """What this contestant needs and this Python has not; None if all is there."""
    import importlib.util

    modules = ["torch", "torchvision"]
    if contestant == "ONNX Runtime":
        modules += ["onnx", "onnxruntime"]
    for module in modules:
        if importlib.util.find_spec(module) is None:
            return f"{module} is not installed"
    if contestant == "torch.compile" and not (os.environ.get("CXX") or shutil.which("g++")):
        return "torch.compile needs a C++ compiler and there is no g++"
    return None


def prepare(case, contestant, threads):
    reason = missing(contestant)
    if reason:
        return None, {"skip": reason}
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    net = build(case)
    answer = {
        "ready": True,
        "engine": "PyTorch " + torch.__version__.split("+")[0],
        "parameters": sum(p.numel() for p in net.parameters()),
    }
    x = torch.randn(case["batch"], 3, case["size"], case["size"])
    if contestant not in ("eager", "ONNX Runtime"):
        net = net.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    if case["mode"] == "train":
        if contestant == "torch.compile":
            net = torch.compile(net)
        return training_step(net, x, case, "fused" in contestant or "compile" in contestant), answer
    net.eval()
    if contestant == "ONNX Runtime":
        import onnxruntime

        answer["engine"] = "ONNX Runtime " + onnxruntime.__version__
        return onnx_step(net, x, threads), answer
    if contestant == "frozen TorchScript":
        with torch.no_grad():
            traced = torch.jit.trace(net, x)
            net = torch.jit.optimize_for_inference(torch.jit.freeze(traced))
    elif contestant == "torch.compile":
        net = torch.compile(net)
    return inference_step(net, x), answer


def serve(threads, requests, answer):
    step = None
    for line in requests:
        request = json.loads(line)
        if "quit" in request:
            return
        try:
            if "prepare" in request:
                step, reply = prepare(request["prepare"], request["contestant"], threads)
                if step:
                    step()
                answer(reply)
            else:
                start = time.perf_counter()
                for _ in range(request["run"]):
                    step()
                answer({"ms": (time.perf_counter() - start) * 1000 / request["run"]})
        except Exception as e:  # whatever it is, the other side wants a sentence
            first = (str(e).strip() or "no message").splitlines()[0]
            answer({"error": f"{type(e).__name__}: {first}"})


def main():
    parser = argparse.ArgumentParser(description="The Python side of ./mobilenetv3 bench.")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--tuned", action="store_true")
    options = parser.parse_args()
    if options.tuned:
        tune_allocator()
    # Libraries print; what they print must not come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(
        options.threads,
        sys.stdin,
        lambda reply: print(json.dumps(reply), file=answers, flush=True),
    )


if __name__ == "__main__":
    main()
