"""Commands of those who install, change and examine the program."""

import json
import re
import subprocess
from pathlib import Path

from tests.long.benchmarks import printed
from tests.long.scratch import Long

ATHERIS = "uv pip install --target build/atheris atheris"
VENV = "python -m venv .venv"
COLLECTED = printed(" collected")


def covered(project: Path, said: str) -> None:
    assert re.search(r"^TOTAL .* \d+%$", said, re.MULTILINE)


def fuzzed(*readers: str):
    """Return a judge of a fuzzing: every reader got files, nothing was found, nothing died."""

    def leaves(project: Path, said: str) -> None:
        told = re.findall(r"^(\w+): \d+ s, (\d+) files, (\d+) deaths, (\d+) kinds", said, re.M)
        assert {name for name, *_ in told} >= set(readers)
        assert "0" not in {files for _, files, *_ in told}
        assert {(deaths, found) for *_, deaths, found in told} == {("0", "0")}

    return leaves


def led(project: Path, said: str) -> None:
    assert re.search(r"Done \d+ runs", said)
    assert not list((project / "build/fuzz/covered").rglob("findings/*"))


def locked(project: Path, said: str) -> None:
    lock = (project / "requirements.lock").read_text(encoding="utf-8")
    assert re.search(r"^kedro==\d", lock, re.MULTILINE)
    assert lock.count("--hash=sha256:") == 2


def listed(project: Path, said: str) -> None:
    parts = json.loads((project / "build/sbom.json").read_text(encoding="utf-8"))["components"]
    assert {"numpy", "kedro"} <= {part["name"] for part in parts}


def without_advisories(project: Path, said: str) -> str:
    """Return that the index has no advisories, where it knows none of a release it does have.

    The SBOM, which needs none, has to be there all the same.
    """
    unknown = "Dependency not found on PyPI"
    if unknown not in said:
        return ""
    listed(project, said)
    (project / "build/released.txt").write_text("pip==25.0\n", encoding="utf-8")
    asked = subprocess.run(
        ["build/audit/bin/pip-audit", "--strict", "--no-deps", "--disable-pip",
         "--requirement", "build/released.txt"],
        cwd=project, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    return "the package index gives no advisories" if unknown in asked.stderr else ""


def without_environment(project: Path) -> None:
    if (project / ".venv").is_symlink():
        (project / ".venv").unlink()


def made(project: Path, said: str) -> None:
    assert (project / ".venv/pyvenv.cfg").is_file()


def compared(project: Path, said: str) -> None:
    picture = project / "docs/images/mlflow.png"
    assert picture.stat().st_mtime > (project / "data/06_models/cdlr_model.pkl").stat().st_mtime


def to_be_installed(*words: str):
    """Return a judge of a trial: what would be installed is found, and nothing is changed."""
    return printed(*(words or ("Would install",)))


def trial(text: str, *words: str, **more) -> Long:
    return Long(text, to_be_installed(*words), more="--dry-run", needs=("network",), **more)


LONG = (
    Long("make test-commands", COLLECTED, environment={"PYTEST_ADDOPTS": "--collect-only -q"}),
    Long("make coverage", covered,
         environment={"PYTEST_ADDOPTS": "tests/test_bars.py --cov-fail-under=0"}),
    Long("python -m pytest tests/cohort --cov --cov-fail-under=0", covered, more="-k guess"),
    Long("python -m pytest -q tests/cohort", COLLECTED, more="--collect-only"),
    Long("python -m pytest tests/matrix", COLLECTED, more="--collect-only"),
    Long("python -m pytest -q tests/features/radiomics/test_ibsi.py", printed(" passed")),
    Long("pytest tests/features/radiomics/test_equality.py -k generated", printed(" passed")),
    Long("pytest tests/test_privacy.py tests/test_servers.py", COLLECTED, more="--collect-only"),
    Long("make fuzz MINUTES=60", fuzzed("nrrd", "dicom"), {"MINUTES=60": "MINUTES=2"}),
    Long("python -m tests.fuzz nrrd dicom --minutes 20", fuzzed("nrrd", "dicom"), {"20": "0.4"}),
    Long("python -m tests.fuzz labelme coco via slicer dicom_outlines --minutes 2.5",
         fuzzed("labelme", "dicom_outlines"), {"2.5": "0.8"}),
    Long(ATHERIS, printed("atheris"), needs=("network",)),
    Long("python -m tests.fuzz.covered dicom --minutes 10", led, {"10": "0.3"}, after=(ATHERIS,),
         environment={"PYTHONPATH": "build/atheris:.:src"}),
    Long(VENV, made, prepare=without_environment, project="plain"),
    Long("pip install uv", printed("Successfully installed uv"), after=(VENV,), project="plain",
         needs=("network",)),
    trial("uv pip install --python .venv/bin/python -r requirements.lock", "Would install",
          after=("pip install uv",), project="plain"),
    trial('pip install "spl_kedro[ocr]"', "spl_kedro"),
    trial("pip install 'psycopg[binary]'"),
    trial("pip install 'tabicl>=2.2,<3'"),
    trial("uv pip install dask-jobqueue", "dask-jobqueue"),
    Long("make lock", locked, needs=("network",)),
    Long("make audit-dependencies", listed, needs=("network",), unanswered=without_advisories),
    Long("python docs/_making/mlflow_picture.py mlflow.db", compared, after=("make run",),
         more="--address http://127.0.0.1:{port}", beside="make mlflow MLFLOW_PORT={port}",
         needs=("chromium",)),
)  # fmt: skip
