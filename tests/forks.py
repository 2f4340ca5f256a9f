"""Programs as forks of one process that has the libraries: importing them takes seconds each time.

Each run of a program is a process of its own, with its own arguments, environment, folder and exit
code, and imports this package itself. Shared are the libraries and what Python drew at its start,
such as the seed of its hashes: bytes are compared with those of a run that Python itself began.

Started as a program this file is that process.
"""

import atexit
import gc
import inspect
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, NoReturn

#: What runs import sooner or later. Not what reads its settings when it is imported, as the part
#: of Kedro does that sets up the log.
LIBRARIES = (
    "kedro.io", "kedro.pipeline", "omegaconf", "mlflow", "torch", "torchvision", "numba", "pandas",
    "pandera.pandas", "pyarrow.parquet", "scipy.stats", "scipy.ndimage", "sklearn.pipeline",
    "sklearn.svm", "sklearn.linear_model", "sklearn.model_selection", "skimage.measure",
    "matplotlib.backends.backend_agg", "SimpleITK", "statsmodels.api", "shap", "captum.attr",
    "skops.io", "mlflow.sklearn", "mlflow.store.tracking.sqlalchemy_store", "hypothesis.strategies",
    "docx", "alembic.command", "contourpy", "dask.dataframe", "dynaconf", "filelock",
    "fsspec.implementations.local", "git", "hypothesis.extra.pandas", "kedro.config",
    "kedro.validation", "kedro_datasets.matplotlib.matplotlib_dataset",
    "kedro_datasets.pandas.csv_dataset", "kedro_datasets.pandas.parquet_dataset",
    "kedro_datasets.partitions.partitioned_dataset", "kedro_datasets.pickle.pickle_dataset",
    "kedro_datasets.text.text_dataset", "matplotlib.backends.backend_svg", "mlflow.pyfunc",
    "mlflow.store.model_registry.sqlalchemy_workspace_store",
    "mlflow.store.tracking.sqlalchemy_workspace_store",
    "mlflow.system_metrics.system_metrics_monitor", "mlflow.tracing.processor.otel",
    "multiprocessing.managers", "openpyxl", "pandas.io.formats.style",
    "pandera.backends.pandas.register", "pathspec", "pyarrow.dataset", "pydicom", "pywt",
    "skimage.morphology", "sqlalchemy.dialects.sqlite", "tableone", "torchvision.transforms.v2",
    "trimesh.creation",
)  # fmt: skip
#: As the project sets them before it imports these; and as Python is started for any run of it.
SETTINGS = {"OMP_WAIT_POLICY": "PASSIVE", "MLFLOW_LOGGING_LEVEL": "WARNING",
            "PYTHONDONTWRITEBYTECODE": ""}  # fmt: skip
#: In a program's environment: its figures are empty sheets.
UNDRAWN = "SPL_KEDRO_TESTS_UNDRAWN"


def of_python(env: Mapping[str, str]) -> dict[str, str]:
    """Return what Python reads once, when it starts, but for the folders of modules."""
    names = (name for name in env if name.startswith("PYTHON") and name != "PYTHONPATH")
    return {name: env[name] for name in names}


def folders(env: Mapping[str, str]) -> list[str]:
    """Return the folders of modules that are named, by Kedro too where it has opened a project."""
    return [folder for folder in env.get("PYTHONPATH", "").split(os.pathsep) if folder]


class Server:
    """The process that has the libraries, as its parent sees it; it ends with its parent."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self.env = os.environ | SETTINGS
        self._process = subprocess.Popen(
            [sys.executable, __file__], env=self.env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def run(self, order: dict[str, Any], seconds: float) -> int:
        """Return the exit code of what was ordered."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        late = threading.Timer(seconds, os.killpg, (self._process.pid, signal.SIGKILL))
        with self._one_at_a_time:
            late.start()
            try:
                self._process.stdin.write(json.dumps(order) + "\n")
                self._process.stdin.flush()
                told = self._process.stdout.readline()
            finally:
                late.cancel()
        if not told:
            running.cache_clear()
            raise subprocess.TimeoutExpired(order["arguments"], seconds)
        return int(told)

    def end(self) -> None:
        """End it, and wait until it has ended."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@cache
def running() -> Server:
    """Return the server of this process."""
    server = Server()
    atexit.register(server.end)
    return server


def forked(
    arguments: list[str], cwd: Path, env: dict[str, str], seconds: float
) -> subprocess.CompletedProcess:
    """Do what ``python *arguments`` does: ``-m`` or ``-c``, what it names, and its arguments."""
    server = running()
    told = of_python(env) != of_python(server.env)
    told |= any(Path(folder, "sitecustomize.py").exists() for folder in folders(env))
    assert not told, "it needs a process that Python begins"
    with TemporaryDirectory() as folder:
        out, err = (Path(folder) / name for name in ("out", "err"))
        order = {"arguments": arguments, "cwd": str(cwd), "env": env}
        code = server.run(order | {"out": str(out), "err": str(err)}, seconds)
        said = [path.read_text(encoding="utf-8") for path in (out, err)]
    return subprocess.CompletedProcess(arguments, code, *said)


def serve() -> dict[str, Any]:
    """Fork for each order and tell its exit code; return in the fork, with the order."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library says is no answer
    for name in LIBRARIES:
        import_module(name)
    from mlflow.utils.requirements_utils import warn_dependency_requirement_mismatches

    assert "kedro.framework.project" not in sys.modules
    # MLflow reads what each installed package holds, and remembers it.
    warn_dependency_requirement_mismatches(["mlflow"])
    # Kedro's settings ask Python of what module each caller is, which then looks at all modules.
    inspect.getmodule(inspect.currentframe(), "no file")
    inspect.modulesbyfile.update({"<frozen runpy>": "runpy", "<string>": "__main__"})
    # Forks share the memory of what no collection of garbage visits.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)  # as in the tests' own processes
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            answers.close()
            return json.loads(line)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)
    os._exit(0)


def leave_sheets_empty() -> None:
    """Have each figure saved as an empty sheet of its size, with no places found for its parts.

    That is most of a figure's time. The figure itself is made as ever.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    save = Figure.savefig

    def save_empty(self: Figure, *given: Any, **named: Any) -> None:
        save(Figure(figsize=self.get_size_inches()), *given, **named)

    Figure.savefig = save_empty  # type: ignore[method-assign]
    Figure.get_tightbbox = lambda self, *_, **__: self.bbox_inches  # type: ignore[method-assign]
    ConstrainedLayoutEngine.execute = lambda *_: None  # type: ignore[method-assign]


def become(order: dict[str, Any]) -> int:
    """Do what was ordered as if Python had started with it, and return the exit code."""
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    for number, name in enumerate((os.devnull, order["out"], order["err"])):
        place = os.open(name, os.O_CREAT | (os.O_WRONLY if number else os.O_RDONLY))
        os.dup2(place, number)
        os.close(place)
    if UNDRAWN in os.environ:
        leave_sheets_empty()
    kind, what, *others = order["arguments"]
    sys.argv = [kind, *others]
    sys.path[0] = order["cwd"] if kind == "-m" else ""
    sys.path[1:1] = [folder for folder in folders(order["env"]) if folder not in sys.path]
    try:
        if kind == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            sys.modules["__main__"] = main = ModuleType("__main__")
            exec(compile(what, "<string>", "exec"), main.__dict__)
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def end(code: int) -> NoReturn:
    """End as Python does, but for taking down the libraries that the server still holds."""
    threading._shutdown()  # waits for threads
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    end(become(serve()))
