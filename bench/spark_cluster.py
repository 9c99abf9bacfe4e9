#!/usr/bin/env python3
"""Checks the module mobilenetv3-spark on a cluster: a master and two workers, processes on this host.

    bench/spark_cluster.py PHOTOS WEIGHTS [--images 10000] [--work DIR] [--only PART]

Run it with a Python that has pyspark, which is the cluster's Spark, or set SPARK_HOME. Parts:
  batch  speculation is eager and executors are killed with SIGKILL: no row is lost, none is there
         twice, and all are what 'predict' answers
  sweep  runs of 'train' on the cluster; an executor, the driver and a run are killed with SIGKILL:
         run again, it comes to what a sweep on this host does, and no process is left
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import spark

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    PORT = free.getsockname()[1]
MASTER = f"spark://127.0.0.1:{PORT}"


def spark_home():
    if "SPARK_HOME" in os.environ:
        return Path(os.environ["SPARK_HOME"])
    import pyspark

    return Path(pyspark.__file__).parent


@contextmanager
def cluster(work):
    """A master and two workers of one core each."""
    start = [str(spark_home() / "bin/spark-class")]
    package = "org.apache.spark.deploy"
    commands = [[f"{package}.master.Master", "--host", "127.0.0.1", "--port", str(PORT), "--webui-port", "0"]]
    for i in (1, 2):
        # Of two hosts by their names, for Spark does not speculate on the same host.
        options = ["--host", f"127.0.0.{i}", "--cores", "1", "--memory", "2g", "--work-dir", str(work / f"worker-{i}")]
        commands.append([f"{package}.worker.Worker", "--webui-port", "0", *options, MASTER])
    processes = []
    try:
        for command in commands:
            with open(work / f"{command[0].split('.')[-1]}.log", "a") as log:
                processes.append(subprocess.Popen(start + command, stdout=log, stderr=log))
        time.sleep(5)
        yield
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def running(*words):
    """Processes whose command line has all these words."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            line = (directory / "cmdline").read_text().split("\0")
        except OSError:
            continue
        if all(any(word in part for part in line) for word in words):
            found.append(int(directory.name))
    return found


def executors():
    return running("org.apache.spark.executor.CoarseGrainedExecutorBackend")


def kill(processes):
    """Kills one of them with SIGKILL; False if there is none."""
    if not processes:
        return False
    try:
        os.kill(random.choice(processes), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def conf(**settings):
    return [part for key, value in settings.items() for part in ("--conf", f"spark.{key.replace('_', '.')}={value}")]


def batch(args):
    images = spark.photos(args, args.images)
    out = args.work / "cluster"
    events = args.work / "events"
    for old in (out, events):
        shutil.rmtree(old, ignore_errors=True)
    events.mkdir()
    more = ["--master", MASTER, "--chunk", str(max(1, args.images // 10))]
    more += conf(executor_memory="1g", speculation="true")
    more += conf(speculation_interval="50ms", speculation_multiplier="1.0", speculation_quantile="0.1")
    more += conf(eventLog_enabled="true", eventLog_dir=events.as_uri(), eventLog_rolling_enabled="false", eventLog_compress="false")
    more += ["--conf", "spark.speculation.minTaskRuntime=10ms"]
    with cluster(args.work):
        process = subprocess.Popen(spark.batch(args, images, out, *more), stderr=subprocess.PIPE, text=True)
        kills = 0
        last = 0
        while process.poll() is None and kills < 3:
            time.sleep(0.05)
            written = list(out.glob("_batch/now/**/part-*"))
            if len(written) > 2 and time.time() - last > 6 and kill(executors()):
                kills, last = kills + 1, time.time()
        told = process.communicate()[1]
        if process.returncode:
            sys.exit(told)
    speculative = 0
    for line in next(events.iterdir()).read_text().splitlines():
        event = json.loads(line)
        if event["Event"] == "SparkListenerTaskStart":
            speculative += event["Task Info"]["Speculative"]
    print(f"batch: executors killed {kills} times, {speculative} speculative attempts")
    spark.as_predict("batch", args, images, out)


def classes(args):
    """Two classes of photographs, and a recipe whose rate is so high that it fails."""
    data = args.work / "classes-of-photos"
    if not data.exists():
        files = sorted(f for f in spark.photos(args, 1000).rglob("*.jpg") if f.stat().st_size > 1000)
        for i, file in enumerate(f for k, f in enumerate(files) if k % 100 != 99):
            folder = data / ("large" if file.stat().st_size > 30_000 else "small")
            folder.mkdir(parents=True, exist_ok=True)
            if i < 400:
                os.link(file, folder / file.name)
    (args.work / "wild.properties").write_text("epochs = 2\nlr = 1e30\n")
    return data


def sweep(args):
    data = classes(args)
    recipes = f"quick,{args.work / 'wild.properties'}"
    command = [spark.LAUNCHER, "sweep", "--recipe", recipes, "--seeds", "1-3", "--dataset", "folder"]
    command += ["--data", data, "--input-size", "32", "--width", "0.35", "--epochs", "6", "--batch-size", "32"]
    command += ["--save-every", "0.05"]
    command = [*map(str, command), "--out"]
    here, there = args.work / "sweep-here", args.work / "sweep-there"
    for old in (here, there):
        shutil.rmtree(old, ignore_errors=True)
    done = subprocess.run([*command, str(here)], capture_output=True, text=True)
    print(f"sweep: on this host: exit code {done.returncode}\n{done.stderr}{done.stdout}")
    kills = {"executor": 0, "run": 0, "driver": 0}
    random.seed(1)
    with cluster(args.work):
        for attempt in range(20):
            more = ["--master", MASTER, *conf(executor_memory="512m", speculation="true", speculation_quantile="0.1")]
            process = subprocess.Popen(
                [*command, str(there), *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            runs = lambda: running("SweepProcess", str(there))
            for victim in ("run", "executor", "run", "driver") if attempt < 3 else ():
                while process.poll() is None and not runs():
                    time.sleep(0.1)
                time.sleep(random.uniform(0.5, 5))
                if process.poll() is None:
                    found = {"run": runs, "executor": executors, "driver": lambda: [process.pid]}[victim]()
                    kills[victim] += kill(found)
            out, told = process.communicate()
            for _ in range(350):
                if not runs():
                    break
                time.sleep(0.1)
            else:
                sys.exit("LEFT: a run outlived its driver by 35 s")
            if process.returncode == done.returncode and "Signal" not in told and "It was stopped" not in told:
                break
    print(f"sweep: killed {kills}; at last exit code {process.returncode}\n{told}")
    for name in sorted(one.parent.name for one in here.glob("*/result.json")):
        for file in ("metrics.csv", "recipe.properties"):
            if (here / name / file).read_bytes() != (there / name / file).read_bytes():
                sys.exit(f"DIFFERENT: {name}/{file}")
        best = [next((one / name / "best").glob("*.params")).read_bytes() for one in (here, there)]
        if best[0] != best[1]:
            sys.exit(f"DIFFERENT: {name}/best")
        print(f"sweep: {name} is the same, byte by byte")


PARTS = (batch, sweep)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("weights")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "mobilenetv3-spark")
    parser.add_argument("--only", choices=[part.__name__ for part in PARTS])
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the cluster ends, too
    args.work.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        if args.only in (None, part.__name__):
            part(args)


if __name__ == "__main__":
    main()
