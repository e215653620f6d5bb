"""What chaos is done to: server nodes over one database, and services that verify on their own."""

import base64
import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
from cluster import Cluster  # noqa: E402

CONFIGURATION = """
[log]
access = false
[refresh]
grace = "3s"
[limits.login]
per_address_per_minute = 1000000
[limits.signup]
per_address_per_hour = 1000000
[limits.session]
refreshes_per_minute = 1000000
changes_per_minute = 1000000
"""


class Unanswered(Exception):
    """The connection failed before an answer: whether the request was carried out is not known."""


def ask(address, method, path, value=None, token=None, form=None, timeout=20):
    """One request on a connection of its own: the status, and the JSON if there is any."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = None
    if value is not None:
        body, headers["Content-Type"] = json.dumps(value), "application/json"
    if form is not None:
        body, headers["Content-Type"] = urlencode(form), "application/x-www-form-urlencoded"
    connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException) as failure:
        raise Unanswered(f"{method} {path} at {address}: {failure!r}") from failure
    finally:
        connection.close()
    is_json = answer.headers.get_content_type() == "application/json"
    return answer.status, json.loads(text) if is_json and text else None


def wait_until(what, condition, within=120):
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"in {within} s not: {what}")
        time.sleep(0.02)


def environment(**more):
    return {name: value for name, value in os.environ.items() if not name.startswith("SIGNET_")} | more


class Program:
    """A program that says where it listens, and what it writes goes to a file."""

    def __init__(self, command, log, pattern, settings=None):
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=errors, text=True,
                                            env=environment(**(settings or {})), process_group=0)
        guard = threading.Timer(120, self.process.kill)
        guard.start()
        line = self.process.stdout.readline()
        guard.cancel()
        self.found = re.search(pattern, line)
        if not self.found:
            self.kill()
            raise AssertionError(f"{command[0]} did not start; see {log}")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Node:
    """A server node that keeps its address through every death."""

    def __init__(self, command, log, settings):
        self.command, self.log, self.settings = command, log, settings
        self.address = self.monitor = "127.0.0.1:0"
        self.start()

    def start(self):
        listen = ["--listen", self.address, "--monitor-listen", self.monitor]
        self.program = Program([*self.command, *listen], self.log, r"ready on http://(\S+) \(monitor on http://(\S+)\)",
                               self.settings)
        self.address, self.monitor = self.program.found.groups()

    def kill(self):
        self.program.kill()

    def ready(self):
        with contextlib.suppress(Unanswered):
            return ask(self.monitor, "GET", "/readyz")[0] == 200
        return False


class Verifier(Program):
    def __init__(self, build, issuer, policy, log):
        super().__init__([build / "examples/example_revocable_service", issuer, "0", policy], log, r"http://(\S+)")
        self.address, self.policy = self.found.group(1), policy

    def ready(self):
        return ask(self.address, "GET", "/readyz")[0] == 200

    def staleness(self):
        """In seconds, as it says itself; infinite before it was ever ready."""
        said = ask(self.address, "GET", "/health")[1]["staleness_ms"]
        return float("inf") if said is None else said / 1000


class Machines:
    """All of them, gone at the end."""

    def __init__(self, build, folder, issuer, engine, count):
        self.build, self.folder, self.issuer = build, folder, issuer
        self.nodes, self.verifiers = [], []
        self.database = Cluster() if engine == "postgres" else None
        config = folder / "signet.toml"
        config.write_text(CONFIGURATION)
        settings = {"SIGNET_MASTER_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")}
        if self.database:
            settings["SIGNET_DATABASE_URL"] = self.database.url
        for number in range(count):
            data = folder / (f"data{number}" if self.database else "data")
            command = [build / "signet", "serve", "--config", config, "--data", data, "--issuer", issuer]
            self.nodes.append(Node(command, folder / f"node{number}.log", settings))

    def verify_with(self, count, policy=lambda number: "deny"):
        """Starts services until there are so many, or ends some."""
        while len(self.verifiers) > count:
            self.verifiers.pop().kill()
        while len(self.verifiers) < count:
            number = len(self.verifiers)
            self.verifiers.append(Verifier(self.build, self.issuer, policy(number), self.folder / "verifiers.log"))
        for verifier in self.verifiers:
            wait_until("a verifier is ready", verifier.ready)

    def end(self):
        for program in [*self.verifiers, *(node.program for node in self.nodes)]:
            program.kill()
        if self.database:
            self.database.end()
