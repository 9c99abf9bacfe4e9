"""Which way of computing a MobileNetV3 training step takes the least GPU time?

    python bench/gpu/layouts.py --seconds 100 [--json FILE] [--device cpu]

The whole step (forward, cross entropy, backward, fused capturable Adam) is captured in a CUDA graph
and replayed; ms per step = median of 5 x N replays between CUDA events. On the CPU: plain steps.
"""

import argparse
import copy
import faulthandler
import gc
import json
import math
import os
import re
import statistics
import sys
import tempfile
import time

import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models import mobilenet_v3_large, mobilenet_v3_small
from torchvision.ops.misc import SqueezeExcitation

START = time.perf_counter()

# layout, pointwise: conv | linear | linear_small | matmul | bmm, se: conv | linear,
# dw: same | nchw, bn: cudnn | native, net: ours | torchvision (unmodified)
BASE = dict(layout="nchw", pointwise="conv", se="conv", dw="same", bn="cudnn", tracked=False)
VARIANTS = {
    "a nchw": {},
    "b nhwc": dict(layout="nhwc"),
    "c nhwc 1x1=linear": dict(layout="nhwc", pointwise="linear", se="linear"),
    "d nchw 1x1=matmul": dict(pointwise="matmul", se="linear"),
    "e nhwc 1x1=linear if HW<=64": dict(layout="nhwc", pointwise="linear_small", se="linear"),
    "f c, depthwise in nchw": dict(layout="nhwc", pointwise="linear", se="linear", dw="nchw"),
    "ga nchw, native bn": dict(bn="native"),
    "gb nhwc, native bn": dict(layout="nhwc", bn="native"),
    "gc c, native bn": dict(layout="nhwc", pointwise="linear", se="linear", bn="native"),
    "gd d, native bn": dict(pointwise="matmul", se="linear", bn="native"),
    "gf f, native bn": dict(layout="nhwc", pointwise="linear", se="linear", dw="nchw", bn="native"),
    "a' nchw, se=linear": dict(se="linear"),
    "b' nhwc, se=linear": dict(layout="nhwc", se="linear"),
    "d' nchw 1x1=bmm": dict(pointwise="bmm", se="linear"),
    "a0 a + num_batches_tracked": dict(tracked=True),
}
TRAILING = ("a' nchw, se=linear", "d' nchw 1x1=bmm", "a0 a + num_batches_tracked")  # first group only


def say(*words):
    print(*words, flush=True)


def first_line(e):
    return f"{type(e).__name__}: {(str(e).strip() or 'no message').splitlines()[0][:150]}"


def left(options):
    return options.seconds - (time.perf_counter() - START)


# ---- the net ----


class Pointwise(nn.Module):
    """A 1x1 convolution, stride 1, groups 1."""

    def __init__(self, conv, how, dtype):
        super().__init__()
        self.weight, self.bias, self.how, self.dtype = conv.weight, conv.bias, how, dtype

    def forward(self, x):
        w, b = self.weight.to(self.dtype), self.bias
        b = None if b is None else b.to(self.dtype)
        how = self.how
        if how == "linear_small":
            how = "linear" if x.shape[2] * x.shape[3] <= 64 else "conv"
        if how == "conv":
            return F.conv2d(x, w, b)
        if how == "linear":
            return F.linear(x.permute(0, 2, 3, 1), w.flatten(1), b).permute(0, 3, 1, 2)
        n, c, h, wd = x.shape
        if how == "matmul":
            y = torch.matmul(w.flatten(1), x.flatten(2))
        else:
            y = torch.bmm(w.flatten(1).expand(n, -1, -1), x.flatten(2))
        if b is not None:
            y = y + b.view(1, -1, 1)
        return y.view(n, -1, h, wd)


class Spatial(nn.Module):
    """The stem or a depthwise convolution."""

    def __init__(self, conv, dw, dtype):
        super().__init__()
        self.weight, self.bias, self.dtype = conv.weight, conv.bias, dtype
        self.settings = (conv.stride, conv.padding, conv.dilation, conv.groups)
        self.copies = dw == "nchw" and conv.groups > 1

    def forward(self, x):
        if not self.copies:
            return F.conv2d(x, self.weight.to(self.dtype), self.bias, *self.settings)
        w = self.weight.to(self.dtype).contiguous()
        y = F.conv2d(x.contiguous(), w, self.bias, *self.settings)
        return y.contiguous(memory_format=torch.channels_last)


class Norm(nn.Module):
    def __init__(self, norm, native, tracked):
        super().__init__()
        self.weight, self.bias = norm.weight, norm.bias
        self.register_buffer("mean", norm.running_mean)
        self.register_buffer("var", norm.running_var)
        self.register_buffer("batches", norm.num_batches_tracked)
        self.momentum, self.eps = norm.momentum, norm.eps
        self.native, self.tracked = native, tracked

    def forward(self, x):
        if self.tracked:
            self.batches.add_(1)
        if self.native:
            torch.backends.cudnn.enabled = False
        try:
            return F.batch_norm(
                x, self.mean, self.var, self.weight, self.bias, True, self.momentum, self.eps
            )
        finally:
            if self.native:
                torch.backends.cudnn.enabled = True


class Gate(nn.Module):
    """Squeeze and excitation, its two convolutions as linear layers on (N, C)."""

    def __init__(self, se, dtype):
        super().__init__()
        self.fc1, self.fc2, self.dtype = se.fc1, se.fc2, dtype

    def forward(self, x):
        s = F.adaptive_avg_pool2d(x, 1).flatten(1)
        s = F.relu(self.linear(s, self.fc1))
        s = F.hardsigmoid(self.linear(s, self.fc2))
        return s[:, :, None, None] * x

    def linear(self, s, fc):
        return F.linear(s, fc.weight.to(self.dtype).flatten(1), fc.bias.to(self.dtype))


class Dense(nn.Module):
    def __init__(self, linear, dtype):
        super().__init__()
        self.weight, self.bias, self.dtype = linear.weight, linear.bias, dtype

    def forward(self, x):
        return F.linear(x, self.weight.to(self.dtype), self.bias.to(self.dtype))


def rebuild(module, v, dtype):
    for name, child in module.named_children():
        if isinstance(child, SqueezeExcitation) and v["se"] == "linear":
            setattr(module, name, Gate(child, dtype))
        elif isinstance(child, nn.Conv2d):
            if child.kernel_size == (1, 1) and child.groups == 1:
                in_se = isinstance(module, SqueezeExcitation)
                how = "conv" if in_se else v["pointwise"]
                setattr(module, name, Pointwise(child, how, dtype))
            else:
                setattr(module, name, Spatial(child, v["dw"], dtype))
        elif isinstance(child, nn.BatchNorm2d):
            setattr(module, name, Norm(child, v["bn"] == "native", v["tracked"]))
        elif isinstance(child, nn.Linear):
            setattr(module, name, Dense(child, dtype))
        else:
            rebuild(child, v, dtype)
    return module


NETS = {}


def original(model):
    if model not in NETS:
        torch.manual_seed(0)
        make = mobilenet_v3_large if model == "large" else mobilenet_v3_small
        NETS[model] = make(num_classes=10)
    return copy.deepcopy(NETS[model])


def build(model, variant, precision, device):
    v = {**BASE, **VARIANTS[variant]}
    net = original(model).to(device)
    if v["layout"] == "nhwc":
        net = net.to(memory_format=torch.channels_last)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    return rebuild(net, v, dtype).train(), v["layout"], dtype


def data(batch, size, layout, dtype, device):
    g = torch.Generator().manual_seed(1)
    x = torch.randn(batch, 3, size, size, generator=g).to(device)
    y = torch.randint(10, (batch,), generator=g).to(device)
    if layout == "nhwc":
        x = x.contiguous(memory_format=torch.channels_last)
    return x, y, dtype


def training_step(net, x, y, dtype, optimizer):
    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(net(x.to(dtype)).float(), y)
        loss.backward()
        optimizer.step()
        return loss

    return step


def adam(net, device):
    if device == "cuda":
        return torch.optim.Adam(net.parameters(), lr=1e-3, fused=True, capturable=True)
    return torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)


# ---- measuring ----


def set_precision(precision):
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.allow_tf32 = precision == "tf32"


def measure(model, case, precision, variant, device, deterministic=True, benchmark=False):
    """(ms per step, loss of the first step)"""
    size, batch = case
    set_precision(precision)
    torch.backends.cudnn.deterministic = deterministic
    torch.backends.cudnn.benchmark = benchmark
    net, layout, dtype = build(model, variant, precision, device)
    x, y, dtype = data(batch, size, layout, dtype, device)
    step = training_step(net, x, y, dtype, adam(net, device))
    torch.manual_seed(7)  # dropout
    if device == "cpu":
        first = step().item()
        times = []
        for _ in range(2):
            t = time.perf_counter()
            step()
            times.append((time.perf_counter() - t) * 1000)
        return statistics.median(times), first
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        first = step().item()
        for _ in range(2):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = step()
    torch.cuda.synchronize()

    def replays(n):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        for _ in range(n):
            graph.replay()
        end.record()
        end.synchronize()
        return begin.elapsed_time(end) / n

    replays(3)
    n = max(3, min(500, math.ceil(60 / max(replays(5), 0.01))))
    ms = statistics.median(replays(n) for _ in range(5))
    if not math.isfinite(loss.item()):
        raise ArithmeticError(f"the loss became {loss.item()}")
    del graph, loss
    return ms, first


def clean(device):
    gc.collect()
    if device == "cuda":
        try:
            torch.cuda.synchronize()
            torch.cuda.empty_cache()
        except Exception as e:
            say("   cleaning:", first_line(e))


ROWS = []


def row(options, model, case, precision, variant, note="", **settings):
    if left(options) < 2:
        return None
    size, batch = case
    name = f"{variant}{' +' + note if note else ''}"
    head = f"{size:>3} b{batch:<4} {model:5} {precision:4} {name:42}"
    try:
        ms, loss = measure(model, case, precision, variant, options.device, **settings)
        say(f"{head} {ms:9.3f}  loss {loss:.5f}")
    except Exception as e:
        ms, loss = None, None
        say(f"{head}    failed: {first_line(e)}")
    torch.backends.cudnn.enabled = True
    clean(options.device)
    ROWS.append(dict(size=size, batch=batch, model=model, precision=precision, variant=name,
                     ms=ms, loss=loss))
    if options.json:
        with open(options.json, "w") as f:
            json.dump(ROWS, f, indent=0)
    return ms


def group(options, model, case, precision, order):
    """All variants, then the fastest without deterministic and the two fastest with benchmark."""
    times = {}
    for variant in order:
        ms = row(options, model, case, precision, variant)
        if ms is not None:
            times[variant] = ms
    ranked = sorted(times, key=times.get)
    for variant in ranked[:1]:
        row(options, model, case, precision, variant, "nondet", deterministic=False)
    for variant in ranked[:2]:
        row(options, model, case, precision, variant, "bench", benchmark=True)
    if ranked:
        row(options, model, case, precision, ranked[0], "bench,nondet", deterministic=False,
            benchmark=True)
    return ranked


# ---- what the time goes to ----


def short(name):
    name = re.sub(r"\(anonymous namespace\)::", "", name)
    name = re.sub(r"^void ", "", name)
    name = re.sub(r"\b(?:at|native|cuda|cudnn|detail|cutlass|c10|std|ops|batch_norm)::", "", name)
    name = re.sub(r"\{lambda.*?\}(?:::operator\(\)\(\) const)?", "λ", name)
    return name[:95]


def profile(options, model, case, precision, variant):
    """The CUDA kernels of one eager step."""
    from torch.profiler import ProfilerActivity
    from torch.profiler import profile as profiler

    device = options.device
    set_precision(precision)
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    net, layout, dtype = build(model, variant, precision, device)
    x, y, dtype = data(case[1], case[0], layout, dtype, device)
    step = training_step(net, x, y, dtype, adam(net, device))
    for _ in range(3):
        step()
    activities = [ProfilerActivity.CPU]
    if device == "cuda":
        torch.cuda.synchronize()
        activities = [ProfilerActivity.CUDA]
    with profiler(activities=activities) as prof:
        step()
        if device == "cuda":
            torch.cuda.synchronize()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.json")
        prof.export_chrome_trace(path)
        with open(path) as f:
            events = json.load(f)["traceEvents"]
    kinds = ("kernel", "gpu_memcpy", "gpu_memset") if device == "cuda" else ("cpu_op",)
    sums = {}
    for e in events:
        if e.get("cat") in kinds:
            total = sums.setdefault(short(e["name"]), [0, 0.0])
            total[0] += 1
            total[1] += e.get("dur", 0) / 1000
    count = sum(c for c, _ in sums.values())
    everything = sum(t for _, t in sums.values())
    size, batch = case
    say(f"\nKernels of one eager step: {model} {size} b{batch} {precision} {variant}: {count} kernels,"
        f" {everything:.3f} ms, {len(sums)} names")
    for name, (c, t) in sorted(sums.items(), key=lambda i: -i[1][1])[:25]:
        say(f"{t:8.3f} ms {c:4d} x {name}")
    say("")


def eager(options, model, case, precision):
    """Wall ms per step without a graph."""
    device = options.device
    set_precision(precision)
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = False, False
    size, batch = case
    ways = {
        "torchvision nchw, default Adam": ("nchw", None, {}),
        "torchvision nchw, fused Adam": ("nchw", None, dict(fused=True)),
        "torchvision nhwc, fused Adam": ("nhwc", None, dict(fused=True)),
        "variant a, fused Adam": ("nchw", "a nchw", dict(fused=True)),
        "variant c, fused Adam": ("nhwc", "c nhwc 1x1=linear", dict(fused=True)),
    }
    for name, (layout, variant, adam_settings) in ways.items():
        if left(options) < 2:
            return
        try:
            dtype = torch.float32
            if variant:
                net, layout, dtype = build(model, variant, precision, device)
            else:
                net = original(model).to(device).train()
                if layout == "nhwc":
                    net = net.to(memory_format=torch.channels_last)
            x, y, dtype = data(batch, size, layout, dtype, device)
            optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, **adam_settings)
            step = training_step(net, x, y, dtype, optimizer)

            def wall(n):
                t = time.perf_counter()
                for _ in range(n):
                    step()
                if device == "cuda":
                    torch.cuda.synchronize()
                return (time.perf_counter() - t) * 1000 / n

            wall(1 if device == "cpu" else 5)
            n = 1 if device == "cpu" else 15
            ms = statistics.median(wall(n) for _ in range(1 if device == "cpu" else 3))
            say(f"eager wall, no graph: {model} {size} b{batch} {precision} {name:32} {ms:9.3f} ms")
        except Exception as e:
            say(f"eager wall {name} failed: {first_line(e)}")
        clean(device)


def summary():
    """Variants down, groups across, ms."""
    groups = list(dict.fromkeys((r["model"], r["size"], r["batch"], r["precision"]) for r in ROWS))
    names = list(dict.fromkeys(r["variant"] for r in ROWS))
    cells = {(r["model"], r["size"], r["batch"], r["precision"], r["variant"]): r["ms"] for r in ROWS}
    say("\nms per step, all groups (L/S = Large/Small; * = the best of its column)")
    say(f"{'':42}" + "".join(f"{m[0].upper() + str(s):>9}" for m, s, _, _ in groups))
    say(f"{'':42}" + "".join(f"{f'b{b} {p}':>9}"[-9:] for _, _, b, p in groups))
    best = {g: min((r["ms"] for r in ROWS
                    if r["ms"] and (r["model"], r["size"], r["batch"], r["precision"]) == g),
                   default=None) for g in groups}
    for name in names:
        line = f"{name[:41]:42}"
        for g in groups:
            if (*g, name) not in cells:
                text = ""
            elif cells[(*g, name)] is None:
                text = "failed"
            else:
                ms = cells[(*g, name)]
                text = f"{ms:.3f}" + ("*" if ms == best[g] else "")
            line += f"{text:>9}"
        say(line.rstrip())


def work(options):
    tiny = options.device == "cpu"
    small_case = (32, 4) if tiny else (32, 128)
    photo = (64, 2) if tiny else (224, 64)
    wide = (32, 8) if tiny else (32, 1024)
    names = list(VARIANTS)
    ranked = group(options, "large", small_case, "fp32", names)
    usual = [n for n in names if n not in TRAILING]
    order = [n for n in ranked if n in usual] + [n for n in usual if n not in ranked]
    for variant in ("b nhwc", "c nhwc 1x1=linear"):
        if left(options) > 5:
            try:
                profile(options, "large", small_case, "fp32", variant)
            except Exception as e:
                say(f"profile of {variant} failed: {first_line(e)}")
            clean(options.device)
    eager(options, "large", small_case, "fp32")
    for model, case, precision in (
        ("large", small_case, "bf16"),
        ("large", small_case, "tf32"),
        ("small", small_case, "fp32"),
        ("large", photo, "bf16"),
        ("large", photo, "fp32"),
        ("large", photo, "tf32"),
        ("large", wide, "fp32"),
        ("large", wide, "bf16"),
        ("large", wide, "tf32"),
        ("small", small_case, "bf16"),
        ("small", small_case, "tf32"),
        ("small", wide, "fp32"),
        ("small", photo, "bf16"),
        ("small", photo, "fp32"),
    ):
        if left(options) < 4:
            say(f"not run for lack of time: {model} {case[0]} b{case[1]} {precision} and after")
            break
        group(options, model, case, precision, order)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--json", help="a file for all rows")
    options = parser.parse_args()
    faulthandler.dump_traceback_later(options.seconds + 45, exit=True)  # whatever hangs
    say(f"torch {torch.__version__}, CUDA {torch.version.cuda}, Python {sys.version.split()[0]}")
    try:
        if options.device == "cuda":
            say(torch.cuda.get_device_name(), "cuDNN", torch.backends.cudnn.version())
        work(options)
    except Exception as e:
        say("stopped by", first_line(e))
    finally:
        summary()
        say(f"{time.perf_counter() - START:.0f} s in all")


if __name__ == "__main__":
    main()
