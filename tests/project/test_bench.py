"""What the programs in bench/ make of the figures they get; the figures themselves are no test's."""

import importlib.machinery
import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.dont_write_bytecode = True


def program(name):
    loader = importlib.machinery.SourceFileLoader(name, str(ROOT / "bench" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


INSTRUCTIONS = program("instructions")

DUMP = f"""events: Ir
ob={INSTRUCTIONS.BINARY}
fl=???
fn=signet_counted
0 100
cfn=verify
cob=/usr/lib/libcrypto.so.3
calls=64 0
0 6400

ob=/usr/lib/libcrypto.so.3
fn=verify
0 6400
totals: 6500
"""


def test_instructions_are_counted_once_by_the_object_they_stand_in(tmp_path):
    (tmp_path / "out.1").write_text(DUMP)
    assert INSTRUCTIONS.counts_of(tmp_path / "out.1", 10) == {"all": 650.0, "own": 10.0}


@pytest.mark.parametrize("now, good, said", [
    ({"all": 1000, "own": 100}, True, ""),
    ({"all": 1030, "own": 103}, True, ""),
    ({"all": 1040, "own": 100}, False, "MORE"),
    ({"all": 1000, "own": 110}, False, "MORE"),  # what would drown in the sum
    ({"all": 900, "own": 100}, True, "fewer"),
])
def test_three_percent_more_of_either_count_is_a_failure(now, good, said, capsys):
    assert INSTRUCTIONS.compare({"verify": {"all": 1000, "own": 100}}, {"verify": now}) == good
    assert said in capsys.readouterr().out


def test_an_operation_that_is_counted_or_known_alone_is_a_failure():
    row = {"verify": {"all": 1000, "own": 100}}
    assert not INSTRUCTIONS.compare(row, {}) and not INSTRUCTIONS.compare({}, row)


def test_ten_operations_are_known():
    known = INSTRUCTIONS.json.loads(INSTRUCTIONS.FILE.read_text())
    assert len(known["instructions"]) >= 10
    assert all(0 < row["own"] <= row["all"] for row in known["instructions"].values())


RUN = program("run")


def library_row(name, ns, floor_ns=100.0, allocations=1):
    return {"name": name, "ns": ns, "floor_ns": floor_ns, "allocations": allocations}


def test_each_row_of_the_budget_is_met_or_not_or_was_not_measured():
    rows = [library_row("verify HS256", 129.0), library_row("sign HS256", 131.0), library_row("verify HS256, cache hit", 80.0),
            library_row("verify HS256, 1 thread", 100.0), library_row("verify HS256, 2 threads", 104.0)]
    served = [{"name": name, "value": value, "unit": "x"} for name, value in {
        "/profile against Go": 2.5, "logins against the bare hash": 0.95, "hashing, of the processor time of logins": 95.5,
        "a refresh, one client: processor time": 300.0, "a bare hash": 20.0}.items()]
    peers = [{"peer": "golang-jwt 4.4", "name": "verify HS256", "ns": 1000.0}]
    verdicts = {what: (value, verdict) for what, _, _, _, value, verdict in RUN.budget(rows, peers, served)}
    assert verdicts["verify HS256 against its floor"] == ("1.29", "met")
    assert verdicts["sign HS256 against its floor"] == ("1.31", "**not met**")
    assert verdicts["golang-jwt's verify HS256 against ours"] == ("7.75", "**not met**: the floor itself is 10.0 x faster")
    assert verdicts["a token seen before, any algorithm"] == ("80.00", "met")
    assert verdicts["2 threads against one, on two cores"] == ("1.92", "met")
    assert verdicts["`/profile` against the Go server"] == ("2.50", "met")
    assert verdicts["logins against the bare password hash"] == (
        "0.95", "**not met**: 95.5 % of a login's processor time are its hash's; the same without one, a refresh, takes 1.5 % of it by itself")
    assert verdicts["verify ES256 against its primitive"] == ("-", "not measured")


def test_a_peer_is_shown_beside_ours_where_it_knows_the_algorithm():
    rows = [library_row("verify HS256", 500.0), library_row("verify EdDSA", 50_000.0)]
    peers = [{"peer": "jsonwebtoken 9", "name": "verify HS256", "ns": 5000.0}]
    table = list(RUN.peer_table(peers, rows, "verify"))
    assert table[-1] == "| jsonwebtoken 9 | 5,000 (10.0 x) | - |"


@pytest.mark.parametrize("name", ["run", "instructions", "http", "bulkhead", "revocation_reach"])
def test_a_program_says_what_it_does(name):
    run = RUN.subprocess.run([ROOT / "bench" / name, "--help"], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0 and f"bench/{name}" in run.stdout
