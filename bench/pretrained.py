"""Published weights by name, against their own libraries; and how they are fetched.

    bench/setup.sh venv && bench/venv/bin/python bench/pretrained.py PHOTO...
    ... --paddle-python V/bin/python   # PaddleClas' also; how to make V: bench/published.py
    ... --only 'small|_ssld'           # some of the records
    ... --paths                        # as files, known by their content, instead of names
    ... --cold 7 | --without-network | --fetch     # these instead of the answers

Each record of pretrained.json gets a checkpoint of random weights from its own library, and a
mirror (bench/mirror.py) serves them under the published addresses; the registry's checksums are
replaced by theirs, in the same length. No cache holds them. Then:

answers: 'predict --weights NAME' of the photographs, and of a tall and a small one made of them,
  against the library's own pipeline. Prints the largest difference of a logit as a share of its
  image's largest. A record's second address is tried as NAME.2.
--cold N: from starting 'predict --weights large PHOTO' to its end, its file in the cache, against
  torchvision's, alternating; medians of N.
--without-network: only the torch hub or the Hugging Face cache has the files.
--fetch: cut, damaged, contended, and where it cannot be written.

Ends with 1 if a line is marked.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from mirror import Mirror, sum_of
from published import place

HERE = pathlib.Path(__file__).parent
REGISTRY = HERE.parent.joinpath(
    "mobilenetv3-model/src/main/resources/org/mobilenetv3/pretrained/pretrained.json"
)
LARGE = "torchvision/mobilenet_v3_large.imagenet1k_v2"
NOWHERE = "http://nowhere.invalid"

TORCHVISION = """
import sys, torch
from PIL import Image
from torchvision.models import MobileNet_V3_Large_Weights, mobilenet_v3_large
weights = MobileNet_V3_Large_Weights.IMAGENET1K_V2
net = mobilenet_v3_large(weights=weights).eval()
with torch.inference_mode():
    photo = weights.transforms()(Image.open(sys.argv[1]).convert("RGB"))
    best = net(photo[None])[0].softmax(0).topk(3)
for share, index in zip(best.values, best.indices):
    print(f"{share:.1%} {weights.meta['categories'][index]}")
"""

# timm caches the weights alone, huggingface_hub what it is asked for.
TIMM = """
import sys, timm
timm.create_model(sys.argv[1], pretrained=True)
"""
HUB = """
import sys, huggingface_hub
for name in ["config.json", "model.safetensors"]:
    huggingface_hub.hf_hub_download("timm/" + sys.argv[1], name)
"""


class Bench:
    def __init__(self, given):
        self.given = given
        self.bad = 0
        self.work = pathlib.Path(given.work or tempfile.mkdtemp(prefix="pretrained-")).resolve()
        self.work.mkdir(exist_ok=True)
        self.mirror = self.work / "mirror"
        self.registry = self.work / "registry.json"
        self.records = {r["name"]: r for r in json.loads(REGISTRY.read_text())["models"]}
        self.photos = [str(pathlib.Path(p).resolve()) for p in given.photos]
        self.expected = {}

    def prepare(self, names):
        """Makes what is missing: photographs, checkpoints, the registry."""
        for name, source, size in [("tall", 0, (150, 500)), ("small", -1, (90, 61))]:
            file = self.work / f"{name}.png"
            code = "import sys; from PIL import Image; p, q, w, h = sys.argv[1:]; "
            code += "Image.open(p).convert('RGB').resize((int(w), int(h))).save(q)"
            photo = self.photos[source]
            subprocess.run(
                [self.given.torch_python, "-c", code, photo, file, *map(str, size)], check=True
            )
            self.photos.append(str(file))
        for library in ["torch", "paddle"]:
            python = vars(self.given)[f"{library}_python"]
            if python is None:
                print("PaddleClas' are not checked: give --paddle-python.")
                continue
            answers = self.work / f"{library}.json"
            if not answers.exists():
                sides = [python, HERE / "published.py", library, REGISTRY, self.mirror, answers]
                quiet = {"stderr": subprocess.DEVNULL} if library == "paddle" else {}
                subprocess.run([*sides, names, *self.photos], check=True, **quiet)
            made = json.loads(answers.read_text())
            self.expected |= {k: v for k, v in made.items() if re.search(names, k)}
        self.write_registry()

    def write_registry(self):
        """The built-in one with the sums of the files here, and each further file as a record."""
        models = []
        for name in self.expected:
            record = self.records[name]
            for file in record["files"]:
                there = place(self.mirror, file["address"])
                there = there / "model.safetensors" if there.is_dir() else there
                if "sha256" in file:
                    file["sha256"] = sum_of(there)[: len(file["sha256"])]
                if "bytes" in file:
                    file["bytes"] = there.stat().st_size
            models.append(record)
            for i, file in enumerate(record["files"][1:], 2):
                models.append({**record, "name": f"{name}.{i}", "aliases": [], "files": [file]})
        self.registry.write_text(json.dumps({"form": 1, "models": models}))
        self.records = {m["name"]: m for m in models}

    def environment(self, cache, mirror, **others):
        """Nothing of the user's but libtorch."""
        env = {k: v for k, v in os.environ.items() if not re.match("HF_|HUGGING|TORCH_|XDG_C", k)}
        djl = os.environ.get("DJL_CACHE_DIR", pathlib.Path.home() / ".djl.ai")
        env.setdefault("ENGINE_CACHE_DIR", str(djl))
        empty = self.work / "empty"
        empty.mkdir(exist_ok=True)
        return env | {
            "DJL_CACHE_DIR": str(cache),
            "MOBILENETV3_REGISTRY": str(self.registry),
            "MOBILENETV3_MIRROR": mirror,
            "TORCH_HOME": str(empty),
            "HF_HOME": str(empty),
            **{k: str(v) for k, v in others.items()},
        }

    def cache(self):
        return pathlib.Path(tempfile.mkdtemp(prefix="cache-", dir=self.work))

    def line(self, name, what, good):
        self.bad += not good
        print(f"{name:50} {what}{'' if good else '   <---'}", flush=True)

    def compare(self, name, weights, expected, env):
        command = ["predict", "--weights", weights, "--json", "--logits", *self.photos]
        done = run(command, env)
        if done.returncode:
            return self.line(name, sentence(done), False)
        apart, same = 0.0, 0
        for answer, logits in zip(json.loads(done.stdout), expected, strict=True):
            found = answer["logits"]
            difference = max(abs(a - b) for a, b in zip(found, logits, strict=True))
            apart = max(apart, difference / max(map(abs, logits)))
            same += found.index(max(found)) == logits.index(max(logits))
        good = apart <= self.given.tolerance and same == len(self.photos)
        return self.line(name, f"{apart:.1e}   first {same} of {len(self.photos)}", good)

    def answers(self):
        with Mirror(self.mirror) as mirror:
            for name, record in self.records.items():
                cache = self.cache()
                weights = name
                if self.given.paths:
                    weights = place(self.mirror, record["files"][0]["address"])
                    weights = weights / "model.safetensors" if weights.is_dir() else weights
                expected = self.expected.get(name) or self.expected[name.rpartition(".")[0]]
                self.compare(name, weights, expected, self.environment(cache, mirror.address))
                shutil.rmtree(cache)

    def cold(self):
        hub = self.work / "torch"
        self.fill_torch(hub, [LARGE])
        cache = self.cache()
        with Mirror(self.mirror) as mirror:
            get(LARGE, self.environment(cache, mirror.address))
        ours = ["./mobilenetv3", "predict", "--weights", "large", self.photos[0]]
        theirs = [self.given.torch_python, "-c", TORCHVISION, self.photos[0]]
        env = self.environment(cache, NOWHERE)
        times, busy = {"ours": [], "torchvision": []}, {"ours": [], "torchvision": []}
        for i in range(self.given.cold + 1):
            for which, command in [("ours", ours), ("torchvision", theirs)]:
                start, before = time.monotonic(), processor()
                done = call(command, env if which == "ours" else env | {"TORCH_HOME": str(hub)})
                took, used = time.monotonic() - start, processor() - before
                if done.returncode:
                    sys.exit(done.stderr)
                if i == 0:
                    print(done.stdout)
                else:
                    times[which].append(took)
                    busy[which].append(used)
        for which, taken in times.items():
            each = " ".join(f"{t:.2f}" for t in taken)
            print(f"{which:12} {statistics.median(taken):.2f} s of {each}")
        for what, of in [("time", times), ("processor time", busy)]:
            ratio = statistics.median(of["ours"]) / statistics.median(of["torchvision"])
            self.line(f"ours / torchvision, {what}", f"{ratio:.2f}", what != "time" or ratio < 1)

    def fill_torch(self, home, names):
        checkpoints = home / "hub" / "checkpoints"
        checkpoints.mkdir(parents=True, exist_ok=True)
        for name in names:
            file = place(self.mirror, self.records[name]["files"][0]["address"])
            shutil.copy2(file, checkpoints)

    def without_network(self):
        torch, hub = self.work / "torch-home", self.work / "hf-home"
        named = [LARGE, "torchvision/mobilenet_v3_small.imagenet1k_v1"]
        hubs = {
            "timm/mobilenetv3_small_100.lamb_in1k": TIMM,
            "timm/tf_mobilenetv3_small_100.in1k": TIMM,
            "timm/tf_mobilenetv3_small_075.in1k": HUB,
        }
        self.fill_torch(torch, named)
        with Mirror(self.mirror) as mirror:
            env = self.environment(self.cache(), NOWHERE, HF_HOME=hub, HF_HUB_DISABLE_XET=1)
            env["HF_ENDPOINT"] = f"{mirror.address}/huggingface.co"
            for name, code in hubs.items():
                command = [self.given.torch_python, "-c", code, name.split("/")[1]]
                subprocess.run(command, env=env, check=True)
        before = listing(torch), listing(hub)
        asked = [(name, name) for name in [*named, *hubs]]
        asked += [("large", LARGE), ("small", named[1])]
        asked += [(f"hf:{name}", name) for name in hubs if hubs[name] == HUB]
        for weights, name in asked:
            cache = self.cache()
            env = self.environment(cache, NOWHERE, TORCH_HOME=torch, HF_HOME=hub)
            self.compare(weights, weights, self.expected[name], env)
        self.line("those caches", "as before", before == (listing(torch), listing(hub)))
        for others in [{}, {"AI_DJL_OFFLINE": "true"}]:
            cache = self.cache()
            done = get(LARGE, self.environment(cache, NOWHERE, **others))
            self.refused(f"nowhere {others or ''}", done, cache)

    def refused(self, what, done, cache, leftovers=False):
        left = [f.relative_to(cache).as_posix() for f in cache.rglob("*") if f.is_file()]
        left = [f for f in left if not f.endswith((".lock", "engine.properties"))]
        told = f"{sentence(done)} (exit {done.returncode}; left: {', '.join(left) or 'nothing'})"
        said = re.search(r"mobilenetv3: .{40,}\.$", sentence(done)) and "\tat " not in done.stderr
        self.line(what, told, done.returncode == 1 and said and (leftovers or not left))

    def fetch(self):
        file = place(self.mirror, self.records[LARGE]["files"][0]["address"])
        size = file.stat().st_size
        with Mirror(self.mirror) as mirror:
            env = self.environment(cache := self.cache(), mirror.address)
            mirror.cuts = 10
            runs = [get(LARGE, env)]
            while runs[-1].returncode and len(runs) < 20:
                runs.append(get(LARGE, env))
            sent = sum(s.bytes for s in mirror.sent)
            tries = len(mirror.sent)
            told = f"{tries} answers, {sent} of {size} bytes sent, {len(runs)} commands"
            starts = [s.start for s in mirror.sent]
            good = tries == 11 and starts == sorted(starts) and len(set(starts)) > 3
            self.line("cut ten times", told, good and has(cache, file))
            if len(runs) > 1:
                self.line("", sentence(runs[0]), runs[0].returncode == 1)

            mirror.mend()
            mirror.wrong = True
            done = get(LARGE, self.environment(cache := self.cache(), mirror.address))
            self.refused("a wrong byte", done, cache)

            mirror.mend()
            mirror.pause = 0.01
            env = self.environment(cache := self.cache(), mirror.address)
            with concurrent.futures.ThreadPoolExecutor() as two:
                both = list(two.map(lambda _: get(LARGE, env), range(2)))
            told = f"{len(mirror.sent)} answer, exit {[d.returncode for d in both]}"
            good = len(mirror.sent) == 1 and not any(d.returncode for d in both)
            self.line("two at once", told, good and has(cache, file))

            mirror.mend()
            mirror.html = True
            done = get(LARGE, self.environment(cache := self.cache(), mirror.address))
            self.refused("a page instead", done, cache)
            hub = "timm/mobilenetv3_small_100.lamb_in1k"
            done = get(hub, self.environment(cache := self.cache(), mirror.address))
            self.refused("a page instead, of the Hub", done, cache)

            mirror.mend()
            self.full(mirror)
            env = self.environment(cache := self.cache(), mirror.address)
            cache.chmod(0o555)
            # Without this capability, root is refused like others.
            user = ["setpriv", "--bounding-set=-dac_override"] if os.getuid() == 0 else []
            self.refused("a directory not to be written", get(LARGE, env, user), cache)

    def full(self, mirror):
        """A disk that is too small from the start, and one that fills on the way."""
        cache = self.cache()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "full", cache]).returncode:
            print("no disk can be mounted: not checked")
            return
        try:
            env = self.environment(cache, mirror.address)
            self.refused("a disk that is too small", get(LARGE, env), cache)
            subprocess.run(["mount", "-o", "remount,size=40m", cache], check=True)
            mirror.mend()
            mirror.pause = 0.02
            with concurrent.futures.ThreadPoolExecutor() as other:
                done = other.submit(get, LARGE, env)
                while not any(s.bytes > 1 << 20 for s in mirror.sent):
                    time.sleep(0.01)
                (cache / "others").write_bytes(bytes(30 << 20))
                done = done.result()
            (cache / "others").unlink()
            self.refused("a disk that others fill", done, cache, leftovers=True)
            mirror.mend()
            done = get(LARGE, env)
            self.line("and then", f"exit {done.returncode}", done.returncode == 0)
        finally:
            subprocess.run(["umount", cache], check=True)


def call(command, env):
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=HERE.parent)


def run(command, env, user=()):
    return call([*user, "./mobilenetv3", *map(str, command)], env)


def get(name, env, user=()):
    return run(["models", "get", name], env, user)


def processor():
    """Seconds that the processes that were waited for have computed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def sentence(done):
    """What a command says at its end."""
    lines = [x for x in done.stderr.splitlines() if x.strip() and not re.match("Building|  ", x)]
    return lines[-1].split("\r")[-1] if lines else "no message"


def has(cache, file):
    """Whether a cache has a file, under whatever name."""
    wanted = sum_of(file)
    return [sum_of(f) for f in cache.rglob("*") if f.is_file()].count(wanted) == 1


def listing(folder):
    files = [f for f in folder.rglob("*") if f.is_file()]
    return sorted((str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in files)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", nargs="+", metavar="PHOTO")
    parser.add_argument("--torch-python", default=sys.executable, metavar="FILE")
    parser.add_argument("--paddle-python", metavar="FILE")
    parser.add_argument("--only", default="", help="names of records: a regular expression")
    parser.add_argument("--paths", action="store_true", help="files instead of names")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    parser.add_argument("--work", metavar="DIR", help="keep what is made, or use what was")
    parser.add_argument("--cold", type=int, metavar="N")
    parser.add_argument("--without-network", action="store_true")
    parser.add_argument("--fetch", action="store_true")
    given = parser.parse_args()
    bench = Bench(given)
    answers = not (given.cold or given.without_network or given.fetch)
    fetched = "large.imagenet1k_v2|v3_small.imagenet|v3_small_(100|075).(lamb|in1k)"
    bench.prepare(given.only if answers else fetched)
    if answers:
        bench.answers()
    if given.without_network:
        bench.without_network()
    if given.fetch:
        bench.fetch()
    if given.cold:
        bench.cold()
    if bench.bad:
        sys.exit(f"{bench.bad} marked above; see {bench.work}.")
    if not given.work:
        shutil.rmtree(bench.work)


if __name__ == "__main__":
    main()
