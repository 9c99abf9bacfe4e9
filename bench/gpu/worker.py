"""Our side of bench/gpu/speed.py: a process of its own, spoken to by JSON lines (see speed.py)."""

import json
import os
import queue
import shlex
import signal
import subprocess
import sys
import threading

REPLY_SECONDS = 60
LIVES = 4


class Absent(Exception):
    """A contestant cannot take part; the message says why."""


class Worker:
    """Starts the command at the first question, and anew after it died or did not answer and
    revive() was called. It has LIVES starts in all; not to answer costs another one."""

    def __init__(self, command, reply_seconds=REPLY_SECONDS):
        self.command = shlex.split(command) if command else []
        self.reply_seconds = reply_seconds
        self.process = self.lines = None
        self.lives = LIVES
        self.ended = None  # why there is no process for the rest of this case

    def start(self):
        self.lives -= 1
        self.lines = queue.Queue()
        try:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                encoding="utf-8", errors="replace", bufsize=1, process_group=0)
        except OSError as e:
            self.process = None
            self.ended = f"the worker did not start: {e}"
            raise Absent(self.ended) from e
        threading.Thread(target=self.listen, args=(self.process, self.lines), daemon=True).start()

    @staticmethod
    def listen(process, lines):
        for line in process.stdout:
            try:
                reply = json.loads(line)
            except ValueError:
                reply = None
            if isinstance(reply, dict):
                lines.put(reply)
            else:
                print("worker:", line.rstrip(), file=sys.stderr, flush=True)
        lines.put(None)

    def revive(self):
        """Whether a worker that is gone will be started again at the next question."""
        if not self.ended or self.lives <= 0:
            return False
        self.ended = None
        return True

    def ask(self, request):
        """The reply; Absent if it is an error, a skip, or none in time."""
        if not self.command:
            raise Absent("no --worker was given")
        if self.ended:
            raise Absent(self.ended)
        if self.process is None:
            self.start()
        verb = next(iter(request))
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            reply = self.lines.get(timeout=self.reply_seconds)
        except queue.Empty:
            reply = None
            self.lives -= 1
            self.ended = f"the worker did not answer '{verb}' within {self.reply_seconds:.0f} s"
        except OSError:  # a broken pipe: it is gone
            reply = None
        if reply is None:
            if not self.ended:
                self.ended = f"the worker ended at '{verb}': {self.status()}"
            self.kill()
            raise Absent(self.ended)
        if "skip" in reply or "error" in reply:
            raise Absent(str(reply.get("skip", reply.get("error"))))
        return reply

    def status(self):
        try:
            code = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "its output closed"
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"

    def kill(self):
        process, self.process = self.process, None
        if process is None:
            return
        with_group(process, signal.SIGKILL)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            print(f"worker: process {process.pid} does not end", file=sys.stderr, flush=True)

    def quit(self):
        if self.process is None:
            return
        try:
            self.process.stdin.write('{"quit": true}\n')
            self.process.stdin.close()
            self.process.wait(timeout=4)
        except (OSError, subprocess.TimeoutExpired):
            pass
        self.kill()


def with_group(process, number):
    """The signal to the process and what it started (a launcher's Java, say)."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


class OurContestant:
    """A net in the worker, under the face of contestants.Contestant."""

    count = 0

    def __init__(self, worker, case):
        OurContestant.count += 1
        self.worker, self.id = worker, f"c{OurContestant.count}"
        self.ready = worker.ask({"prepare": case, "id": self.id})
        if not self.ready.get("ready"):
            raise Absent(f"the worker answered {json.dumps(self.ready)} to prepare")

    def run(self, steps):
        reply = self.worker.ask({"run": steps, "id": self.id})
        ms = reply.get("ms")
        if not isinstance(ms, (int, float)) or not 0 < ms < float("inf"):
            raise Absent(f"the worker answered {json.dumps(reply)} to run")
        return float(ms)

    def close(self):
        if not self.worker.ended:
            try:
                self.worker.ask({"close": self.id})
            except Absent as e:
                print(f"worker: close: {e}", file=sys.stderr, flush=True)
