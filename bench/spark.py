#!/usr/bin/env python3
"""Measures the module mobilenetv3-spark on files made of a few photographs (PhotoSet.java).

    bench/spark.py PHOTOS WEIGHTS [--images 10000] [--rounds 3] [--work DIR] [--only PART]

PHOTOS is a directory of photographs. Parts, all by default:
  bits    'batch' answers what 'predict' does, bit for bit; none is lost, none twice
  kill    'batch' is killed with SIGKILL at random, and resumed: the same rows
  speed   images/s with 1 and 2 cores against the same work without Spark, and the naive way
  growth  time per image and memory of 'batch' for a tenth of the images, all, and ten times as many
  memory  nets opened and memory over 50 partitions and three sessions, by three engines
  saved   a pipeline, loaded in another JVM and in PySpark (run this with a Python that has it)
  bad     what 'batch' says to input that it cannot use
"""

import argparse
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAUNCHER = ROOT / "mobilenetv3"
PACKAGES = (
    "java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util"
    " java.util.concurrent java.util.concurrent.atomic jdk.internal.ref sun.nio.ch sun.nio.cs"
    " sun.security.action sun.util.calendar"
).split()
SECONDS = re.compile(r"([\d,]+) of ([\d,]+) images, (\d+) images/s")


def photos(args, count):
    directory = args.work / f"photos-{count}"
    if not directory.exists():
        beside = args.work / f"making-{count}"
        shutil.rmtree(beside, ignore_errors=True)
        subprocess.run(
            ["java", ROOT / "bench/PhotoSet.java", args.photos, beside, str(count)], check=True
        )
        beside.rename(directory)
    return directory


def batch(args, images, out, *more, cores=None):
    command = [LAUNCHER, "batch", "--weights", args.weights, "--input", images, "--out", out]
    if cores:
        command = ["taskset", "-c", ",".join(map(str, range(cores)))] + command
    return [*map(str, command), "--format", "json", *more]


def run(command):
    """What it printed on standard error, its seconds, and its largest memory in MB."""
    begin = time.time()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    told = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)}\n{told}")
    return told, time.time() - begin, usage.ru_maxrss / 1024


def rows(out):
    found = {}
    for part in sorted(out.glob("*.json")):
        for line in part.read_text().splitlines():
            row = json.loads(line)
            if row["path"] in found:
                sys.exit(f"TWICE: {row['path']}")
            found[row["path"]] = row
    return found


def float32(value):
    return struct.pack("f", value)


def bits(args):
    images = photos(args, args.images)
    out = args.work / "bits"
    shutil.rmtree(out, ignore_errors=True)
    run(batch(args, images, out))
    as_predict("bits", args, images, out)


def as_predict(part, args, images, out):
    """Ends the program unless there is a row for each file, with what 'predict' answers."""
    answers = rows(out)
    files = sorted(str(f) for f in images.rglob("*") if f.is_file())
    if sorted(answers) != files:
        sys.exit("LOST: not every file has a row")
    wrong = errors = 0
    for begin in range(0, len(files), 1000):
        printed = subprocess.run(
            [LAUNCHER, "predict", "--json", "--weights", args.weights, *files[begin : begin + 1000]],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ).stdout
        for expected in json.loads(printed):
            row = answers[expected["file"]]
            if "error" in expected:
                errors += 1
                wrong += row.get("error") != expected["error"]
            else:
                top = [(k["label"], float32(k["probability"])) for k in row["topK"]]
                wanted = [
                    (p["className"], float32(p["probability"])) for p in expected["predictions"]
                ]
                best = (row["label"], float32(row["probability"]))
                wrong += top != wanted or best != wanted[0] or row.get("error") is not None
    print(f"{part}: {len(files)} files, {errors} errors, {wrong} answers differ from predict's")
    if wrong:
        sys.exit(1)


def kill(args):
    images = photos(args, args.images)
    whole = args.work / "whole"
    shutil.rmtree(whole, ignore_errors=True)
    chunk = ["--chunk", str(max(1, args.images // 12))]
    _, seconds, _ = run(batch(args, images, whole, *chunk))
    out = args.work / "killed"
    shutil.rmtree(out, ignore_errors=True)
    kills = 0
    random.seed(1)
    while True:
        process = subprocess.Popen(
            batch(args, images, out, *chunk), stderr=subprocess.DEVNULL
        )
        try:
            process.wait(timeout=random.uniform(0.1, 0.7) * seconds if kills < 5 else None)
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    same = process.returncode == 0 and rows(out) == rows(whole)
    print(f"kill: {kills} times, the rows are {'the same' if same else 'DIFFERENT'}")
    if not same:
        sys.exit(1)


def compiled(args, program, libtorch=False):
    """The class path of a program that is made of a file here, and of all that it needs."""
    modules = ("model", "vector", "spark") + (("train",) if libtorch else ())
    path = [str(ROOT / f"mobilenetv3-{module}/target/classes") for module in modules]
    path.append((ROOT / "mobilenetv3-spark/target/classpath").read_text())
    if libtorch:
        path.append((ROOT / "mobilenetv3-train/target/classpath").read_text())
    out = args.work / "classes"  # Spark's tasks do not find those of a program run as source
    javac = ["javac", "-proc:none", "-d", out, "-cp", ":".join(path), ROOT / "bench" / program]
    subprocess.run([*map(str, javac)], check=True)
    return ":".join([str(out), *path])


def java(path, *arguments, cores=None, heap="3g"):
    """Runs a program; what it says of itself is printed, what Spark says only if it fails."""
    done = subprocess.run(
        [
            *(("taskset", "-c", ",".join(map(str, range(cores)))) if cores else ()),
            *("java", f"-Xmx{heap}", "--enable-native-access=ALL-UNNAMED"),
            "-Dslf4j.internal.verbosity=ERROR",
            "-Dlog4j2.configurationFile=mobilenetv3-spark-log4j2.properties",
            "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED",
            *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in PACKAGES),
            *("-cp", path, *map(str, arguments)),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    return done.stderr


def speed(args):
    images = photos(args, args.images)
    path = compiled(args, "SparkSpeed.java")
    for cores in (1, 2):
        java(path, "SparkSpeed", args.weights, images, cores, args.rounds, cores=cores)


def linked(args, count):
    """Many names for a thousand files, which cost no room."""
    directory = args.work / f"linked-{count}"
    if not directory.exists():
        files = sorted(f for f in photos(args, 1000).rglob("*") if f.is_file())
        for i in range(count):
            folder = directory / f"{i // 1000:03}"
            folder.mkdir(parents=True, exist_ok=True)
            os.link(files[i % 1000], folder / f"photo {i:06}.jpg")
    return directory


def growth(args):
    counts = [args.images // 10, args.images, 10 * args.images]
    path = compiled(args, "SparkMemory.java")
    out = args.work / "growth"
    for old in args.work.glob("growth-*"):
        shutil.rmtree(old)
    images = [linked(args, count) for count in (counts[0], *counts)]  # the first warms up
    told = java(path, "org.mobilenetv3.spark.SparkMemory", "growth", args.weights, out, *images, heap="1g")
    for done, total, rate in SECONDS.findall(told):
        if done == total:
            print(f"growth: {total} images, {1000 / int(rate):.2f} ms for one")
    for directory in images:
        shutil.rmtree(directory, ignore_errors=True)


def memory(args):
    images = photos(args, args.images // 5)
    path = compiled(args, "SparkMemory.java", libtorch=True)
    files = {"auto": args.weights, "onnxruntime": args.work / "net.onnx", "torch": args.work / "net.pt"}
    for engine, file in files.items():
        if engine != "auto" and not file.exists():
            form = ("--format", "torchscript" if engine == "torch" else "onnx")
            run([LAUNCHER, "export", "--weights", args.weights, *form, "--out", file])
        java(path, "org.mobilenetv3.spark.SparkMemory", "partitions", file, images, engine, heap="1g")


LOADING = """
import sys
from pyspark.sql import SparkSession
from pyspark.ml import PipelineModel
import mobilenetv3_spark
pipeline, images, out = sys.argv[1:]
spark = SparkSession.builder.master("local[2]").getOrCreate()
files = spark.read.format("binaryFile").option("recursiveFileLookup", True).load(images)
answers = PipelineModel.load(pipeline).transform(files).select("path", "prediction")
answers.coalesce(1).write.mode("overwrite").json(out)
"""


def saved(args):
    images = photos(args, args.images // 20)
    path = compiled(args, "SavedStage.java")
    outs = [args.work / f"saved-{who}" for who in ("before", "java", "python")]
    java(path, "SavedStage", args.work / "pipeline", images, outs[0], args.weights)
    java(path, "SavedStage", args.work / "pipeline", images, outs[1])
    jars = [str(ROOT / f"mobilenetv3-{module}/target/classes") for module in ("model", "vector", "spark")]
    libraries = (ROOT / "mobilenetv3-spark/target/classpath").read_text().split(":")
    jars += [jar for jar in libraries if "/ai/djl/" in jar]
    submit = ["--driver-class-path", ":".join(jars), "pyspark-shell"]
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "mobilenetv3-spark/src/main/resources"),
        "PYSPARK_SUBMIT_ARGS": " ".join(submit),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    python = [sys.executable, "-c", LOADING, args.work / "pipeline", images, outs[2]]
    done = subprocess.run([*map(str, python)], env=environment, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    before, *after = map(rows, outs)
    same = [before == one for one in after]
    print(f"saved: {len(before)} rows; in another JVM and in PySpark the same: {same}")
    if not all(same):
        sys.exit(1)


def bad(args):
    images = photos(args, args.images // 20)
    empty = args.work / "empty"
    empty.mkdir(exist_ok=True)
    out = args.work / "bad"
    for what, weights, given, where in (
        ("no such weights", "no/such", images, out),
        ("an empty directory", args.weights, empty, out),
        ("no such directory", args.weights, args.work / "none", out),
        ("an output that exists", args.weights, images, images),
    ):
        command = [LAUNCHER, "batch", "--weights", weights, "--input", given, "--out", where]
        done = subprocess.run([*map(str, command)], stderr=subprocess.PIPE, text=True)
        print(f"bad: {what}: exit code {done.returncode}, {done.stderr.strip()}")
        if done.returncode == 0 or done.stderr.count("\n") > 3 or out.exists():
            sys.exit(1)


PARTS = (bits, kill, speed, growth, memory, saved, bad)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("weights")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "mobilenetv3-spark")
    parser.add_argument("--only", choices=[part.__name__ for part in PARTS])
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        if args.only in (None, part.__name__):
            part(args)


if __name__ == "__main__":
    main()
