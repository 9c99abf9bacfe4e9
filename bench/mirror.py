"""A mirror of the hosts of published weights, for bench/pretrained.py and by hand.

    python3 bench/mirror.py FOLDER [PORT]    # then MOBILENETV3_MIRROR=http://127.0.0.1:PORT

FOLDER holds HOST/PATH, as 'wget -x' makes it. Files can be had in part (Range). Those of
huggingface.co/OWNER/NAME/resolve/REVISION/ come as the Hub sends them: large ones through a
redirect, with the headers by which huggingface_hub caches them, which gets them with
HF_ENDPOINT=http://127.0.0.1:PORT/huggingface.co.

In a program its faults can be turned on: see Mirror.
"""

import dataclasses
import hashlib
import http.server
import pathlib
import random
import re
import socket
import struct
import sys
import threading
import time
import urllib.parse

CHUNK = 1 << 16
HUB_FILE = re.compile(r"/huggingface\.co/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")
COMMIT = re.compile("[0-9a-f]{40}")
LARGE = re.compile(r"/huggingface\.co/lfs/([0-9a-f]{64})")
HTML = b"<html><body><h1>Sign in to the network</h1></body></html>\n"


def sum_of(file):
    return hashlib.sha256(pathlib.Path(file).read_bytes()).hexdigest()


@dataclasses.dataclass
class Sent:
    """An answer that had a file's bytes."""

    path: str
    status: int
    start: int
    bytes: int = 0


class Mirror(http.server.ThreadingHTTPServer):
    """Serves a folder in the background while 'with' lasts."""

    daemon_threads = True

    def __init__(self, folder, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.folder = pathlib.Path(folder)
        self.large = {}  # the files of the Hub by SHA-256
        self.sent = []
        self.lock = threading.Lock()
        self.mend()

    def mend(self):
        """No fault, nothing sent."""
        self.cuts = 0  # so many answers end too early
        self.wrong = False  # a bit of each file is another
        self.html = False  # each answer is a page
        self.pause = 0.0  # seconds before each 64 KiB
        self.sent.clear()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client):
        """Clients may go away."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = urllib.parse.unquote(self.path.split("?")[0])
        if self.server.html:
            self.short(200, {"Content-Type": "text/html"}, HTML)
        elif match := HUB_FILE.fullmatch(path):
            self.hub(*match.groups())
        elif match := LARGE.fullmatch(path):
            self.file(self.server.large.get(match[1]), {"ETag": f'"{match[1]}"'})
        else:
            self.file(self.inside(path), {})

    def short(self, status, headers, body=b""):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def inside(self, path):
        file = (self.server.folder / path.lstrip("/")).resolve()
        return file if file.is_relative_to(self.server.folder.resolve()) else None

    def snapshot(self, repository, revision):
        """A repository's commit and folder; it has one, of a commit's name or of a branch's."""
        folders = self.inside(f"huggingface.co/{repository}/resolve")
        folder = next(iter(folders.iterdir())) if folders and folders.is_dir() else None
        for commit in [revision, folder.name if folder else ""]:
            if COMMIT.fullmatch(commit):
                return commit, folder
        return hashlib.sha1(repository.encode()).hexdigest(), folder

    def hub(self, repository, revision, name):
        commit, folder = self.snapshot(repository, revision)
        if folder is None:
            return self.short(401, {"X-Error-Code": "RepoNotFound"})  # it may be private
        file, headers = folder / name, {"X-Repo-Commit": commit}
        if not file.is_file():
            return self.short(404, {**headers, "X-Error-Code": "EntryNotFound"})
        if file.suffix != ".safetensors":
            git = b"blob %d\0" % file.stat().st_size + file.read_bytes()
            headers["ETag"] = f'"{hashlib.sha1(git).hexdigest()}"'
            return self.file(file, headers)
        whole = sum_of(file)
        self.server.large[whole] = file
        headers |= {"X-Linked-Etag": f'"{whole}"', "X-Linked-Size": str(file.stat().st_size)}
        # The Hub's large files are on another host.
        other = f"http://localhost:{self.server.server_port}/huggingface.co/lfs/{whole}"
        return self.short(302, {**headers, "Location": other})

    def file(self, file, headers):
        if file is None or not file.is_file():
            return self.short(404, headers)
        headers.setdefault("ETag", f'"{file.stat().st_mtime_ns:x}"')
        size, start, status = file.stat().st_size, 0, 200
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and self.headers.get("If-Range", headers["ETag"]) == headers["ETag"]:
            start, status = int(asked[1]), 206
            if start >= size:
                return self.short(416, {"Content-Range": f"bytes */{size}"})
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(size - start))
        self.end_headers()
        if self.command != "HEAD":
            self.body(file, Sent(self.path, status, start), size)
        return None

    def body(self, file, sent, size):
        end = size
        with self.server.lock:
            self.server.sent.append(sent)
            cut = self.server.cuts > 0
            if cut:
                # All the cuts fit in, and the last ones are not all at the end.
                most = 2 * (size - sent.start) // (self.server.cuts + 1)
                end = min(sent.start + random.randint(0, most), size - 1)
                self.server.cuts -= 1
        with open(file, "rb") as f:
            f.seek(sent.start)
            while (at := f.tell()) < end:
                chunk = bytearray(f.read(min(CHUNK, end - at)))
                if self.server.wrong and at <= size // 2 < at + len(chunk):
                    chunk[size // 2 - at] ^= 1
                time.sleep(self.server.pause)
                self.wfile.write(chunk)
                sent.bytes += len(chunk)
        if cut:
            self.close_connection = True
            if random.random() < 0.5:  # reset instead of closed
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()


if __name__ == "__main__":
    with Mirror(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 8765) as mirror:
        print(f"MOBILENETV3_MIRROR={mirror.address}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass
