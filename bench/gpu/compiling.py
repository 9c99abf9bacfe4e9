"""torch.compile's work for bench/gpu/speed.py, done beforehand by processes side by side."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from cases import CASES, case_of

SPEED = Path(__file__).with_name("speed.py")


def compile_only(name, options):
    """In a process of its own: fills torch.compile's cache for one case."""
    import torch._inductor.config
    from contestants import Contestant, names, set_precision

    # Tuned beside other processes would be tuned badly: whoever is measured tunes for himself.
    torch._inductor.config.autotune_local_cache = False
    case = case_of(name, options)
    set_precision(case["precision"])
    for contestant in names(case, CASES[name]):
        if "torch.compile" in contestant:
            taking_part = Contestant(case, contestant)
            taking_part.step()
            taking_part.finish()


def compile_beforehand(chosen, options, seconds):
    """One process for each case with torch.compile, side by side; whatever is late is ended."""
    cores = len(os.sched_getaffinity(0))
    waiting = list(chosen)
    environment = {**os.environ, "TORCHINDUCTOR_COMPILE_THREADS": str(max(1, cores // 4))}
    end, running, done = time.perf_counter() + seconds, {}, []
    try:
        while (waiting or running) and time.perf_counter() < end:
            while waiting and len(running) < max(1, cores // 2):
                name = waiting.pop(0)
                command = [sys.executable, str(SPEED), "--compile-only", name,
                           "--device", options.device, *(["--quick"] if options.quick else [])]
                running[name] = subprocess.Popen(
                    command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL, process_group=0)
            for name, process in list(running.items()):
                if process.poll() is not None:
                    del running[name]
                    done.append(f"{name}{'' if process.returncode == 0 else ' (failed)'}")
            time.sleep(0.1)
    finally:
        for process in running.values():
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
    late = [*running, *waiting]
    print(f"torch.compile beforehand: {', '.join(done) or 'nothing'}"
          + (f"; not in {seconds:.0f} s: {', '.join(late)}" if late else ""), flush=True)
