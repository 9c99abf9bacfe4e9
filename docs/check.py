#!/usr/bin/env python3
"""Runs every command of README.md and docs/*.md, and follows their links. Standard library only.

    docs/check.py            links, and all commands (a quarter of an hour on one core)
    docs/check.py --links    links only
    docs/check.py --list     what would be done with each command
    docs/check.py --only REGEX

Commands are the lines after a prompt ($) in console blocks, and those lines of console and indented
blocks that begin with ./mobilenetv3, mvn, java, curl, bench/ or a variable before these. They run in a copy of the tracked and new files, beside drawn
photographs, small stand-ins for data sets and for other people's weights, and a trained run
(docs/check_fixture.py). docs/check.rules says which are changed to be short and which are not run,
and why. A command that neither runs nor has a reason there fails the check, and so does a rule that
matches no command.
"""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
import check_fixture  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
COMMAND = re.compile(r"^(?:[A-Z_]+=(?:\"[^\"]*\"|\S+) )*(?:(?:\./mobilenetv3|mvn|java|curl)(?:\s|$)|bench/|docs/check)")
LIMIT = 900  # seconds a command may take


def pages():
    """README.md and its siblings, docs and notebooks, as paths from the root."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("notebooks/*.md")]
    return sorted(page.relative_to(ROOT) for page in found)


# --- links ---------------------------------------------------------------------------------------


def prose(text):
    """The text without code blocks."""
    return re.sub(r"^(```|~~~).*?^\1[^\n]*$", "", text, flags=re.M | re.S)


def anchors(page):
    """The anchors that GitHub gives the headings of a page."""
    seen, found = {}, set()
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", prose(page.read_text("utf-8")), flags=re.M):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = seen.get(slug, 0)
        seen[slug] = number + 1
        found.add(f"{slug}-{number}" if number else slug)
    return found | set(re.findall(r'<a (?:id|name)="([^"]+)"', page.read_text("utf-8")))


def check_links():
    """The links that lead nowhere, one sentence each."""
    errors = []
    reached = set()
    for page in pages():
        text = re.sub(r"`[^`\n]*`", "", prose((ROOT / page).read_text("utf-8")))
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (ROOT / page.parent / path).resolve() if path else ROOT / page
            reached.add(file)
            if not file.exists():
                errors.append(f"{page}: '{target}' leads to no file.")
            elif anchor and file.suffix == ".md" and anchor not in anchors(file):
                errors.append(f"{page}: '{target}' leads to no heading of {file.relative_to(ROOT)}.")
    for page in pages():
        if page.parts[0] == "docs" and ROOT / page not in reached:
            errors.append(f"{page}: no page leads here; add it to docs/README.md.")
    return errors


# --- commands ------------------------------------------------------------------------------------


def commands():
    """(page, line number, command) in the order in which they stand."""
    for page in pages():
        if page.name == "CHANGELOG.md":
            continue
        fence, pending, before = None, None, ""
        for number, line in enumerate((ROOT / page).read_text("utf-8").splitlines(), 1):
            if re.match(r"^(```|~~~)", line):
                fence = None if fence is not None else line[3:].strip()
                pending, before = None, ""
                continue
            shell = fence in ("console", "bash", "sh", "shell") or (fence is None and line.startswith("    "))
            if not shell:
                pending = None
                continue
            prompt = fence is not None and line.startswith("$ ")
            line = re.sub(r"^\$ ", "", line.strip())
            if pending:
                start, text = pending
                line = text + " " + line
            else:
                start = number
            if line.endswith("\\"):
                pending = (start, line[:-1].rstrip())
                continue
            pending = None
            line = re.sub(r"\s+# .*$", "", line)
            if prompt or COMMAND.match(line):
                yield page, start, line


def read_rules():
    """(kind, regex, argument) of docs/check.rules: 'kind | regex | argument' on each line."""
    rules = []
    for line in (ROOT / "docs/check.rules").read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            kind, regex, argument = (part.strip() for part in line.split(" | ", 2))
            if kind not in ("skip", "add", "swap", "until"):
                sys.exit(f"docs/check.rules: '{kind}' is no kind of rule; expected skip, add, swap or until.")
            rules.append((kind, re.compile(regex), argument))
    return rules


def plan(command, rules, used):
    """What to run instead (None: nothing), why, and whether it runs until it is stopped."""
    text, until = command, None
    for index, (kind, regex, argument) in enumerate(rules):
        if not regex.search(text):
            continue
        used.add(index)
        if kind == "skip":
            return None, argument, None
        if kind == "add":
            text = text + " " + argument
        elif kind == "swap":
            text = regex.sub(argument, text)
        else:
            until = float(argument)
    return text, None, until


def finish(process, until):
    """Waits for the end; a server must live until it is told to stop, and then end in order."""
    if until is None:
        return process.wait(timeout=LIMIT) == 0
    try:
        process.wait(timeout=until)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
        return process.wait(timeout=60) in (0, 143, -signal.SIGTERM)


def run(text, until, number, work, env):
    """Whether a command succeeds, and its output."""
    log = work.parent / "output" / f"{number:03}.log"
    log.parent.mkdir(exist_ok=True)
    # A run's directory is never written to twice, so each training gets a new one.
    if re.search(r"\./mobilenetv3 (train|finetune)\b", text) and not re.search(r"--resume|--out|--help", text):
        text += f" --out out/{number}"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            ["bash", "-c", text], cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True)
        try:
            good = finish(process, until)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            good = False
    return good, log.read_text("utf-8", "replace")


def copy_tree(work):
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, work / name)


def check_commands(options):
    rules, used, errors = read_rules(), set(), []
    jobs = [(page, line, command, *plan(command, rules, used)) for page, line, command in commands()]
    if not options.only:
        for index, (kind, regex, _) in enumerate(rules):
            if index not in used:
                errors.append(f"docs/check.rules: '{kind} | {regex.pattern}' matches no command; remove it.")
    if options.list:
        for page, line, command, text, why, _ in jobs:
            print(f"{page}:{line}: {command}\n    {'not run: ' + why if text is None else text}")
        return errors
    base = Path(tempfile.mkdtemp(prefix="docs-check-"))
    work = base / "project"
    work.mkdir()
    try:
        copy_tree(work)
        env = check_fixture.prepare(work)
        for number, (page, line, command, text, why, until) in enumerate(jobs):
            if options.only and not re.search(options.only, command):
                continue
            if text is None:
                print(f"NOT RUN  {page}:{line}: {command}\n         {why}", flush=True)
                continue
            begin = time.monotonic()
            good, output = run(text, until, number, work, env)
            print(f"{'ok' if good else 'FAILED':8} {page}:{line}: {command}  "
                  f"({time.monotonic() - begin:.0f} s{'' if text == command else '; as: ' + text})", flush=True)
            if not good:
                errors.append(f"{page}:{line}: '{command}' failed.\n" + "\n".join(output.splitlines()[-25:]))
    finally:
        if options.keep:
            print(f"kept: {base}")
        else:
            shutil.rmtree(base, ignore_errors=True)
    return errors


def main():
    parser = argparse.ArgumentParser(description="Check the commands and links of the documentation.")
    parser.add_argument("--links", action="store_true", help="links only")
    parser.add_argument("--list", action="store_true", help="say what would be run")
    parser.add_argument("--only", metavar="REGEX", help="commands that match, whatever the rules leave unused")
    parser.add_argument("--keep", action="store_true", help="keep the copy that commands ran in")
    options = parser.parse_args()
    errors = check_links()
    if not options.links:
        errors += check_commands(options)
    for error in errors:
        print(error, file=sys.stderr)
    print(f"{len(errors)} errors" if errors else "all is well")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
