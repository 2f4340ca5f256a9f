"""Studies in miniature that several files of tests start from: each is run once for all of them."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from tests.projects import kedro_process, make_project

DATA = "data/test"


@dataclass(frozen=True)
class Finished:
    """A finished run.

    Attributes
    ----------
    project : Path
        Where it ran; of one file of tests alone, which may go on from there.
    data : Path
        A copy of the data as the run left them, which nobody changes.
    output, errors : str
        What it printed.
    """

    project: Path
    data: Path
    output: str
    errors: str

    def handed_to(self, project: Path) -> Path:
        """Lay these data into another project, and return its path."""
        shutil.copytree(self.data, project / DATA, dirs_exist_ok=True)
        return project


def finished(folder: Path, *arguments: str) -> Finished:
    """Run ``kedro run --env test`` in a new project; the first process to ask does, others wait.

    Nobody tries again what failed: all who ask are told how.
    """
    folder.mkdir(exist_ok=True)
    done, failed, project, data = (folder / name for name in ("done", "failed", "project", "data"))
    with FileLock(folder / "lock"):
        if not done.exists() and not failed.exists():
            try:
                _run(folder, project, data, arguments)
                done.touch()
            except BaseException as error:
                failed.write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
                raise
    assert not failed.exists(), failed.read_text(encoding="utf-8")
    output, errors = ((folder / name).read_text(encoding="utf-8") for name in ("output", "errors"))
    return Finished(project, data, output, errors)


def _run(folder: Path, project: Path, data: Path, arguments: tuple[str, ...]) -> None:
    # As a shell starts it: what other runs made is compared with this one's bytes.
    ran = kedro_process(make_project(project), "run", "--env", "test", *arguments)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    shutil.copytree(project / DATA, data)
    for name, text in (("output", ran.stdout), ("errors", ran.stderr)):
        (folder / name).write_text(text, encoding="utf-8")
