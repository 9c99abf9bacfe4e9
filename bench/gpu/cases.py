"""The cases of bench/gpu/speed.py: MODE-MODEL-SIZE-bBATCH-PRECISION."""

from report import OURS

BOTH, DEFAULT, GRAPHS = ("default", "reduce-overhead"), ("default",), ("reduce-overhead",)
CASES = {  # the most valuable first; with the modes of torch.compile that take part
    "train-large-32-b128-fp32": BOTH,
    "train-small-32-b128-fp32": BOTH,
    "train-large-32-b128-bf16": BOTH,
    "train-large-32-b128-tf32": BOTH,
    "train-small-32-b128-bf16": BOTH,
    "infer-large-224-b64-fp32": (),
    "infer-large-224-b64-bf16": GRAPHS,
    "train-large-224-b64-bf16": DEFAULT,
    "train-large-224-b64-tf32": (),
    "train-large-224-b64-fp32": (),
    "train-large-32-b1024-fp32": (),
    "train-small-32-b1024-fp32": (),
    "train-large-32-b1024-bf16": (),
    "train-small-32-b1024-bf16": (),
    "infer-small-224-b64-fp32": (),
    "infer-small-224-b64-bf16": (),
    "infer-large-224-b1-fp32": GRAPHS,
    "train-small-32-b128-tf32": BOTH,
    "train-large-32-b128-fp16": (),
}
EPOCHS = ("train-large-32-b128-fp32", "train-large-32-b128-bf16")
CLASSES = 10
NO_GRAPH, EPOCH = "ours, no graph", "ours, epoch of the training loop"


def case_of(name, options):
    """The CASE of speed.py's protocol, without "graph"."""
    mode, model, size, batch, precision = name.split("-")
    size, batch = int(size), int(batch[1:])
    if options.quick:
        size, batch = 32, 4
    return {"mode": mode, "model": model, "size": size, "batch": batch, "classes": CLASSES,
            "precision": precision, "device": "gpu0" if options.device == "gpu" else "cpu"}


def ours_in(name):
    """name of the contestant -> what its CASE has different"""
    ours = {OURS: {"graph": True}}
    if "-b128-" in name or "-b1-" in name:
        ours[NO_GRAPH] = {"graph": False}
    if name in EPOCHS:
        ours[EPOCH] = {"graph": True, "mode": "epoch"}
    return ours
