#!/usr/bin/env python3
"""Our net against PyTorch on a GPU: steps of training and of inference, all contestants turn by
turn in one run, on one GPU.

    python bench/gpu/speed.py --worker "COMMAND" --seconds 400 --out speed.md --json speed.json
    python bench/gpu/speed.py --list
    python bench/gpu/speed.py --device cpu --quick          # tiny, to try the program itself

PyTorch's contestants live in this process (contestants.py). Ours live in the worker, a process that
COMMAND starts and that is spoken to by JSON, one object a line on its stdin and stdout:

    {"prepare": CASE, "id": ID} -> {"ready": true, ...} or {"skip": REASON} or {"error": SENTENCE}
    {"run": STEPS, "id": ID}    -> {"ms": milliseconds per step, the GPU's work finished}
    {"close": ID}               -> {"closed": true}
    {"quit": true}              -> the process ends; so it should when stdin closes

CASE is {"mode": "train" | "infer" | "epoch", "model": "large" | "small", "size", "batch",
"classes", "precision": "fp32" | "tf32" | "bf16" | "fp16", "graph": true | false, "device": "gpu0" |
"cpu"}. fp32 has TF32 switched off. In mode epoch, STEPS are the batches of one epoch of the real
training loop over a data set in memory. A ready reply may hold "engine" (what computes, for the
header) and "parameters" (how many; a net with another number than torchvision's is refused). Lines
that are no JSON objects go to stderr. A contestant at which the process ends, or that gets no reply
within 60 s, is absent, and so are those beside it if it cannot be started anew (four times in all).

A training step is images and labels to the device from host memory, forward, cross entropy,
backward, Adam (rate 0.001), and the loss of the step before read; an inference step is forward of
images on the device (--infer-images host: that come from host memory) and the logits to the host.
Every turn ends with the GPU's work done. Each contestant is prepared, warmed up (10 steps, then as
many again and 0.3 s at least), and then has one turn of 0.15 s at least in each round, the order
rotating by one; figures are medians over the rounds, with the least and the most.

torch.compile takes part in the cases that --list shows it in. What it generates is made beforehand,
by one process a case side by side, and found in the cache by this one, which tunes and captures by
itself. Cases that do not fit into --seconds are listed as not run. --out and --json are written
after every case, so that a killed run keeps what it had. Needs torch, torchvision, Python 3.11.
"""

import argparse
import contextlib
import faulthandler
import gc
import json
import math
import signal
import statistics
import sys
import time
from functools import partial
from pathlib import Path

from cases import CASES, EPOCH, case_of, ours_in
from compiling import compile_beforehand, compile_only
from report import OURS, first_line, header, report, table, write
from worker import Absent, OurContestant, Worker

START = time.perf_counter()
EPOCH_STEPS = 390  # CIFAR-10 in batches of 128
USUAL = 15  # seconds that a case without torch.compile takes, at most
RESERVE = 20  # seconds that compiling leaves to the rest


def say(*words):
    print(*words, flush=True)


class TooLong(BaseException):
    """Not an Exception, lest the compiler take it for one of its own."""


@contextlib.contextmanager
def time_limit(seconds):
    """Ends the block with TooLong after so many seconds, as soon as Python gets to run."""

    def ring(*_):
        raise TooLong(f"it took more than {seconds:.0f} s")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(1, seconds), 5)  # again, should it be swallowed
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


# ---- the contestants of a case ----


class Turns:
    """One contestant of a case: its steps per turn, and the times of its turns."""

    def __init__(self, name, run, close):
        self.name, self.run, self.close = name, run, close
        self.steps, self.ms, self.note = 0, [], {}
        self.loss = lambda: None

    def warm_up(self, options):
        """The first steps compile and capture, and count for nothing."""
        steps = 1 if options.quick else 10
        self.run(steps)
        began, ms = time.perf_counter(), self.run(steps)
        while (left := options.warm_up - (time.perf_counter() - began)) > 0:
            ms = self.run(max(1, min(1000, math.ceil(left * 1000 / ms))))
        self.steps = max(1, math.ceil(options.turn * 1000 / ms))
        if self.name == EPOCH and not options.quick:
            self.steps = max(self.steps, EPOCH_STEPS)
        return self


def prepare_ours(name, differs, case, worker, parameters):
    ours = OurContestant(worker, {**case, **differs})
    theirs = ours.ready.get("parameters")
    if theirs is not None and theirs != parameters:
        ours.close()
        raise Absent(f"has {theirs} parameters, where torchvision's net has {parameters}")
    turns = Turns(name, ours.run, ours.close)
    turns.note = {key: value for key, value in ours.ready.items() if key != "ready"}
    return turns


def prepare_pytorch(name, case, options):
    from contestants import Contestant

    contestant = Contestant(case, name, options.infer_images)

    def run(steps):
        contestant.finish()
        began = time.perf_counter()
        for _ in range(steps):
            contestant.step()
        contestant.finish()
        return (time.perf_counter() - began) * 1000 / steps

    turns = Turns(name, run, lambda: None)
    turns.note = {"parameters": contestant.parameters}
    turns.loss = lambda: contestant.loss
    return turns


def parameters_of(case):
    from torchvision.models import mobilenet_v3_large, mobilenet_v3_small

    make = mobilenet_v3_large if case["model"] == "large" else mobilenet_v3_small
    return sum(p.numel() for p in make(num_classes=case["classes"]).parameters())


# ---- a case ----


class Comparison:
    def __init__(self, options, worker, budget):
        self.options, self.worker, self.budget = options, worker, budget

    def run(self, name):
        """{"name", "case", "results": [...], "absent": {contestant: reason}}"""
        from contestants import names, set_precision

        options, case = self.options, case_of(name, self.options)
        set_precision(case["precision"], options.cudnn_benchmark)
        self.worker.revive()
        self.absent = {}
        parameters = parameters_of(case)
        ways = {
            contestant: partial(prepare_ours, contestant, differs, case, self.worker, parameters)
            for contestant, differs in ours_in(name).items()
        }
        for contestant in names(case, compile_modes(name, options)):
            ways[contestant] = partial(prepare_pytorch, contestant, case, options)
        taking_part = self.prepare_all(ways)
        self.rounds(taking_part)
        results = [self.result(turns) for turns in taking_part if turns.ms]
        for turns in taking_part:
            turns.close()
        return {"name": name, "case": case, "results": results, "absent": self.absent}

    def prepare_all(self, ways):
        """Who can take part. One at whom the worker ends is left out; those that it held until then
        are prepared again."""
        waiting, prepared = list(ways), {}
        while waiting:
            contestant = waiting.pop(0)
            turns = self.attempt(contestant, partial(self.prepare, contestant, ways[contestant]))
            if turns:
                prepared[contestant] = turns
            elif contestant.startswith(OURS) and self.worker.revive():
                lost = [name for name in prepared if name.startswith(OURS)]
                waiting = lost + waiting
                for name in lost:
                    del prepared[name]
        return [prepared[name] for name in ways if name in prepared]

    def prepare(self, contestant, way):
        if contestant.startswith(OURS):
            turns = way()  # the worker has a time limit of its own
            try:
                return turns.warm_up(self.options)
            except Absent:
                turns.close()
                raise
        seconds = 90
        if "torch.compile" in contestant:
            seconds = min(self.options.compile_seconds, self.budget() - RESERVE)
            if seconds < RESERVE:
                raise Absent("too little time was left to compile")
        with time_limit(seconds):
            return way().warm_up(self.options)

    def attempt(self, contestant, work):
        """None if it fails, with the reason in absent."""
        try:
            return work()
        except Absent as e:
            reason = str(e)
        except (Exception, TooLong) as e:
            reason = first_line(e)
        self.absent[contestant] = reason
        say(f"  {contestant}: absent: {reason}")
        return None

    def rounds(self, taking_part):
        for r in range(self.options.rounds):
            shift = r % max(1, len(taking_part))
            for turns in taking_part[shift:] + taking_part[:shift]:
                if turns.name not in self.absent:
                    ms = self.attempt(turns.name, partial(turns.run, turns.steps))
                    if ms is not None:
                        turns.ms.append(ms)
            if self.budget() < 0:
                return

    def result(self, turns):
        loss = turns.loss()
        if loss is not None and not math.isfinite(loss):
            say(f"  {turns.name}: its loss is {loss}")
            loss = str(loss)
        return {**turns.note, "contestant": turns.name, "ms": turns.ms, "steps": turns.steps,
                "median": statistics.median(turns.ms), "loss": loss}


def free_memory(options):
    """PyTorch's; the worker frees its own at close."""
    import torch

    try:
        if options.compile:
            torch._dynamo.reset()
        gc.collect()
        if options.device == "gpu":
            torch.cuda.synchronize()
            torch.cuda.empty_cache()
    except Exception as e:
        say("  freeing memory:", first_line(e))


# ---- all of it ----


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", metavar="COMMAND", help="starts our side; none: PyTorch alone")
    parser.add_argument("--seconds", type=float, default=400, help="for everything")
    parser.add_argument("--cases", metavar="A,B", help="these only, in this order")
    parser.add_argument("--list", action="store_true", help="name the cases")
    parser.add_argument("--device", choices=["gpu", "cpu"], default="gpu")
    parser.add_argument("--quick", action="store_true", help="tiny batches, one short round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--turn", type=float, default=0.15, help="seconds of a turn at least")
    parser.add_argument("--warm-up", type=float, default=0.3, help="seconds at least")
    parser.add_argument("--reply-seconds", type=float, default=60, help="of the worker, at most")
    parser.add_argument("--infer-images", choices=["device", "host"], default="device")
    parser.add_argument("--cudnn-benchmark", action="store_true", help="for PyTorch's contestants")
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=None,
                        help="let torch.compile take part; without it, on a GPU and not --quick")
    parser.add_argument("--compile-cases", metavar="A,B", default=",".join(CASES),
                        help="of those that --list shows with torch.compile, these only")
    parser.add_argument("--compile-seconds", type=float, default=120,
                        help="beforehand for all, and then for each contestant, at most")
    parser.add_argument("--compile-only", metavar="CASE", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help="a Markdown file")
    parser.add_argument("--json", type=Path, help="a file for all figures")
    options = parser.parse_args()
    if options.compile is None:
        options.compile = options.device == "gpu" and not options.quick
    if options.quick:
        options.rounds, options.turn, options.warm_up = 1, 0.01, 0.01
    chosen = options.cases.split(",") if options.cases else list(CASES)
    unknown = [name for name in chosen if name not in CASES]
    if unknown:
        parser.error(f"there is no case '{unknown[0]}'; --list names them")
    return options, chosen


def compare_all(options, chosen, worker):
    budget = lambda: options.seconds - (time.perf_counter() - START)
    facts, outcomes, took = header(options), [], []
    if options.compile:
        compiled = [name for name in chosen if compile_modes(name, options)]
        compile_beforehand(compiled, options, min(options.compile_seconds, budget() / 3))
    not_run = {name: "the run ended before it" for name in chosen}
    comparison = Comparison(options, worker, budget)
    for name in chosen:
        if budget() < min(USUAL, statistics.mean(took) if took else 5):
            not_run[name] = f"{max(0, budget()):.0f} s were left"
            continue
        began = time.perf_counter()
        say(f"{name} ({budget():.0f} s left)")
        del not_run[name]
        outcomes.append(run_case(comparison, name, options))
        free_memory(options)
        took.append(time.perf_counter() - began)
        say("\n" + table(outcomes[-1]))
        for result in outcomes[-1]["results"]:
            if "engine" in result:
                facts["ours"] = result["engine"]
        save(options, facts, outcomes, not_run)
    save(options, facts, outcomes, not_run)
    say(report(facts, outcomes, not_run))


def compile_modes(name, options):
    return CASES[name] if options.compile and name in options.compile_cases.split(",") else ()


def save(options, facts, outcomes, not_run):
    everything = {"header": facts, "cases": outcomes, "not_run": not_run}
    write(options.out, report(facts, outcomes, not_run))
    write(options.json, json.dumps(everything, indent=1) + "\n")


def run_case(comparison, name, options):
    try:
        return comparison.run(name)
    except (Exception, TooLong) as e:
        say(f"  {name} failed: {first_line(e)}")
        return {"name": name, "case": case_of(name, options), "results": [],
                "absent": {"all": first_line(e)}}


def main():
    options, chosen = arguments()
    if options.list:
        for name in chosen:
            modes = ", ".join(CASES[name])
            say(name + (f"  (torch.compile: {modes})" if modes else ""))
        return
    if options.compile_only:
        compile_only(options.compile_only, options)
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    # Whatever hangs where Python cannot end it: the files have what was measured.
    faulthandler.dump_traceback_later(options.seconds + 120, exit=True)
    worker = Worker(options.worker, options.reply_seconds)
    try:
        compare_all(options, chosen, worker)
    finally:
        worker.quit()


if __name__ == "__main__":
    main()
