#!/usr/bin/env python3
"""What `./mobilenetv3 serve` bears, as one Markdown table (docs/benchmarks.md). Linux; Python's
standard library only; run it alone on the machine.

    bench/serve.py                       everything: about half an hour
    bench/serve.py load cold             these parts: load hostile reload stop cold degrade
    bench/serve.py --quick               short, to try it

It makes two untrained nets (the paper's Small, 1000 classes, 224 pixels), an elastic package of
Large with three smaller nets, and drawn JPEG images in a temporary folder, and runs bench/ServeLoad.java and bench/hostile against the server from
processes of their own. Where speed is held against speed, the two sides take turns, and medians
over the rounds are given. Exit status 1 if a limit is not kept."""

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench"
PARTS = ("load", "hostile", "reload", "stop", "cold", "degrade")
MB = 1 << 20
# What the launcher gives to serve.
JAVA = ["java", "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED", "-XX:+UseParallelGC",
        "-XX:MaxNewSize=512m", "-XX:+UseTransparentHugePages"]
CLIENT = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss512k"]


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=" ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="short times, one round")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--work", nargs="+", default=["uint8", "fp32", "jpeg"],
                        choices=["uint8", "fp32", "jpeg"], help="bodies of the load")
    parser.add_argument("--rounds", type=int, default=5, help="of load, and of hostile")
    parser.add_argument("--seconds", type=float, default=10, help="of each load")
    parser.add_argument("--overload-seconds", type=float, default=60)
    parser.add_argument("--degrade-seconds", type=float, default=30)
    parser.add_argument("--degrade-times", type=float, default=2,
                        help="how many times the load that the largest net bears")
    parser.add_argument("--hostile-seconds", type=float, default=30)
    parser.add_argument("--reloads", type=int, default=6)
    parser.add_argument("--stops", type=int, default=6)
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--serve", default="", help="further options of serve, as one string")
    parser.add_argument("--json", type=Path, help="a file for all figures")
    if parser.parse_known_args()[0].quick:
        parser.set_defaults(rounds=1, seconds=2, overload_seconds=4, degrade_seconds=5, hostile_seconds=10, reloads=2,
                            stops=2, starts=1)
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"There is no part {', '.join(unknown)}; there are {', '.join(PARTS)}.")
    return asked


class Table:
    """The rows, told as they come, and the figures behind them."""

    def __init__(self):
        self.rows, self.figures, self.kept = [], {}, True

    def row(self, what, seen, limit="", kept=None):
        verdict = "" if kept is None else "pass" if kept else "**FAIL**"
        self.kept &= kept is not False
        self.rows.append(f"| {what} | {seen} | {limit} | {verdict} |")
        print(self.rows[-1], file=sys.stderr, flush=True)

    def __str__(self):
        return "\n".join(["| what | seen | limit | |", "|---|---|---|---|", *self.rows])


class Setting:
    """Nets, images, compiled clients: everything in one temporary folder."""

    def __init__(self, folder, asked):
        self.folder, self.asked = folder, asked
        launcher("--help")  # builds what is stale
        modules = [ROOT / f"mobilenetv3-{m}/target" for m in ("model", "train", "serve")]
        jars = [(m / "classpath").read_text() for m in modules[1:]]
        self.classpath = ":".join([str(m / "classes") for m in modules] + jars)
        self.clients = folder / "clients"
        java("javac", "-d", self.clients, BENCH / "ServeLoad.java",
             *BENCH.glob("hostile/*.java"))
        java("java", "-cp", self.classpath, BENCH / "ServeFiles.java", folder)
        self.packages = [folder / "small-1", folder / "small-2"]
        self.onnx = [p.with_suffix(".onnx") for p in self.packages]
        for package, onnx in zip(self.packages, self.onnx):
            launcher("export", "--weights", package, "--out", onnx)
        self.jpegs = sorted(folder.glob("image-*.jpg"))

    def load(self, server, work, *options):
        """A load in the background; finished() gives its figures."""
        path = "/predict" if work == "jpeg" else "/v2/models/net/infer"
        bodies = [x for jpeg in self.jpegs for x in ("--body", jpeg)]
        body = bodies if work == "jpeg" else ["--tensor", work.upper()]
        command = [*CLIENT, "-cp", self.clients, "ServeLoad", server.url + path, *body, "--json",
                   *options]
        return process(command, self.folder / "load.log")

    def closed(self, server, work, seconds, *options):
        load = self.load(server, work, "--seconds", seconds, "--concurrency",
                         self.asked.concurrency, *options)
        return finished(load)

    @contextlib.contextmanager
    def server(self, model, *options):
        server = Server(self, model, [*options, *self.asked.serve.split()])
        try:
            server.wait_until_ready()
            yield server
        finally:
            server.end()


def process(command, log):
    with open(log, "a", encoding="utf-8") as errors:
        return subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stderr=errors,
                                stdout=subprocess.PIPE, text=True)


def finished(running):
    """The figures on the last line of a process's output."""
    out = running.communicate()[0].strip().splitlines()
    if not out:
        raise SystemExit(f"{' '.join(map(str, running.args))[:300]} said nothing; see its log.")
    return json.loads(out[-1])


def launcher(*options):
    java(ROOT / "mobilenetv3", *options)


def java(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stdout + done.stderr
        raise SystemExit(f"{' '.join(map(str, command))[-200:]} failed:\n{said}")


class Server:
    """`./mobilenetv3 serve`, with what /proc tells of it."""

    def __init__(self, setting, model, options, direct=False):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = setting.folder / f"serve-{self.port}.log"
        start = [ROOT / "mobilenetv3"]
        if direct:  # as the launcher does, without its look at the sources
            start = [*JAVA, *os.environ.get("JAVA_OPTS", "").split(), "-cp", setting.classpath,
                     "org.mobilenetv3.cli.Main"]
        command = [*start, "serve", "--weights", f"net={model}", "--port", self.port, "--threads",
                   setting.asked.threads, *options]
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log)

    def get(self, path, body=None):
        """Status and text; status 0 where nobody listens."""
        try:
            with urllib.request.urlopen(self.url + path, data=body, timeout=30) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def wait_until_ready(self):
        self.wait_for(lambda: self.get("/v2/health/ready")[0] == 200, 120, "ready")

    def wait_for(self, true, seconds, what):
        """Seconds until it was true."""
        start = time.monotonic()
        while not true():
            if self.process.poll() is not None or time.monotonic() - start > seconds:
                raise SystemExit(f"The server is not {what}:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.02)
        return time.monotonic() - start

    def versions(self):
        status, text = self.get("/v2/models/net")
        return json.loads(text)["versions"] if status == 200 else []

    def memory(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024 / MB

    def processor_seconds(self):
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Memory:
    """The server's resident size while something runs."""

    def __init__(self, server):
        self.server, self.samples, self.over = server, [], threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self.sample)
        self.thread.start()
        return self

    def sample(self):
        while not self.over.wait(0.25):
            self.samples.append(self.server.memory())

    def __exit__(self, *ignored):
        self.over.set()
        self.thread.join()

    def thirds(self):
        third = max(1, len(self.samples) // 3)
        return [statistics.median(self.samples[i * third:(i + 1) * third] or self.samples)
                for i in range(3)]


def median(numbers):
    return statistics.median(list(numbers))


def tell(counts):
    return ", ".join(f"{n:,} × {what}" for what, n in counts.items()) or "nothing"


def load(setting, table):
    asked = setting.asked
    figures = table.figures["load"] = {"engine": [], **{w: [] for w in asked.work}}
    engine = process([*JAVA, "-cp", setting.classpath, BENCH / "EngineSpeed.java", setting.onnx[0],
                      asked.threads, max(0.3, asked.seconds / 8), *setting.jpegs],
                     setting.folder / "engine.log")
    engine.stdout.readline()
    with setting.server(setting.onnx[0]) as server:
        for work in asked.work:
            setting.closed(server, work, asked.seconds)  # warms server and compiler up
        for _ in range(asked.rounds):
            engine.stdin.write("\n")
            engine.stdin.flush()
            figures["engine"].append(json.loads(engine.stdout.readline()))
            for work in asked.work:
                figures[work].append(setting.closed(server, work, asked.seconds))
        engine.communicate()
        speeds = {work: throughput(work, figures, table, asked) for work in asked.work}
        for work in asked.work:
            if work != "fp32":  # 0.6 MB each: the client alone would fill a core
                overload(setting, server, work, speeds[work], table)


def throughput(work, figures, table, asked):
    engine = figures["engine"]
    if work == "jpeg":
        name = f"decoding and batches of 4 on each of {asked.threads} threads"
        ours = [turn["jpeg"] for turn in engine]
    else:
        best = max(engine[0]["batches"], key=lambda b: median(t["batches"][b] for t in engine))
        name = f"batches of {best}"
        ours = [turn["batches"][best] for turn in engine]
    rounds = figures[work]
    ratio = median(r["per_second"] / o for r, o in zip(rounds, ours))
    speed = median(r["per_second"] for r in rounds)
    at = f"{work}, {asked.concurrency} connections"
    table.row(f"{at}: throughput ÷ in-process ({name})",
              f"{ratio:.2f} ({speed:.1f} ÷ {median(ours):.1f} images/s)", "≥ 0.85",
              ratio >= 0.85)
    share = median(r["client_cpu_s"] / r["seconds"] / asked.threads for r in rounds)
    table.row(f"{at}: the same, of what the client leaves",
              f"{ratio / (1 - share):.2f} (it takes {share:.0%} of the processors)")
    tail = median(r["p99_ms"] / max(r["p50_ms"], 1e-9) for r in rounds)
    p50, p99 = (median(r[p] for r in rounds) for p in ("p50_ms", "p99_ms"))
    table.row(f"{at}: p99 ÷ p50", f"{tail:.2f} ({p99:.1f} ÷ {p50:.1f} ms)", "≤ 3", tail <= 3)
    bad = [r["counts"] for r in rounds if set(r["counts"]) != {"200"}]
    table.row(f"{at}: answers", tell(bad[0]) if bad else "200 only, each image's own", "200 only",
              not bad)
    return speed


def overload(setting, server, work, speed, table):
    seconds = setting.asked.overload_seconds
    with Memory(server) as memory:
        seen = finished(setting.load(server, work, "--rate", 2 * speed, "--seconds", seconds,
                                     "--concurrency", 1000, "--probe"))
    table.figures.setdefault("overload", {})[work] = {**seen, "memory": memory.samples}
    at = f"{work}, {seconds:g} s at twice that rate, open loop"
    offered = seen["sent"] / seen["seconds"]
    table.row(f"{at}: offered", f"{offered:.1f} of {2 * speed:.1f} requests/s; the client took "
              f"{seen['client_cpu_s']:.1f} s of processor time",
              "≥ 95 % with 1000 connections", offered >= 0.95 * 2 * speed)
    table.row(f"{at}: answers", tell(seen["counts"]), "200, 429, 503",
              set(seen["counts"]) <= {"200", "429", "503"})
    table.row(f"{at}: answered with 200",
              f"{seen['per_second']:.1f} images/s, p99 {seen['p99_ms']:.0f} ms")
    first, middle, last = memory.thirds()
    table.row(f"{at}: memory (VmRSS), medians of thirds",
              f"{first:.0f}, {middle:.0f}, {last:.0f} MB", "last ≤ 1.05 × middle",
              last <= 1.05 * middle)
    table.row(f"{at}: fast again after", f"{seen['recovered_ms']:.0f} ms (a request alone takes "
              f"{seen['probe_ms']:.1f} ms)", "≤ 1000 ms", seen["recovered_ms"] <= 1000)


def hostile(setting, table):
    asked, rounds = setting.asked, []
    with setting.server(setting.onnx[0]) as server:
        setting.closed(server, "jpeg", asked.seconds)
        before = server.open_files(), server.threads(), server.memory()
        for _ in range(min(3, asked.rounds)):
            quiet = setting.closed(server, "jpeg", asked.hostile_seconds)
            enemy = process([*CLIENT, "-cp", setting.clients, "hostile.ServeHostile", server.url,
                             "net", "--seconds", asked.hostile_seconds, "--json", "--turn"],
                            setting.folder / "hostile.log")
            enemy.stdout.readline()  # its requests are made
            friendly = setting.load(server, "jpeg", "--seconds", asked.hostile_seconds,
                                    "--concurrency", asked.concurrency)
            time.sleep(1)  # the load's own warm-up
            enemy.stdin.write("\n")
            enemy.stdin.flush()
            beside = finished(friendly)
            rounds.append({"quiet": quiet, "beside": beside, "hostile": finished(enemy)})
            if server.process.poll() is not None:
                break
        table.figures["hostile"] = rounds
        hostile_rows(setting, server, rounds, before, table)


def hostile_rows(setting, server, rounds, before, table):
    alive = server.process.poll() is None
    table.row("hostile requests: the server lives", "yes" if alive else "no", "yes", alive)
    last = rounds[-1]["hostile"]
    wrong = sum(r["hostile"]["wrong"] for r in rounds)
    cases = sum(r["hostile"]["cases"] for r in rounds)
    names = "; ".join(last["names"][:5]).replace("|", "/")
    more = f", such as: {names}" if wrong else ""
    table.row("hostile requests: status, JSON, nothing of the inside, in time",
              f"{cases - wrong:,} of {cases:,} right{more}", "all", wrong == 0)
    ratio = median(r["beside"]["per_second"] / r["quiet"]["per_second"] for r in rounds)
    speed = [median(r[k]["per_second"] for r in rounds) for k in ("beside", "quiet")]
    table.row("the load beside them: throughput ÷ without them",
              f"{ratio:.2f} ({speed[0]:.1f} ÷ {speed[1]:.1f} images/s)", "≥ 0.8", ratio >= 0.8)
    bad = [r["beside"]["counts"] for r in rounds if set(r["beside"]["counts"]) != {"200"}]
    table.row("the load beside them: answers", tell(bad[0]) if bad else "200 only", "200 only",
              not bad)
    if alive:
        time.sleep(3)
        after = server.open_files(), server.threads(), server.memory()
        table.row("open files, threads, memory before and after them",
                  f"{before[0]}, {before[1]}, {before[2]:.0f} MB → "
                  f"{after[0]}, {after[1]}, {after[2]:.0f} MB", "at most 5 files more",
                  after[0] <= before[0] + 5)
    lines = server.log.read_text(errors="replace").splitlines()
    failures = [x for x in lines if re.search(r"Exception|Error\b|failed", x)]
    example = f", such as: {failures[0][:100]}" if failures else ""
    table.row("failures in the server's log", f"{len(failures)}{example}", "0", not failures)


def reload(setting, table):
    for kind, sources in (("ONNX file", setting.onnx), ("package", setting.packages)):
        served = setting.folder / ("served.onnx" if kind == "ONNX file" else "served")
        put(sources[0], served)
        stop = setting.folder / f"stop-{served.name}"
        took = []
        with setting.server(served, "--reload-ms", "200") as server:
            running = setting.load(server, "uint8", "--warmup", 0, "--seconds", 600, "--until",
                                   stop, "--concurrency", setting.asked.concurrency)
            time.sleep(2)
            for i in range(1, setting.asked.reloads + 1):
                old = server.versions()
                put(sources[i % 2], served)
                took.append(server.wait_for(
                    lambda: server.versions() not in ([], old), 120,
                    "serving what replaced its net"))
                time.sleep(0.5)
            stop.touch()
            seen = finished(running)
        table.figures.setdefault("reload", {})[kind] = {**seen, "took": took}
        what = f"{kind} replaced {len(took)} times under load"
        table.row(f"{what}: answers", tell(seen["counts"]), "200 only",
                  set(seen["counts"]) == {"200"})
        table.row(f"{what}: versions in answers", tell(seen["versions"]), "2",
                  len(seen["versions"]) == 2)
        table.row(f"{what}: until the new one answers", f"median {median(took):.2f} s, at most "
                  f"{max(took):.2f} s")


def put(source, target):
    """Copies beside the target and renames, as every writer should."""
    beside = target.with_name(target.name + ".new")
    if source.is_file():
        shutil.copyfile(source, beside)
        os.replace(beside, target)
        return
    shutil.copytree(source, beside)
    old = target.with_name(target.name + ".old")
    if target.exists():
        target.rename(old)
    beside.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def stop(setting, table):
    runs = []
    for i in range(setting.asked.stops):
        work = ("uint8", "jpeg")[i % 2]
        with setting.server(setting.onnx[0]) as server:
            running = setting.load(server, work, "--warmup", 0, "--seconds", 60, "--leave",
                                   "--concurrency", setting.asked.concurrency)
            time.sleep(3)
            start = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            try:
                code = server.process.wait(90)
            except subprocess.TimeoutExpired:
                code = "none in 90 s"
            took = time.monotonic() - start
            runs.append({**finished(running), "code": code, "took": took, "work": work})
    table.figures["stop"] = runs
    counts = {}
    for run in runs:
        for what, count in run["counts"].items():
            counts[what] = counts.get(what, 0) + count
    errors = [e for run in runs for e in run["errors"] if not e.startswith("dropped when")]
    example = f" ({errors[0]})" if errors else ""
    what = f"SIGTERM under load, {len(runs)} times"
    # New connections that nobody accepted before the listener closed are told apart.
    table.row(f"{what}: answers", tell(counts) + example, "200, 503, refused; 0 dropped",
              set(counts) <= {"200", "503", "refused", "dropped when new"} and "200" in counts)
    codes = sorted({str(run["code"]) for run in runs})
    table.row(f"{what}: exit code", ", ".join(codes), "0", codes == ["0"])
    took = [run["took"] for run in runs]
    table.row(f"{what}: time to exit", f"median {median(took):.2f} s, at most {max(took):.2f} s",
              "≤ 30 s (--drain-seconds)", max(took) <= 30)


def cold(setting, table):
    kinds = {
        "java -version": None,
        "ONNX file": (setting.onnx[0],),
        "package, ONNX Runtime": (setting.packages[0],),
        "package, libtorch": (setting.packages[0], "--engine", "torch"),
    }
    figures = table.figures["cold"] = {kind: [] for kind in kinds}
    for _ in range(setting.asked.starts):
        for kind, what in kinds.items():
            figures[kind].append(bare() if what is None else first_answer(setting, *what))
    for kind, seen in figures.items():
        wall, processor = (median(run[i] for run in seen) for i in (0, 1))
        until = "" if kinds[kind] is None else " until the first answer of /predict"
        table.row(f"cold start, {kind}{until}",
                  f"{wall:.2f} s, {processor:.2f} s of processor time (median of {len(seen)})")


def degrade(setting, table):
    """Twice the rate that Large bears (or --degrade-times it), without and with cheaper nets to step down to."""
    asked = setting.asked
    for work in asked.work:
        if work == "fp32":
            continue
        seen = {}
        for options in ((), ("--degrade",)):
            name = " ".join(options) or "without --degrade"
            with setting.server(setting.folder / "elastic", *options) as server:
                setting.closed(server, work, asked.seconds)  # warms server and compiler up
                if not options:
                    speed = setting.closed(server, work, asked.seconds)["per_second"]
                    table.row(f"{work}, Large alone, {asked.concurrency} connections",
                              f"{speed:.1f} images/s")
                else:
                    server.wait_for(lambda: level(server) == 0, 60, "calm")
                run = seen[name] = finished(setting.load(
                    server, work, "--rate", asked.degrade_times * speed, "--seconds",
                    asked.degrade_seconds,
                    "--concurrency", 1000))
                calm = server.wait_for(lambda: level(server) == 0, 60, "calm") if options else None
            at = (f"{work}, {asked.degrade_seconds:g} s at {asked.degrade_times:g} times that "
                  f"rate, {name}")
            table.row(f"{at}: answers", tell(run["counts"]), "200 only" if options else "",
                      set(run["counts"]) == {"200"} if options else None)
            table.row(f"{at}: answered with 200", f"{run['per_second']:.1f} images/s, p50 "
                      f"{run['p50_ms']:.0f} ms, p99 {run['p99_ms']:.0f} ms")
            if options:
                shares = {v.split()[-1]: n for v, n in run["versions"].items()}
                table.row(f"{at}: answers by net", ", ".join(
                    f"{net} {n / sum(shares.values()):.1%}" for net, n in shares.items()))
                table.row(f"{at}: the largest net again after the load", f"{calm:.1f} s")
        table.figures.setdefault("degrade", {})[work] = seen


def level(server):
    """Which net computes the next batch, 0 for the largest."""
    text = server.get("/metrics")[1]
    return float(re.search(r"mobilenetv3_degrade_level\{.*\} (.*)", text)[1])


def bare():
    start = time.monotonic()
    child = subprocess.Popen(["java", "-version"], stderr=subprocess.DEVNULL)
    usage = os.wait4(child.pid, 0)[2]
    child.returncode = 0  # waited for already
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime


def first_answer(setting, model, *options):
    image = setting.jpegs[0].read_bytes()
    start = time.monotonic()
    server = Server(setting, model, options, direct=True)
    try:
        # Not by asking: its answers before it is ready would count as work.
        server.wait_for(lambda: "Ready at" in server.log.read_text(), 120, "ready")
        assert server.get("/predict", image)[0] == 200
        return time.monotonic() - start, server.processor_seconds()
    finally:
        server.end()


def machine(asked):
    names = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    version = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True)
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"],
                            capture_output=True, text=True, check=False).stdout.strip()
    return (f"{time.strftime('%Y-%m-%d')}, {commit}: {names[0] if names else platform.machine()}, "
            f"{len(os.sched_getaffinity(0))} cores, {asked.threads} threads; Linux "
            f"{platform.release()}; {version.stderr.splitlines()[0]}; "
            f"bench/serve.py {' '.join(sys.argv[1:])}").rstrip()


def main():
    asked = arguments()
    table = Table()
    with tempfile.TemporaryDirectory(prefix="serve-") as folder:
        setting = Setting(Path(folder), asked)
        for part in PARTS:
            if not asked.parts or part in asked.parts:
                globals()[part](setting, table)
    print(machine(asked), table, sep="\n\n")
    if asked.json:
        asked.json.write_text(json.dumps(table.figures, indent=1))
    return 0 if table.kept else 1


if __name__ == "__main__":
    sys.exit(main())
