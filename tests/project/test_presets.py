"""Each preset configures from nothing, and knows how to build what it is for."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRESETS = json.loads((ROOT / "CMakePresets.json").read_text())


def names(kind):
    return [preset["name"] for preset in PRESETS[kind] if not preset.get("hidden")]


def targets(folder):
    run = subprocess.run(["ninja", "-C", folder, "-t", "targets", "all"], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


# The others are configured by scripts/test and bench/run.
@pytest.mark.parametrize("preset, built, left_out", [("release", "\nsignet: CXX_EXECUTABLE_LINKER", "_test.cpp.o"),
                                                     ("coverage", "security_cases_test.cpp.o", "fuzz_json")])
def test_a_preset_configures_from_nothing(tmp_path, preset, built, left_out):
    run = subprocess.run(["cmake", "--preset", preset, "-B", tmp_path / "build"], cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Warning" not in run.stderr, run.stderr
    known = targets(tmp_path / "build")
    assert built in known and left_out not in known


def test_every_preset_that_is_configured_can_be_built():
    assert names("buildPresets") == names("configurePresets")
    assert set(names("testPresets")) <= set(names("buildPresets"))


def test_a_workflow_configures_builds_and_where_there_are_tests_runs_them():
    assert "release" in names("workflowPresets")
    for workflow in PRESETS["workflowPresets"]:
        steps = ["configure", "build"] + (["test"] if workflow["name"] in names("testPresets") else [])
        assert [step["type"] for step in workflow["steps"]] == steps
        assert {step["name"] for step in workflow["steps"]} == {workflow["name"]}
