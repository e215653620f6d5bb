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
