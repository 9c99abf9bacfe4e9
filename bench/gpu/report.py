"""What bench/gpu/speed.py writes: tables in Markdown, and what they were measured on."""

import datetime
import os
import platform
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

OURS = "ours"


def first_line(e):
    return f"{type(e).__name__}: {(str(e).strip() or 'no message').splitlines()[0][:200]}"


def table(outcome):
    case, results = outcome["case"], outcome["results"]
    ours = next((r["median"] for r in results if r["contestant"] == OURS), None)
    lines = [
        f"### {case['mode']} {case['model']}, {case['size']}×{case['size']},"
        f" batch {case['batch']}, {case['precision']}",
        "",
        "| contestant | ms per step, median [min..max] | images/s | ours is … times as fast |",
        "|---|---|---|---|",
    ]
    for r in results:
        ratio = f"{r['median'] / ours:.2f}" if ours else "–"
        lines.append(
            f"| {r['contestant']} | {r['median']:.3f} [{min(r['ms']):.3f}..{max(r['ms']):.3f}]"
            f" | {case['batch'] * 1000 / r['median']:,.0f} | {ratio} |")
    if outcome["absent"]:
        lines.append("")
        lines += [f"Absent: {name}: {reason}" for name, reason in outcome["absent"].items()]
    return "\n".join(lines) + "\n"


def header(options):
    import torch
    import torchvision

    facts = {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "torch": torch.__version__, "torchvision": torchvision.__version__,
        "CUDA": torch.version.cuda, "cuDNN": None, "Python": platform.python_version(),
        "CPU": f"{cpu_name()}, {len(os.sched_getaffinity(0))} cores",
        "cudnn.benchmark": options.cudnn_benchmark, "inference images on": options.infer_images,
        "rounds": options.rounds, "turn": f"{options.turn} s at least",
        "warm-up": f"{options.warm_up} s at least", "command": shlex.join(sys.argv),
    }
    if options.device == "gpu":
        facts["GPU"] = torch.cuda.get_device_name(0)
        facts["driver"] = driver()
        facts["cuDNN"] = torch.backends.cudnn.version()
    return facts


def cpu_name():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((l.split(":", 1)[1].strip() for l in lines if l.startswith("model name")), "?")


def driver():
    try:
        done = subprocess.run(
            ["nvidia-smi", "--query-gpu=driver_version,clocks.max.sm", "--format=csv,noheader"],
            capture_output=True, text=True, timeout=20)
        return done.stdout.strip() or first_line(RuntimeError(done.stderr))
    except (OSError, subprocess.TimeoutExpired) as e:
        return first_line(e)


def report(facts, outcomes, not_run):
    lines = ["## Our net and PyTorch on a GPU", ""]
    lines += [f"- {key}: {value}" for key, value in facts.items() if value is not None]
    lines += ["", *(table(outcome) for outcome in outcomes)]
    if not_run:
        lines.append("Not run: " + "; ".join(f"{n}: {why}" for n, why in not_run.items()) + "\n")
    return "\n".join(lines)


def write(path, text):
    """Whole or not at all."""
    if path:
        with tempfile.NamedTemporaryFile("w", dir=path.resolve().parent, delete=False) as file:
            file.write(text)
        os.chmod(file.name, 0o644)
        os.replace(file.name, path)
