"""Numbers by formula, which the scripts beside this one and the tests make alike."""

import math

import torch


def filled(shape, offset, scale, shift):
    """A tensor, rounded to float32, which SeededWeights makes too."""
    i = torch.arange(math.prod(shape), dtype=torch.int64)
    u = ((i * 1103515245 + offset) % 2**31).double() / 2**31
    return (shift + scale * (2 * u - 1)).float().reshape(shape)


def spread(name, tensor):
    """How far a parameter's values lie from which number, as SeededWeights.Spread."""
    if tensor.dim() > 1:
        return math.sqrt(4.5 / math.prod(tensor.shape[1:])), 0.0
    if name.endswith("running_mean"):
        return 0.1, 0.0
    if name.endswith("running_var"):
        return 0.3, 1.0
    return (0.2, 1.0) if name.endswith("weight") else (0.05, 0.0)


def fill(net):
    """Fills a net's parameters by their place in the state dict."""
    for n, (name, tensor) in enumerate(net.state_dict().items()):
        if not name.endswith("num_batches_tracked"):
            tensor.copy_(filled(tensor.shape, 829348951 * (n + 1) % 2**31, *spread(name, tensor)))
