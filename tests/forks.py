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
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from types import ModuleType
from typing import Any, NoReturn

from filelock import FileLock

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


#: Of the process that has the libraries, whatever a test has changed since.
BEGUN_WITH = of_python(os.environ | SETTINGS)


def folders(env: Mapping[str, str]) -> list[str]:
    """Return the folders of modules that are named, by Kedro too where it has opened a project."""
    return [folder for folder in env.get("PYTHONPATH", "").split(os.pathsep) if folder]


def order_of(order: dict[str, Any], seconds: float) -> int:
    """Have something done, and return its exit code; what takes longer is killed."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(seconds)
        line.connect(server())
        line.sendall(json.dumps(order).encode() + b"\n")
        try:
            told = line.recv(16)
        except TimeoutError:
            raise subprocess.TimeoutExpired(order["arguments"], seconds) from None
    assert told, "the process that has the libraries is gone"
    return int(told)


@cache
def server() -> str:
    """Return the address of the process that has the libraries, started by whoever asks first.

    All processes of a run of the tests share it, and it ends with the run.
    """
    together = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    owner = os.getppid() if together else os.getpid()
    address = Path(gettempdir()) / f"forks_{together or owner}"
    if len(str(address)) > 90:  # longer addresses than 107 letters there are none
        address = Path("/tmp") / address.name
    with FileLock(f"{address}.lock"):
        if not address.exists():
            started = subprocess.Popen(
                [sys.executable, __file__, str(address), str(owner)], env=os.environ | SETTINGS,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            while not address.exists():
                assert started.poll() is None, "the process that has the libraries did not start"
                time.sleep(0.02)
            started.returncode = 0  # nobody waits for it
    return str(address)


def forked(
    arguments: list[str], cwd: Path, env: dict[str, str], seconds: float
) -> subprocess.CompletedProcess:
    """Do what ``python *arguments`` does: ``-m`` or ``-c``, what it names, and its arguments."""
    told = of_python(env) != BEGUN_WITH
    told |= any(Path(folder, "sitecustomize.py").exists() for folder in folders(env))
    assert not told, "it needs a process that Python begins"
    with TemporaryDirectory() as folder:
        out, err = (Path(folder) / name for name in ("out", "err"))
        order = {"arguments": arguments, "cwd": str(cwd), "env": env}
        code = order_of(order | {"out": str(out), "err": str(err)}, seconds)
        said = [path.read_text(encoding="utf-8") for path in (out, err)]
    return subprocess.CompletedProcess(arguments, code, *said)


def serve(address: str, owner: int) -> dict[str, Any]:
    """Fork for each order and tell its exit code; return in the fork, with the order."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{address}.new")
    listener.listen(64)
    os.rename(f"{address}.new", address)  # whoever asks may wait from now on
    import_libraries()
    woken, waker = socket.socketpair()
    for end in (listener, woken, waker):
        end.setblocking(False)
    signal.set_wakeup_fd(waker.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    selector = selectors.DefaultSelector()
    for end in (listener, woken):
        selector.register(end, selectors.EVENT_READ)
    lines: dict[int, socket.socket] = {}  # of whom each fork works for
    while is_there(owner):
        ready = [key.fileobj for key, _ in selector.select(5)]
        for pid, line in list(lines.items()):
            if line in ready:  # closed: nobody waits for it any more
                selector.unregister(line)
                kill_group(pid)
        if woken in ready:
            woken.recv(4096)
            for pid, status in ended():
                line = lines.pop(pid)
                with suppress(KeyError):
                    selector.unregister(line)
                with suppress(BrokenPipeError), line:
                    line.sendall(str(os.waitstatus_to_exitcode(status)).encode())
        if listener in ready:
            line, _ = listener.accept()
            with line.makefile() as told:
                order = told.readline()
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                lead_group(0)
                selector.close()
                for own in (listener, woken, waker, line, *lines.values()):
                    own.close()
                return json.loads(order)
            lead_group(pid)
            lines[pid] = line
            selector.register(line, selectors.EVENT_READ)
    for pid in lines:
        kill_group(pid)
    for name in (address, f"{address}.lock"):
        os.unlink(name)
    os._exit(0)


def lead_group(pid: int) -> None:
    """Have a fork lead a group of its own; it and its parent ask for that, whoever is first."""
    with suppress(ProcessLookupError, PermissionError):
        os.setpgid(pid, 0)


def kill_group(pid: int) -> None:
    """Kill a fork and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def is_there(pid: int) -> bool:
    """Return whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ended() -> Iterator[tuple[int, int]]:
    """Yield what ended: pid and status."""
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            yield found


def import_libraries() -> None:
    """Import what every fork needs, and have it found out what does not change."""
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
    end(become(serve(sys.argv[1], int(sys.argv[2]))))
