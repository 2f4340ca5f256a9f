"""Typical mistakes on the command line: one line with case, rule and remedy, and an exit code."""

import json
import os
import subprocess
import sys

import pytest
from tests.matrix.hospital import sound, write_hospital
from tests.matrix.kinds import Kind
from tests.matrix.registers import MISTAKES
from tests.projects import ROOT, kedro_process, make_project

# Kedro's command, again and again in one process: starting it takes longer than being refused.
RUNNER = """
import contextlib, io, json, os, sys, traceback
from pathlib import Path
project = Path(sys.argv[1])
from kedro.framework.cli import main
from tests.matrix.registers import MISTAKES

def called(arguments):
    sys.argv = ["kedro", "run", *arguments]
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        except BaseException:
            code = 1
            sys.excepthook(*sys.exc_info())  # as Python ends a process
    return {"code": code, "out": out.getvalue(), "err": err.getvalue(),
            "stored": sorted(p.name for p in project.glob("data/study/**/*.parquet"))}

told = {}
for one in MISTAKES:
    command = one.make()
    with command.made(project):
        told[one.name] = called(command.arguments)
os.environ["SPL_KEDRO_TRACEBACK"] = "1"
with MISTAKES[0].make().made(project):
    told["with the debug switch"] = called(MISTAKES[0].make().arguments)
(project / "told.json").write_text(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mistakes")
    write_hospital(folder / "hospital", sound(16))
    project = make_project(folder / "project")
    environment = os.environ | {
        "SPL_KEDRO_ROOT": str(project),
        "KEDRO_LOGGING_CONFIG": str(project / "conf/logging.yml"),
        "STUDY_DIR": str(folder / "hospital"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "COLUMNS": "160",
    }
    environment.pop("SPL_KEDRO_TRACEBACK", None)
    finished = subprocess.run(
        [sys.executable, "-c", RUNNER, str(project)],
        cwd=project, env=environment, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-3000:]
    return json.loads((project / "told.json").read_text())


@pytest.mark.parametrize("one", MISTAKES, ids=[one.what for one in MISTAKES])
def test_every_mistake_ends_in_one_line_with_rule_and_remedy(told, one: Kind):
    found = told[one.name]
    assert found["code"] != 0
    assert "Traceback" not in found["out"] + found["err"]
    (line,) = [text for text in found["err"].splitlines() if text.startswith("Error: ")]
    assert found["err"].strip().splitlines()[-1] == line
    assert line.startswith(f"Error: {one.rule}: ")
    assert line.endswith(f"Remedy: {one.remedy}")
    assert found["stored"] == []


def test_the_debug_switch_shows_the_traceback_too(told):
    found = told["with the debug switch"]
    assert found["code"] != 0
    assert "Traceback" in found["err"]


def test_a_process_of_its_own_ends_with_the_same_line_and_an_exit_code(tmp_path, monkeypatch, told):
    monkeypatch.delenv("SPL_KEDRO_TRACEBACK", raising=False)
    project = make_project(tmp_path / "project")
    name = "A misspelt pipeline"
    command = next(one for one in MISTAKES if one.name == name).make()
    finished = kedro_process(project, "run", *command.arguments)
    assert finished.returncode == told[name]["code"]
    assert finished.stderr.strip().splitlines()[-1] == told[name]["err"].strip().splitlines()[-1]
