"""The short form of scripts/chaos; scripts/chaos --help says what it does and checks."""

import os
import subprocess
from pathlib import Path

import pytest

CHAOS = Path(__file__).parents[2] / "scripts/chaos"
BUILD = Path(os.environ.get("SIGNET_BIN", CHAOS.parents[1] / "build/dev/signet")).parent


@pytest.mark.parametrize("engine", ["postgres", "sqlite"])
def test_nothing_is_lost_in_a_storm(engine):
    run = subprocess.run([CHAOS, "--minutes", "0.1", "--engine", engine, "--build", BUILD, "--every", "1", "--reach", "2",
                          "--rounds", "2", "--pause", "0.03"], capture_output=True, text=True)
    if "PostgreSQL is not installed" in run.stderr:
        pytest.skip("PostgreSQL is not installed; scripts/setup does that")
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-4000:]
    assert "nothing was lost" in run.stdout
