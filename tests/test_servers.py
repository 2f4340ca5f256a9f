"""The pages that `make` serves and builds are there, with nothing activated."""

import os
import random
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from tests.projects import ROOT, empty_database, make_project, stop
from tests.sockets import asked_of_others, watching

WORDS = {"mlflow": "MLflow", "viz": "Kedro-Viz"}


def free_port() -> int:
    """Return a port that is free, and stays so: no outgoing connection is given one below 32768."""
    for port in random.SystemRandom().sample(range(20_000, 32_000), 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise RuntimeError("none of 100 ports is free")


def page(port: int, server: subprocess.Popen, seconds: float = 900) -> str:
    """Return the first page, as soon as there is one."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
                return answer.read().decode()
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    return f"no answer, exit code {server.poll()}"


def status(port: int, host: str) -> int:
    """Return the answer's code to a request under another host's name, as DNS rebinding makes."""
    asked = Request(f"http://127.0.0.1:{port}/", headers={"Host": host})
    try:
        with urlopen(asked, timeout=60) as answer:
            return answer.status
    except HTTPError as error:
        return error.code


def make(project: Path, log, watch: Path, *arguments: str) -> subprocess.Popen:
    """Start make in a project, with what is installed taken as it is."""
    venv = ROOT / ".venv"
    if not (venv / "bin/kedro").exists():
        pytest.skip("no .venv (make install)")
    own = Path(sys.executable).parent
    path = [p for p in os.environ["PATH"].split(os.pathsep) if Path(p).resolve() != own.resolve()]
    environment = os.environ | {
        "PATH": os.pathsep.join(path),
        "SPL_KEDRO_ROOT": str(project),
        "BROWSER": "true",
        **watching(watch),
    }
    command = ["make", "-f", ROOT / "Makefile", f"VENV={venv}", f"BIN={venv}/bin"]
    return subprocess.Popen(
        [*command, "-o", f"{venv}/.ready", *arguments],
        cwd=project, env=environment, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip


@pytest.mark.parametrize("target", WORDS)
def test_the_page_is_served(target, tmp_path):
    project = make_project(tmp_path / "project")
    shutil.copy(empty_database(), project / "mlflow.db")
    port = free_port()
    with (tmp_path / "log").open("w") as log:
        server = make(project, log, tmp_path / "watch", target, f"{target.upper()}_PORT={port}")
        try:
            content = page(port, server)
            foreign = status(port, "attacker.example")
        finally:
            stop(server)
    assert WORDS[target] in content, content + (tmp_path / "log").read_text()[-2000:]
    assert asked_of_others(tmp_path / "watch") == []
    # kedro-viz answers whatever name it is called by, which is why real patients are not previewed.
    assert foreign == {"mlflow": 403, "viz": 200}[target]


def test_the_built_page_asks_no_other_host(tmp_path):
    project = make_project(tmp_path / "project")
    with (tmp_path / "log").open("w") as log:
        build = make(project, log, tmp_path / "watch", "viz-build")
        try:
            build.wait(timeout=900)
        finally:
            stop(build)
    assert build.returncode == 0, (tmp_path / "log").read_text()[-2000:]
    page = (project / "build/index.html").read_text()
    assert "Kedro-Viz" in page
    assert "https://" not in page
    assert asked_of_others(tmp_path / "watch") == []
