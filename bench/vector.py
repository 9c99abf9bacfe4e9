"""Speed of the vector engine against ONNX Runtime, OpenVINO and TorchScript on the same nets.

    ./mobilenetv3 --help                                  # in the repository's root: builds
    python3 -m venv peers && peers/bin/pip install numpy onnxruntime openvino
    peers/bin/python bench/vector.py                      # about 25 minutes
    peers/bin/python bench/vector.py --java /usr/lib/jvm/temurin-25-jdk-amd64/bin/java

Each contestant is a process of its own and has one turn in each round, the others asleep meanwhile;
medians over the rounds are printed as tables in Markdown, with the ratio to ONNX Runtime in Java and
to the fastest of the others (above 1: the vector engine is faster). Weights are random; all
contestants run what 'export' wrote of one package. The last table has one caller for each core, each
with one thread, as 'serve' computes; its milliseconds are those of one prediction of all callers. Then
follow the shares of the processor's own peak, which a loop of nothing but multiply-adds shows, by kind
of layer, beside the time of the engine's plain Java, and the time of a process with one prediction. Run
it alone on the machine.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASES = [(net, *case) for case in ((1, 224), (16, 224), (128, 32)) for net in ("mobilenet_v3_large", "mobilenet_v3_small")]


# --- contestants in Python ------------------------------------------------------------------------


def answer(name, steps):
    """As VectorSpeed: one step for each caller."""

    def turn(each):
        def work(step):
            for _ in range(each):
                step()

        start = time.perf_counter()
        callers = [threading.Thread(target=work, args=(step,)) for step in steps[1:]]
        for caller in callers:
            caller.start()
        work(steps[0])
        for caller in callers:
            caller.join()
        return (time.perf_counter() - start) * 1000 / each / len(steps)

    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # what libraries print must not come between the answers
        end = time.time() + 2
        while time.time() < end:
            turn(3)
        print(name, file=answers, flush=True)
        for line in sys.stdin:
            print(turn(int(line)), file=answers, flush=True)


def contestant(engine, file, batch, size, threads, callers):
    import numpy as np

    x = np.random.default_rng(1).standard_normal((batch, 3, size, size), dtype=np.float32)
    if engine == "onnxruntime":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        answer(f"ONNX Runtime {onnxruntime.__version__}, Python", [lambda: session.run(None, {"input": x})] * callers)
    else:
        import openvino

        core = openvino.Core()
        model = core.read_model(file)
        model.reshape([batch, 3, size, size])
        settings = {"INFERENCE_NUM_THREADS": threads * callers, "NUM_STREAMS": callers, "INFERENCE_PRECISION_HINT": "f32"}
        compiled = core.compile_model(model, "CPU", settings)

        def step():
            request = compiled.create_infer_request()
            return lambda: request.infer({0: x})

        answer(f"OpenVINO {openvino.__version__.split('-')[0]}", [step() for _ in range(callers)])


# --- the contest ----------------------------------------------------------------------------------


class Contestant:
    def __init__(self, command):
        self.process = subprocess.Popen(
            list(map(str, command)), cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.name = self.line()
        self.steps, self.times = 1, []

    def line(self):
        line = self.process.stdout.readline().strip()
        if not line:
            sys.exit(f"{self.process.args} ended before it answered.")
        return line

    def turn(self, seconds):
        self.process.stdin.write(f"{self.steps}\n")
        self.process.stdin.flush()
        milliseconds = float(self.line())
        self.steps = max(1, round(seconds * 1000 / milliseconds))
        return milliseconds

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def classpath():
    modules = [ROOT / f"mobilenetv3-{module}/target/classes" for module in ("vector", "model")]
    return ":".join(map(str, modules)) + ":" + (ROOT / "mobilenetv3-serve/target/classpath").read_text().strip()


def java(options, *args):
    pages = [] if options.small_pages else ["-XX:+UseTransparentHugePages"]
    return [options.java, *pages, "-Xmx2g", "--add-modules", "jdk.incubator.vector", "-cp", classpath(), *args]


def contest(options, folder, net, batch, size, threads, callers):
    speed = ROOT / "bench/VectorSpeed.java"
    rest = [batch, size, threads, callers]
    commands = [java(options, speed, engine, net, folder, *rest) for engine in ("vector", "onnxruntime", "torchscript")]
    commands += [[sys.executable, __file__, "--as", engine, "--file", f"{folder}/{net}.onnx", *rest]
                 for engine in ("onnxruntime", "openvino")]
    others = []
    for command in commands:
        others.append(Contestant(command))
    for one in others:
        one.turn(options.seconds)
        one.turn(options.seconds)
    for _ in range(options.rounds):
        for one in others:
            one.times.append(one.turn(options.seconds))
    for one in others:
        one.close()
    medians = [statistics.median(one.times) for one in others]
    return [one.name for one in others], medians


def table(options, folder, cases, threads, callers):
    names = None
    for net, batch, size in cases:
        those, medians = contest(options, folder, net, batch, size, threads, callers)
        if names is None:
            names = those
            print(f"\n| net, batch, size | {' | '.join(names)} | to ONNX Runtime in Java | to the best |")
            print("|---|" + "---:|" * (len(names) + 2))
        ours = medians[0]
        cells = " | ".join(f"{m:.2f} ms" if m < 10 else f"{m:.1f} ms" for m in medians)
        print(f"| {net}, {batch}, {size}×{size} | {cells} | {medians[1] / ours:.2f} | {min(medians[1:]) / ours:.2f} |",
              flush=True)


def compiled(options, folder, source):
    """The class path with a program of bench/, which would otherwise be compiled at each start."""
    classes = Path(folder) / "classes"
    compiler = Path(os.path.realpath(shutil.which(options.java))).parent / "javac"
    subprocess.run([compiler, "-nowarn", "--add-modules", "jdk.incubator.vector", "-cp", classpath(), "-d", classes,
                    ROOT / "bench" / source], check=True, stderr=subprocess.DEVNULL)
    return f"{classes}:{classpath()}"


def shares(options, folder):
    path = compiled(options, folder, "LayerShares.java")
    command = java(options, "org.mobilenetv3.vector.LayerShares", folder, "mobilenet_v3_large", "mobilenet_v3_small")
    command[command.index("-cp") + 1] = path
    subprocess.run(list(map(str, command)), check=True, stderr=subprocess.DEVNULL)


def start(options, folder):
    path = compiled(options, folder, "FirstPrediction.java")
    seconds, processor, memory = [], [], []
    for _ in range(options.rounds):
        begin = time.perf_counter()
        process = subprocess.Popen([options.java, "-XX:+UseSerialGC", "-cp", path, "FirstPrediction",
                                    f"{folder}/mobilenet_v3_large"], stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - begin)
        processor.append(usage.ru_utime + usage.ru_stime)
        memory.append(usage.ru_maxrss / 1024)
    print(f"\nFrom the start of a process to its end behind the first prediction of Large, medians of {options.rounds}: "
          f"{statistics.median(seconds):.2f} s, {statistics.median(processor):.2f} s of processor time, "
          f"at most {max(memory):.0f} MB resident")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--java", default="java")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.5, help="of one turn")
    parser.add_argument("--only", help="cases whose name contains this")
    parser.add_argument("--parts", default="threads callers shares start", help="what is measured")
    parser.add_argument("--small-pages", action="store_true", help="without huge pages")
    parser.add_argument("--as", dest="engine", help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        contestant(options.engine, options.file, *options.rest)
        return
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        for net in ("mobilenet_v3_large", "mobilenet_v3_small"):
            subprocess.run(list(map(str, java(options, ROOT / "bench/VectorSpeed.java", "make", net, folder))),
                           check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        cases = [c for c in CASES if not options.only or options.only in f"{c[0]} {c[1]} {c[2]}"]
        print(f"{platform.processor() or platform.machine()}, {cores} cores, {options.rounds} rounds of {options.seconds} s")
        if "threads" in options.parts:
            for threads in sorted({1, cores}):
                print(f"\n{threads} thread{'s' * (threads > 1)}:")
                table(options, folder, cases, threads, 1)
        if "callers" in options.parts:
            print(f"\n{cores} callers with a thread each:")
            table(options, folder, [c for c in cases if c[1] == 1], 1, cores)
        if "shares" in options.parts:
            shares(options, folder)
        if "start" in options.parts:
            start(options, folder)


if __name__ == "__main__":
    main()
