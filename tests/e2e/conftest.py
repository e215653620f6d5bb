"""Starts the real `signet` binary and talks to it as a stranger would: sockets, HTTP, processes."""

import base64
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cluster import Cluster, NotInstalled

SIGNET = os.environ.get("SIGNET_BIN", str(Path(__file__).parents[2] / "build/dev/signet"))
# haproxy or nginx: `server`, and what `launch` starts, are two nodes behind it; balancer.py says which tests stay out.
BALANCER = os.environ.get("SIGNET_E2E_BALANCER")
READY = re.compile(r"ready on (https?)://(\S+?):(\d+) \(monitor on http://(\S+?):(\d+)\)")


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    def header(self, name):
        return self.headers.get(name)


class Client:
    """One request, one connection; nothing is hidden."""

    def __init__(self, host, port, tls=None):
        self.host, self.port, self.tls = host, port, tls

    source = None  # the address to come from

    def request(self, method, path, body=None, headers=None, timeout=20):
        headers = dict(headers or {})
        if self.tls:
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=self.tls)
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout, source_address=self.source)
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.msg, response.read())
        finally:
            connection.close()

    def get(self, path, token=None, headers=None):
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.request("GET", path, headers=headers)

    def post(self, path, value=None, token=None, headers=None):
        headers = {"Content-Type": "application/json", **(headers or {})}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.request("POST", path, None if value is None else json.dumps(value), headers)

    def form(self, path, fields, headers=None):
        from urllib.parse import urlencode

        headers = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self.request("POST", path, urlencode(fields), headers)

    def delete(self, path, token):
        return self.request("DELETE", path, headers={"Authorization": f"Bearer {token}"})

    def sign_up(self, username, password="correct horse battery staple 42"):
        answer = self.post("/signup", {"username": username, "password": password})
        assert answer.status == 201, answer
        return answer.json

    def log_in(self, username, password="correct horse battery staple 42"):
        answer = self.post("/login", {"username": username, "password": password})
        assert answer.status == 200, answer
        return answer.json

    def raw(self, data, timeout=10):
        """Sends bytes as they are and returns everything that comes back until the server closes."""
        with socket.create_connection((self.host, self.port), timeout=timeout) as connection:
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass
            received = b""
            try:
                while chunk := connection.recv(65536):
                    received += chunk
            except ConnectionResetError:
                pass
            return received


@dataclass
class Server:
    process: subprocess.Popen
    client: Client
    monitor: Client
    url: str
    ready_line: str
    data: Path
    log: list = field(default_factory=list)

    def stop(self, how=signal.SIGTERM, timeout=30):
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout)

    def log_text(self):
        return "".join(self.log)


def start_server(data, *arguments, environment=None, tls=None, timeout=60, listen="127.0.0.1:0", monitor="127.0.0.1:0"):
    env = {k: v for k, v in os.environ.items() if not k.startswith("SIGNET_")}
    env.update(environment or {})
    process = subprocess.Popen(
        [SIGNET, "serve", "--listen", listen, "--monitor-listen", monitor, "--data", str(data), *arguments],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    log = []
    reader = threading.Thread(target=lambda: log.extend(iter(process.stderr.readline, "")), daemon=True)
    reader.start()
    timer = threading.Timer(timeout, process.kill)
    timer.start()
    line = process.stdout.readline()
    timer.cancel()
    match = READY.search(line)
    if not match:
        process.kill()
        process.wait()
        reader.join(5)
        raise AssertionError(f"no ready line; stdout {line!r}, stderr {''.join(log)}")
    scheme, host, port, monitor_host, monitor_port = match.groups()
    return Server(process, Client(host, int(port), tls), Client(monitor_host, int(monitor_port)),
                  f"{scheme}://{host}:{port}", line, Path(data), log)


@pytest.fixture
def directory():
    """A short-lived folder with a short name (Unix sockets and nginx like it)."""
    path = Path(tempfile.mkdtemp(prefix="signet-e2e-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def launch(directory):
    """Starts servers that are gone when the test is."""
    running, balanced = [], []

    def start(*arguments, data=None, environment=None, **options):
        if BALANCER:
            assert not data and not options, "about one process: see balancer.ONE_PROCESS"
            balanced.append(start_balanced(directory, "", arguments, environment))
            return balanced[-1]
        server = start_server(data or directory / "data", *arguments, environment=environment, **options)
        running.append(server)
        return server

    yield start
    for server in running:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
    for server in balanced:
        server.stop()
    beside.clear()


# Tests sign in more often than a person would: the limits have a test of their own.
ROOMY = """
[limits.login]
per_address_per_minute = 100000
[limits.signup]
per_address_per_hour = 100000
"""


beside = []  # the balanced nodes on whose data a command works


def start_balanced(folder, configuration="", arguments=(), environment=None):
    from balancer import Balanced

    if "--config" in arguments:
        at = arguments.index("--config")
        configuration = Path(arguments[at + 1]).read_text()
        arguments = [*arguments[:at], *arguments[at + 2:]]
    started = Balanced(BALANCER, folder, configuration, *arguments, environment=environment)
    beside.append(started)
    return started


def pytest_collection_modifyitems(config, items):
    if not BALANCER:
        return
    from balancer import why_alone

    alone = [item for item in items if why_alone(item)]
    items[:] = [item for item in items if item not in alone]
    config.hook.pytest_deselected(items=alone)


@pytest.fixture(scope="module")
def server():
    """One server for a whole file."""
    path = Path(tempfile.mkdtemp(prefix="signet-e2e-"))
    (path / "roomy.toml").write_text(ROOMY)
    started = start_balanced(path, ROOMY) if BALANCER else start_server(path / "data", "--config", str(path / "roomy.toml"))
    yield started
    code = started.stop()
    beside.clear()
    shutil.rmtree(path, ignore_errors=True)
    assert code == 0, started.log_text()[-4000:]


@pytest.fixture(scope="module")
def client(server):
    return server.client


@pytest.fixture
def cluster():
    """A PostgreSQL server of the test's own."""
    try:
        made = Cluster()
    except NotInstalled as missing:
        pytest.skip(str(missing))
    yield made
    made.end()


@pytest.fixture
def node(launch, cluster, directory):
    """Starts nodes of one service: one database, one master key, one issuer; a folder each."""
    master = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
    (directory / "roomy.toml").write_text(ROOMY)
    count = iter(range(100))

    def start(**environment):
        settings = {"SIGNET_DATABASE_URL": cluster.url, "SIGNET_MASTER_KEY": master, **environment}
        return launch("--config", str(directory / "roomy.toml"), "--issuer", "https://auth.example",
                      data=directory / f"node{next(count)}", environment=settings)

    start.master = master
    return start


def nodes_of(server):
    return getattr(server, "nodes", [server])


def metric(server, name):
    """Of all its nodes together."""
    line = re.compile(rf"^{re.escape(name)} (\d+)", re.MULTILINE)
    found = [line.search(node.monitor.get("/metrics").body.decode()) for node in nodes_of(server)]
    return sum(int(match.group(1)) for match in found if match)


def refresh(server, token):
    return server.client.post("/refresh", {"refresh_token": token})


_numbers = iter(range(1, 1_000_000))


@pytest.fixture
def username():
    return f"user{next(_numbers)}"


@pytest.fixture
def run_signet():
    def run(*arguments, stdin=None, environment=None, timeout=60):
        env = {k: v for k, v in os.environ.items() if not k.startswith("SIGNET_")}
        if beside:
            env.update(beside[-1].environment)
        env.update(environment or {})
        done = subprocess.run([SIGNET, *map(str, arguments)], input=stdin, env=env, capture_output=True, text=True,
                              timeout=timeout)
        if beside:
            beside[-1].agree()
        return done

    return run


def claims_of(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def header_of(token):
    header = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))


def eventually(condition, within=10.0):
    """Whether the condition becomes true; for what happens in another process. The bound is generous on purpose."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_certificate(folder, name="server", common_name="localhost"):
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-keyout", str(key), "-out", str(certificate), "-subj", f"/CN={common_name}",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    return certificate, key


def trusting(certificate):
    context = ssl.create_default_context(cafile=str(certificate))
    return context
