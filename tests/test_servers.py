"""The pages that `make` serves come up, with nothing activated, on the loopback address."""

import os
import signal
import socket
import subprocess
import sys
import time
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


def page(port: int, server: subprocess.Popen, seconds: float = 180) -> str:
    """Return the first page, as soon as there is one."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                return answer.read().decode()
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    return f"no answer, exit code {server.poll()}"


@pytest.mark.parametrize("target", WORDS)
def test_the_page_is_served(target, tmp_path):
    if not (ROOT / ".venv/bin/kedro").exists():
        pytest.skip("make has not installed here: no .venv")
    project = make_project(tmp_path / "project")
    own = Path(sys.executable).parent
    path = [p for p in os.environ["PATH"].split(os.pathsep) if Path(p).resolve() != own.resolve()]
    environment = os.environ | {
        "PATH": os.pathsep.join(path),
        "SPL_KEDRO_ROOT": str(project),
        "BROWSER": "true",
    }
    port = free_port()
    # What is installed is taken as it is.
    command = ["make", "-o", ".venv/.ready", target, f"{target.upper()}_PORT={port}"]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            content = page(port, server)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=60)
    assert WORDS[target] in content, content + (tmp_path / "log").read_text()[-2000:]
