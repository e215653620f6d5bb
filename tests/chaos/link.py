"""The link between the verifiers and the nodes: passes requests on to some node that lives, and does to the revocation
stream what a bad network and worse proxies do, one event at a time."""

import collections
import contextlib
import http.client
import queue
import random
import socket
import socketserver
import threading
import time


class Link:
    """Quiet until `rough` is set. Where it listens is the issuer that tokens name."""

    def __init__(self, seed):
        self.seed = seed
        self.nodes = []  # addresses
        self.rough = False  # single events are dropped, doubled, swapped, kept back, and single streams cut
        self.silent = threading.Event()  # nothing is delivered, though connections stay
        self.parted = threading.Event()  # and none can be made
        self.late = 0.0  # seconds that every event takes
        self.delivered_at = time.monotonic()  # the last byte of any stream
        self.done = collections.Counter()
        self.streams = set()
        self.lock = threading.Lock()
        self.count = 0
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                    outer.serve(self)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads, request_queue_size = True, True, 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()

    def calm(self):
        self.rough, self.late = False, 0.0
        self.silent.clear()
        self.parted.clear()

    def cut(self):
        """Every stream there is."""
        with self.lock:
            for client in self.streams:
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)

    def serve(self, handler):
        if self.parted.is_set():
            return
        method, target, _ = handler.rfile.readline(8192).decode().split()
        headers = {}
        while (line := handler.rfile.readline(8192).decode().strip()) != "":
            name, _, value = line.partition(":")
            headers[name] = value.strip()
        with self.lock:
            self.count += 1
            chance = random.Random(f"{self.seed}/link/{self.count}")
        headers["Connection"] = "close"
        for node in chance.sample(self.nodes, len(self.nodes)):
            upstream = http.client.HTTPConnection(node, timeout=20)
            try:
                upstream.request(method, target, headers=headers)
                answer = upstream.getresponse()
            except (OSError, http.client.HTTPException):
                upstream.close()
                continue
            try:
                if answer.headers.get_content_type() == "text/event-stream":
                    return self.stream(handler, answer, chance)
                return self.pass_on(handler, answer)
            finally:
                answer.close()
                upstream.close()

    @staticmethod
    def head(handler, answer, *more):
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}", "Connection: close", *more]
        lines += [f"{name}: {answer.headers[name]}" for name in ("Content-Type", "ETag", "Cache-Control") if answer.headers[name]]
        handler.wfile.write("\r\n".join([*lines, "", ""]).encode())

    def pass_on(self, handler, answer):
        body = answer.read()
        self.head(handler, answer, f"Content-Length: {len(body)}")
        handler.wfile.write(body)

    def stream(self, handler, answer, chance):
        client = handler.connection
        with self.lock:
            self.streams.add(client)
        events = queue.SimpleQueue()  # (when it is due, the event); None at the end
        reader = threading.Thread(target=self.read, args=(answer, events, chance), daemon=True)
        try:
            self.head(handler, answer)
            reader.start()
            while (item := events.get()) is not None:
                due, event = item
                time.sleep(max(0.0, due - time.monotonic()))
                while self.silent.is_set():
                    time.sleep(0.01)
                if self.parted.is_set():
                    return
                handler.wfile.write(event)
                self.delivered_at = time.monotonic()
        finally:
            with self.lock:
                self.streams.discard(client)
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def read(self, answer, events, chance):
        kept = None  # an event that lets the next one go first
        event = b""
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
            while line := answer.readline():
                event += line
                if line != b"\n":
                    continue
                whole, event = event, b""
                due = time.monotonic() + self.late
                if self.late:
                    self.done["kept back"] += 1
                what = chance.choices(["nothing", "dropped", "doubled", "swapped", "kept back", "cut"],
                                      [90, 2, 4, 2, 1.5, 0.5])[0] if self.rough else "nothing"
                if what != "nothing":
                    self.done[what] += 1
                if what == "cut":
                    break
                if what == "dropped":
                    continue
                if what == "kept back":
                    due += chance.uniform(0, 1.5)
                if what == "swapped" and kept is None:
                    kept = whole
                    continue
                for each in [whole, *([whole] if what == "doubled" else []), *([kept] if kept else [])]:
                    events.put((due, each))
                kept = None
        events.put(None)
