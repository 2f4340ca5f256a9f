"""The wheel holds the package whole, and works in an environment of its own."""

import os
import shutil
import site
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.projects import ROOT

#: What is asked of the installed package, elsewhere than in the repository.
PROBE = """
from importlib.metadata import requires, version
from importlib.resources import files
import spl_kedro, spl_kedro.api
from spl_kedro.reporting.checklist import load_checklist
print(spl_kedro.__file__)
print(version("spl_kedro"), spl_kedro.__version__)
print(len(requires("spl_kedro")))
print((files("spl_kedro") / "py.typed").is_file())
names = [file.name for file in (files("spl_kedro.reporting") / "checklists").iterdir()]
print(len([load_checklist(name.removesuffix(".json")) for name in names if ".json" in name]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Build the wheel from a copy of what it is made of."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    made_here = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", folder / "src", ignore=made_here)
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist"],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    (found,) = (folder / "dist").glob("*.whl")
    return found


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel):
    # Fault: a template, a schema or a stub that the package's data does not name.
    source = ROOT / "src"
    expected = {
        path.relative_to(source).as_posix()
        for path in (source / "spl_kedro").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected


def test_the_wheel_works_in_an_empty_environment(wheel, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "own"], check=True)
    python = tmp_path / "own/bin/python"
    told = subprocess.run(
        [python, "-c", "import site; print(site.getsitepackages()[0])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    own = Path(told.stdout.strip())
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--target", own, wheel], check=True)
    # The dependencies, without this project's own way into them: of a path in a .pth file the .pth
    # files are not read.
    (own / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(
        [python, "-c", PROBE], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    place, versions, dependencies, typed, checklists = ran.stdout.splitlines()[-5:]
    assert place.startswith(str(own))
    assert len(set(versions.split())) == 1
    assert int(dependencies) > 30
    assert typed == "True"
    assert int(checklists) == len(
        list((ROOT / "src/spl_kedro/reporting/checklists").glob("*.json"))
    )
