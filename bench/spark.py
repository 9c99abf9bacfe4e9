#!/usr/bin/env python3
"""Measures the module mobilenetv3-spark on files made of a few photographs (PhotoSet.java).

    bench/spark.py PHOTOS WEIGHTS [--images 10000] [--rounds 3] [--work DIR] [--only PART]

PHOTOS is a directory of photographs. Parts, all by default:
  bits    'batch' answers what 'predict' does, bit for bit; none is lost, none twice
  kill    'batch' is killed with SIGKILL at random, and resumed: the same rows
  speed   images/s with 1 and 2 cores against the same work without Spark, and the naive way
  growth  time per image and memory for a tenth of the images, and all of them
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
    print(f"bits: {len(files)} files, {errors} errors, {wrong} answers differ from predict's")
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


def speed(args):
    images = photos(args, args.images)
    classes = [ROOT / f"mobilenetv3-{module}/target/classes" for module in ("model", "vector", "spark")]
    path = ":".join([*map(str, classes), (ROOT / "mobilenetv3-spark/target/classpath").read_text()])
    compiled = args.work / "classes"  # Spark's tasks do not find those of a program run as source
    javac = ["javac", "-proc:none", "-d", compiled, "-cp", path, ROOT / "bench/SparkSpeed.java"]
    subprocess.run([*map(str, javac)], check=True)
    for cores in (1, 2):
        done = subprocess.run(
            [
                *("taskset", "-c", ",".join(map(str, range(cores)))),
                "java",
                "-Xmx3g",
                "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED",
                *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in PACKAGES),
                *("-cp", f"{compiled}:{path}", "SparkSpeed"),
                *map(str, (args.weights, images, cores, args.rounds)),
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            sys.exit(done.stderr[-3000:])


def growth(args):
    for count in (args.images // 10, args.images):
        images = photos(args, count)
        out = args.work / "growth"
        shutil.rmtree(out, ignore_errors=True)
        told, seconds, memory = run(batch(args, images, out))
        rate = SECONDS.findall(told)[-1][2]
        print(
            f"growth: {count} images, {seconds:.1f} s with start and summary,"
            f" {rate} images/s while classifying, at most {memory:.0f} MB"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("weights")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "mobilenetv3-spark")
    parser.add_argument("--only", choices=["bits", "kill", "speed", "growth"])
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    for part in (bits, kill, speed, growth):
        if args.only in (None, part.__name__):
            part(args)


if __name__ == "__main__":
    main()
