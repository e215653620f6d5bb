"""scripts/run in a fresh copy of the repository, without what takes minutes: the compiler's part is played by the binary at hand."""

import os
import re
import shutil
import signal
import subprocess
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SIGNET = os.environ.get("SIGNET_BIN", str(ROOT / "build/dev/signet"))

# Does what is asked of it once the presets are known: `--build` leaves the binary where the preset would.
CMAKE = """#!/bin/sh
echo "cmake $*" >> "$CALLS"
case "$1" in --build) mkdir -p build/release && ln -sf "$SIGNET_BIN" build/release/signet ;; esac
"""


@pytest.fixture
def copy(tmp_path):
    """The scripts as they are in the repository, in a folder whose name has a space; a cmake in front of the real one."""
    folder, tools = tmp_path / "a copy", tmp_path / "tools"
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    tools.mkdir()
    (tools / "cmake").write_text(CMAKE)
    (tools / "cmake").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "CALLS": str(tmp_path / "calls"), "SIGNET_BIN": SIGNET}
    return folder, environment, tmp_path / "calls"


def test_run_sets_up_builds_and_starts_the_server_where_it_was_called(copy, tmp_path):
    folder, environment, calls = copy
    where = tmp_path / "elsewhere"
    where.mkdir()
    server = subprocess.Popen([folder / "scripts/run", "--listen", "127.0.0.1:0", "--monitor-listen", "127.0.0.1:0"], cwd=where, env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
    try:
        said = []
        for line in server.stdout:
            said.append(line)
            if ready := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        assert ready, said
        steps = [line for line in said if line.startswith("run: ")]
        assert [step[:8] for step in steps] == ["run: 1/3", "run: 2/3", "run: 3/3"], said
        assert calls.read_text().splitlines() == ["cmake --preset release", "cmake --build --preset release"]
        with urllib.request.urlopen(ready.group() + "/.well-known/jwks.json", timeout=20) as answer:
            assert answer.status == 200
        assert (where / "signet-data").is_dir(), "the data stands where the command was given"
        server.send_signal(signal.SIGTERM)
        server.stdout.read()
        assert server.wait(timeout=60) == 0
    finally:
        server.kill()
        server.wait()


def test_run_stops_where_a_step_fails(copy):
    folder, environment, calls = copy
    (Path(environment["PATH"].split(":")[0]) / "cmake").write_text("#!/bin/sh\necho 'no such preset'; exit 1\n")
    run = subprocess.run([folder / "scripts/run"], env=environment, capture_output=True, text=True, timeout=120)
    assert run.returncode == 1 and "no such preset" in run.stderr and "3/3" not in run.stdout


@pytest.mark.parametrize("script, arguments", [("test", ["slow"]), ("setup", ["--all"]), ("fuzz", []), ("fuzz", ["no-such-parser", "1"]),
                                               ("fuzz", ["json", "soon"]), ("lint", ["no-such-file.cpp"])])
def test_wrong_use_is_said_and_does_nothing(copy, script, arguments):
    folder, environment, calls = copy
    shutil.copytree(ROOT / "fuzz", folder / "fuzz")
    run = subprocess.run([folder / "scripts" / script, *arguments], env=environment, capture_output=True, text=True, timeout=60)
    assert run.returncode == 2 and run.stderr.startswith("usage: ")
    assert not calls.exists()
