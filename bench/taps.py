#!/usr/bin/env python3
"""Dense convolutions of images of a few pixels, forward and backward: as PyTorch's convolution, and as
one matrix of all taps, as org.mobilenetv3.torchscript.AllTaps writes them (docs/benchmarks.md). Needs
PyTorch; run it alone on the machine.

    bench/venv/bin/python bench/taps.py
"""

import statistics
import time

import torch

BATCH = 148
LAYERS = [  # input and output channels, side of kernel and image, stride: those of the article's Large
    (112, 112, 5, 2, 1), (80, 112, 5, 2, 1), (80, 80, 3, 2, 1), (112, 160, 5, 2, 2), (40, 40, 5, 4, 1)]


def taps(k, n, out, stride):
    """For each output pixel the tap that each input pixel meets; k * k where there is none."""
    for oy in range(out):
        for ox in range(out):
            for iy in range(n):
                for ix in range(n):
                    y, x = iy - oy * stride + k // 2, ix - ox * stride + k // 2
                    yield y * k + x if 0 <= y < k and 0 <= x < k else k * k


def matrix(w, x, out, index):
    co, ci, k, _ = w.shape
    n = x.shape[2]
    by_tap = w.permute(2, 3, 0, 1).reshape(k * k, co * ci)
    if int(index.max()) == k * k:
        by_tap = torch.cat([by_tap, torch.zeros(1, co * ci)])
    blocks = by_tap.index_select(0, index).view(out * out, n * n, co, ci)
    weight = blocks.permute(0, 2, 1, 3).reshape(out * out * co, n * n * ci)
    y = torch.nn.functional.linear(x.permute(0, 2, 3, 1).reshape(-1, n * n * ci), weight)
    return y.view(-1, out, out, co).permute(0, 3, 1, 2)


def milliseconds(forward, w, x, gradient):
    start = time.perf_counter()
    torch.autograd.grad(forward(), [w, x], gradient)
    return (time.perf_counter() - start) * 1000


def main():
    torch.set_num_threads(2)
    for ci, co, k, n, stride in LAYERS:
        w = torch.randn(co, ci, k, k).requires_grad_(True)
        x = torch.randn(BATCH, ci, n, n).contiguous(memory_format=torch.channels_last)
        x.requires_grad_(True)
        out = (n - 1) // stride + 1
        index = torch.tensor(list(taps(k, n, out, stride)))
        ways = [lambda: torch.nn.functional.conv2d(x, w, None, stride, k // 2),
                lambda: matrix(w, x, out, index)]
        conv, product = (way() for way in ways)
        assert torch.allclose(conv, product, rtol=1e-4, atol=1e-3)
        gradient = torch.randn_like(conv)
        times = [[milliseconds(way, w, x, gradient) for way in ways] for _ in range(60)][10:]
        conv, product = (statistics.median(t) for t in zip(*times))
        print(f"{ci} to {co} channels, {k}x{k}, stride {stride}, {n}x{n} pixels: "
              f"convolution {conv:.2f} ms, matrix {product:.2f} ms")


if __name__ == "__main__":
    main()
