"""What bench/http and bench/bulkhead share: a `signet serve` on a core of its own, and figures as rows."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery staple 42"
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]


def on_core(core, command):
    return ["taskset", "-c", str(core), *map(str, command)]


def stop(process):
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def signet(binary, config="", core=SERVER_CORE, data=None, environment=None):
    """Yields (address, address of the monitor, process) when the server is ready."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SIGNET_")} | (environment or {})
    with tempfile.TemporaryDirectory(prefix="signet-bench-") as folder:
        file = pathlib.Path(folder) / "signet.toml"
        file.write_text(config)
        command = [binary, "serve", "--listen", "127.0.0.1:0", "--monitor-listen", "127.0.0.1:0", "--data", data or f"{folder}/data",
                   "--config", file]
        process = subprocess.Popen(on_core(core, command) if core is not None else list(map(str, command)), stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True, env=clean)
        try:
            line = process.stdout.readline()
            found = re.findall(r"http://([\d.]+:\d+)", line)
            if not found:
                sys.exit(f"{binary} did not start: {line}")
            yield found[0], found[-1], process
        finally:
            stop(process)


ASKING = 8


@contextlib.contextmanager
def pausing():
    """The arguments of wrk's for some clients that wait a millisecond after each answer, for latencies: of clients that never wait, wrk
    counts a delay once for each request that it held back, so that a few of some milliseconds would be the p99."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write("function delay() return 1 end")
        script.flush()
        yield ["-s", script.name, f"-c{ASKING}"]


def ask(address, method, path, body=None, token=None):
    connection = http.client.HTTPConnection(address, timeout=60)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text) if text else None


def sign_up(address, name="bench"):
    status, answer = ask(address, "POST", "/signup", {"username": name, "password": PASSWORD})
    assert status == 201, answer


def log_in(address, name="bench"):
    status, answer = ask(address, "POST", "/login", {"username": name, "password": PASSWORD})
    assert status == 200, answer
    return answer


def build_server():
    for command in (["cmake", "--preset", "release"], ["cmake", "--build", "--preset", "release", "--target", "signet_cli"]):
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return ROOT / "build" / "release" / "signet"


def memory(process):
    """Resident and proportional memory of a process, in MB of 10^6 bytes."""
    text = pathlib.Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    return [int(re.search(rf"^{what}:\s+(\d+) kB", text, re.MULTILINE)[1]) * 1024 / 1e6 for what in ("Rss", "Pss")]


def percentiles(text, which=(50, 99)):
    """Of wrk's --latency, in ms."""
    units = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}
    found = [re.search(rf"^\s+{p}%\s+([\d.]+)(us|ms|s|m)$", text, re.MULTILINE) for p in which]
    if None in found:
        raise RuntimeError("wrk had no answer to measure")
    return [float(one[1]) * units[one[2]] for one in found]


def short(value):
    """A figure as people read it."""
    return f"{value:,.2f}" if abs(value) < 10 else f"{value:,.1f}"


def print_rows(rows, as_json):
    for row in rows:
        print(json.dumps(row) if as_json else f"{row['name']:44} {short(row['value']):>12} {row['unit']:18} {row.get('remark', '')}", flush=True)
