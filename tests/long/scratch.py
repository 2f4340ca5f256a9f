"""Projects of their own in which documented commands are run as they stand, and what was done."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from tests.commands import Command
from tests.projects import ROOT, lay_over, stop
from tests.test_servers import free_port, page

#: Projects, what commands printed, and which have ended well with this code.
FOLDER = ROOT / "build/commands"
COPIED = ("benchmarks", "conf", "docs", "notebooks", "tests")
#: A change in one of these begins anew.
CODE = ("src", "conf", "benchmarks", "docs/_making", "tests/fuzz", "Makefile", "requirements.lock")
#: Environments of which the miniature's settings are laid under their own.
SMALL = ("breast", "busi", "busbra", "several_images")
#: What pip, uv and pip-audit say where no package index answers.
NO_NETWORK = re.compile(
    r"error sending request|Failed to fetch|dns error|Temporary failure in name resolution|"
    r"NewConnectionError|ConnectionError|Max retries exceeded|ProxyError"
)


@dataclass(frozen=True)
class Long:
    """A documented command that takes longer than the ordinary tests may.

    Attributes
    ----------
    text : str
        As a page has it.
    leaves : callable
        Is given the project and what the command printed, and asserts what there has to be.
    own : mapping
        What a reader puts in the place of words: ``/path/to/folder``; and of what is made smaller.
    more : str
        Arguments of the command that make it smaller.
    after : tuple of str
        Commands, as they stand in pages, that have to have been run.
    needs : tuple of str
        ``network``, a program, or an environment variable that names a folder.
    environment : mapping
        Variables.
    beside : str
        A server that runs meanwhile; ``{port}`` in it and in `more` is a free one.
    prepare : callable, optional
        Is given the project before.
    project : str
        Which of the projects; each has data of its own.
    unanswered : callable, optional
        Is given the project and what was printed by a command that failed; returns what the
        package index here does not answer, or nothing where the command itself is at fault.
    """

    text: str
    leaves: Callable[[Path, str], None]
    own: Mapping[str, str] = field(default_factory=dict)
    more: str = ""
    after: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    beside: str = ""
    prepare: Callable[[Path], None] | None = None
    project: str = "study"
    unanswered: Callable[[Path, str], str] | None = None

    def words(self) -> list[str]:
        """Return what is typed: the command, a reader's own words in it, and less to do."""
        words = [*Command(self.text, "").words, *self.more.split()]
        for word, own in self.own.items():
            own = os.path.expandvars(own)
            words = [own if w == word else w.replace(f"={word}", f"={own}") for w in words]
        return words


def run(long: Long, known: Mapping[str, Long]) -> None:
    """Run a command and those it comes after, where they have not ended well before."""
    for need in long.needs:
        if need.isupper() and not os.environ.get(need):
            pytest.skip(f"no files (set {need} to their folder)")
        if need.islower() and need != "network" and not shutil.which(need):
            pytest.skip(f"no {need} on the PATH")
    for before in long.after:
        run(known[before], known)
    project, words = _project(long.project), long.words()
    record, log = (FOLDER / f"{name_of(long.text)}.{kind}" for kind in ("json", "log"))
    if record.exists() and json.loads(record.read_text())["typed"] == words:
        return
    if long.prepare:
        long.prepare(project)
    begun, port = time.monotonic(), str(free_port())
    told = [word.replace("{port}", port) for word in words]
    with serving(project, long.beside.split(), port), log.open("w") as printed:
        ended = typed(project, told, long.environment, stdout=printed, stderr=subprocess.STDOUT)
    said = log.read_text(errors="replace")
    if ended.returncode and "network" in long.needs and NO_NETWORK.search(said):
        pytest.skip("no package index can be reached")
    if ended.returncode and long.unanswered and (why := long.unanswered(project, said)):
        pytest.skip(why)
    assert ended.returncode == 0, f"{' '.join(words)}\n{said[-4000:]}"
    long.leaves(project, said)
    seconds = round(time.monotonic() - begun)
    record.write_text(json.dumps({"typed": words, "seconds": seconds}))


def name_of(text: str) -> str:
    """Return what a command is called in names of files and tests."""
    return re.sub(r"\W+", "_", text).strip("_")[:90]


def typed(
    project: Path, words: list[str], environment: Mapping[str, str] = {}, **options
) -> subprocess.CompletedProcess:
    """Run a command in a project, with the environment activated and taken as it is."""
    return subprocess.run(
        as_installed(words),
        cwd=project,
        env=activated(project) | environment,
        timeout=3000,
        **options,
    )


@contextmanager
def serving(project: Path, words: list[str], port: str, seconds: float = 300) -> Iterator[str]:
    """Run a server, if there is one, until the block ends; yields its first page."""
    if not words:
        yield ""
        return
    log = project / "server.log"
    told = [word.replace("{port}", port) for word in words]
    with log.open("w") as printed:
        server = subprocess.Popen(
            as_installed(told), cwd=project, env=activated(project),
            stdout=printed, stderr=printed, start_new_session=True,
        )  # fmt: skip
    try:
        said = page(int(port), server, seconds)
        assert "no answer" not in said, said + log.read_text()[-3000:]
        yield said
    finally:
        stop(server)


def as_installed(words: list[str]) -> list[str]:
    """Return words that take what is installed as it is, where make would look after it."""
    return ["make", "-o", ".venv/.ready", *words[1:]] if words[0] == "make" else words


def activated(project: Path) -> dict[str, str]:
    """Return the variables of a shell in which a project's environment is activated."""
    own = {
        "PATH": f"{project / '.venv/bin'}:{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(project / "src"),
        "SPL_KEDRO_ROOT": str(project),
        "KEDRO_LOGGING_CONFIG": str(project / "conf/logging.yml"),
        "COLUMNS": "160",
        "PYTHONDONTWRITEBYTECODE": "",
    }
    # The run of tests inside this one is no part of it.
    outer = ("SPL_KEDRO_NO_SKIPS", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST")
    return {k: v for k, v in os.environ.items() if k not in outer} | own


def clone(folder: Path) -> Path:
    """Lay out a project with all that its commands name, whose settings are the miniature's.

    They stand in ``conf/local``, where a reader puts settings of one machine, and under those of
    the public cohorts: so the commands can be typed as they stand.
    """
    nobodys = shutil.ignore_patterns("__pycache__", "local", ".cache")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=nobodys)
    for file in (
        *ROOT.glob("*.md"),
        *(ROOT / n for n in (".telemetry", ".pre-commit-config.yaml")),
    ):
        shutil.copy(file, folder)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    # A copy: `make realism` keeps in the package what it measured. With what numba has compiled.
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    (folder / ".venv").symlink_to(sys.prefix)
    local = shutil.copytree(folder / "conf/test", folder / "conf/local")
    change(local / "globals.yml", lambda told: told.pop("data"))
    # Networks that are trained are trained once round, and are those of the pages.
    change(local / "parameters_deep_features.yml", lambda t: t["deep_features"].update(epochs=1))
    change(
        local / "parameters_pretraining.yml",
        lambda told: told["pretraining"]["network"].update(architecture="resnet50"),
    )
    for env in SMALL:
        lay_over(folder, env, "test")
    return folder


def change(file: Path, how: Callable[[dict], object]) -> None:
    """Change what a file of settings says."""
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    how(told)
    file.write_text(yaml.safe_dump(told), encoding="utf-8")


def _project(name: str) -> Path:
    """Return a project of this code; what another code has left is removed."""
    key, now = FOLDER / "code", _code()
    if not key.exists() or key.read_text() != now:
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        key.write_text(now)
    project, begun = FOLDER / name, FOLDER / f".{name}"
    if not project.exists():
        shutil.rmtree(begun, ignore_errors=True)
        begun.mkdir()
        clone(begun).rename(project)
    return project


def _code() -> str:
    digest = hashlib.sha256()
    for path in (ROOT / name for name in CODE):
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and not {"__pycache__", "local"} & set(file.parts):
                digest.update(f"{file.relative_to(ROOT)} {file.stat().st_size} ".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
