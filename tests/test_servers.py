"""The pages that `make` serves and builds are there, with nothing activated."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from tests.projects import ROOT, make_project

WORDS = {"mlflow": "MLflow", "viz": "Kedro-Viz"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def page(port: int, server: subprocess.Popen, seconds: float = 300) -> str:
    """Return the first page, as soon as there is one."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                return answer.read().decode()
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    return f"no answer, exit code {server.poll()}"


def make(project: Path, log, *arguments: str) -> subprocess.Popen:
    """Start make in a project, with what is installed taken as it is."""
    venv = ROOT / ".venv"
    if not (venv / "bin/kedro").exists():
        pytest.skip("make has not installed here: no .venv")
    own = Path(sys.executable).parent
    path = [p for p in os.environ["PATH"].split(os.pathsep) if Path(p).resolve() != own.resolve()]
    environment = os.environ | {
        "PATH": os.pathsep.join(path),
        "SPL_KEDRO_ROOT": str(project),
        "BROWSER": "true",
    }
    command = ["make", "-f", ROOT / "Makefile", f"VENV={venv}", f"BIN={venv}/bin"]
    return subprocess.Popen(
        [*command, "-o", f"{venv}/.ready", *arguments],
        cwd=project, env=environment, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip


@pytest.mark.parametrize("target", WORDS)
def test_the_page_is_served(target, tmp_path):
    project = make_project(tmp_path / "project")
    port = free_port()
    with (tmp_path / "log").open("w") as log:
        server = make(project, log, target, f"{target.upper()}_PORT={port}")
        try:
            content = page(port, server)
        finally:
            # It may have ended by itself, which the assertion below then tells.
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=60)
    assert WORDS[target] in content, content + (tmp_path / "log").read_text()[-2000:]


def test_the_built_page_asks_no_other_host(tmp_path):
    project = make_project(tmp_path / "project")
    with (tmp_path / "log").open("w") as log:
        code = make(project, log, "viz-build").wait(timeout=300)
    assert code == 0, (tmp_path / "log").read_text()[-2000:]
    page = (project / "build/index.html").read_text()
    assert "Kedro-Viz" in page
    assert "https://" not in page
