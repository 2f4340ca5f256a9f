"""Projects for tests that run Kedro as a user does."""

import atexit
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import yaml
from tests.forks import UNDRAWN, forked

ROOT = Path(__file__).parents[1]

#: Below pytest's own limit, so that what a run said is shown.
SECONDS = 1500

#: A study as small as every step allows; a project adds what it is about.
SMALLEST = """
modeling:
  n_jobs: 1
  selection: {lasso_alphas: 8, lasso_folds: 3}
  protocol: {n_splits: 3, n_repeats: 1, clinical_bootstrap: 2}
  evaluation: {n_bootstrap: 100}
explainability:
  n_jobs: 1
  threads: 1
  shap: {background: 10, exact_up_to: 3, permutations: 1, lesions: 10}
  gradcam: {lesions: 10}
  sanity: {lesions: 2, head_lesions: 20, shuffles: 1}
radiomics:
  execution: {backend: threads, workers: 1, progress: false}
  stability: {lesions: 5}
reporting: {figure_dpi: 72}
"""


def make_project(folder: Path) -> Path:
    """Lay out a project that shares this one's code and configuration, with its own data."""
    shutil.copytree(ROOT / "conf", folder / "conf")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copy(ROOT / ".telemetry", folder)
    # Kedro wants the source folder itself to lie in the project.
    (folder / "src").mkdir()
    (folder / "src/spl_kedro").symlink_to(ROOT / "src/spl_kedro")
    return folder


def lay_over(project: Path, env: str, *below: str) -> None:
    """Put an environment's parameters and globals over those of others, in the project's own copy.

    What `env` says goes before what those below it say, the last of them before the first.
    """
    folder = project / "conf" / env
    for name in sorted({path.name for own in below for path in _settings(project, own)}):
        told: dict = {}
        for own in (*below, env):
            file = project / "conf" / own / name
            told = _merged(told, yaml.safe_load(file.read_text()) or {}) if file.exists() else told
        (folder / name).write_text(yaml.safe_dump(told))


def _settings(project: Path, env: str) -> list[Path]:
    return [p for p in (project / "conf" / env).glob("*.yml") if not p.name.startswith("catalog")]


def _merged(below: dict, above: dict) -> dict:
    own = {
        key: _merged(below[key], value)
        if isinstance(value, dict) and isinstance(below.get(key), dict)
        else value
        for key, value in above.items()
    }
    return {**below, **own}


def kedro(project: Path, *arguments: str, drawn: bool = True) -> subprocess.CompletedProcess:
    """Run kedro from a folder within the project: tracking and data must not depend on it.

    The process is a fork of one that has the libraries (`tests.forks`). What is not `drawn` is
    figures, of which nothing is asked and which take a quarter of a study in miniature.
    """
    return python(project, "-m", "kedro", *arguments, drawn=drawn)


def kedro_process(project: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run kedro as a shell starts it, in a process that Python itself begins."""
    return subprocess.run(
        [sys.executable, "-m", "kedro", *arguments],
        cwd=project / "conf", env=_environment(project),
        capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip


SESSIONS = """
import sys
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
_, project, env, *pipelines = sys.argv
bootstrap_project(project)
for name in pipelines:
    with KedroSession.create(project_path=project, env=env) as session:
        session.run(pipeline_names=[name])
"""


def kedro_sessions(
    project: Path, env: str, *pipelines: str, drawn: bool = True
) -> subprocess.CompletedProcess:
    """Run pipelines one by one, each in a session with a catalog of its own, in one process."""
    return python(project, "-c", SESSIONS, str(project), env, *pipelines, drawn=drawn)


COMMANDS = """
import json, sys
from kedro.framework.cli.cli import KedroCLI
program = KedroCLI(project_path=sys.argv[1])
for words in json.loads(sys.argv[2]):
    program.main(words, standalone_mode=False)
"""


def kedro_commands(project: Path, *commands: list[str]) -> subprocess.CompletedProcess:
    """Give kedro commands one by one in one process, which starts it once."""
    return python(project, "-c", COMMANDS, str(project), json.dumps(commands))


def python(project: Path, *arguments: str, drawn: bool = True) -> subprocess.CompletedProcess:
    """Run a program of Python's within the project, as a fork; its figures `drawn`, or empty.

    A new project gets MLflow's database with its tables, whose making takes longer than many a run.
    """
    if not (project / "mlflow.db").exists():
        shutil.copy(empty_database(), project / "mlflow.db")
    environment = _environment(project) | ({} if drawn else {UNDRAWN: "1"})
    return forked([*arguments], project / "conf", environment, SECONDS)


DATABASE = """
import sys
from mlflow.tracking import MlflowClient
MlflowClient(tracking_uri=sys.argv[1]).search_experiments()
"""


@cache
def empty_database() -> Path:
    """Return MLflow's database with its tables and nothing in them, to be copied."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    uri = f"sqlite:///{folder}/mlflow.db"
    made = forked(["-c", DATABASE, uri], folder, own_environment(), SECONDS)
    assert made.returncode == 0, made.stderr
    return folder / "mlflow.db"


def own_environment() -> dict[str, str]:
    """Return the environment of this process, with which a program of Python's is started."""
    # Where it is forbidden, every start would compile the package again.
    return os.environ | {"PYTHONDONTWRITEBYTECODE": ""}


def _environment(project: Path) -> dict[str, str]:
    return own_environment() | {
        "SPL_KEDRO_ROOT": str(project),
        "KEDRO_LOGGING_CONFIG": str(project / "conf/logging.yml"),
        "COLUMNS": "160",
    }


def stop(started: subprocess.Popen, seconds: float = 60) -> None:
    """End a process that leads a session, and whatever it started; it may have ended by itself."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(timeout=seconds)
