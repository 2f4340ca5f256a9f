"""What can be said of the container without an engine that builds it."""

import re
import shlex
import subprocess

import pytest
from tests.commands import commands
from tests.projects import ROOT


@pytest.fixture(scope="module")
def steps():
    """The instructions of the Containerfile and their words, in order."""
    text = (ROOT / "Containerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0], shlex.split(line)[1:]) for line in lines]


def words_of(steps, kind):
    return [words for found, words in steps if found == kind]


def test_what_it_copies_is_in_the_repository_and_reaches_the_builder(steps):
    known = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    tracked = {name.partition("/")[0] for name in known.stdout.splitlines()}
    tracked |= set(known.stdout.splitlines())
    let_through = {
        line[1:] for line in (ROOT / ".containerignore").read_text().splitlines() if line[:1] == "!"
    }
    copied = {
        word for words in words_of(steps, "COPY") for word in words[:-1] if not word.startswith("-")
    }
    assert copied <= tracked
    assert copied == let_through
    assert not any(name in copied for name in ("data", ".git", "."))


def test_it_installs_from_the_lock_by_the_target_of_the_makefile(steps):
    (install,) = (
        words for words in words_of(steps, "RUN") if "install" in words and "make" in words
    )
    before = steps[: steps.index(("RUN", install))]
    copied = {word for words in words_of(before, "COPY") for word in words}
    makefile = (ROOT / "Makefile").read_text()
    (needed,) = re.findall(r"^\$\(READY\): (.*)$", makefile, re.MULTILINE)
    assert set(needed.split()) | {"Makefile", "src", "README.md"} <= copied
    assert "uv pip install" in makefile
    assert "-r requirements.lock" in makefile
    assert "requirements.lock" in needed
    assert install[install.index("make") + 2] == "PYTHON=python3.11"
    assert steps[0] == ("FROM", ["docker.io/library/python:3.11-slim"])


def test_it_runs_what_the_readme_does_as_a_user_who_is_not_root(steps):
    readme = {command.text for command in commands() if command.page == "README.md"}
    (started,) = words_of(steps, "CMD")
    assert " ".join(word.strip("[],") for word in started) in readme
    kinds = [kind for kind, _ in steps]
    assert words_of(steps, "USER") == [["study"]]
    assert kinds.index("USER") < kinds.index("WORKDIR") < kinds.index("COPY")
    assert all("apt-get" not in words for words in words_of(steps[kinds.index("USER") :], "RUN"))


def test_data_are_a_volume_and_no_port_is_open(steps):
    (place,) = words_of(steps, "WORKDIR")
    volumes = {word.strip("[],") for words in words_of(steps, "VOLUME") for word in words}
    assert f"{place[0]}/data" in volumes
    assert not words_of(steps, "EXPOSE")
    page = (ROOT / "docs/container.md").read_text()
    assert "0.0.0.0" not in page
    assert not re.search(r"--publish|\s-p\s", page)


def test_the_makefiles_servers_listen_on_this_machine_alone():
    recipes = (ROOT / "Makefile").read_text()
    servers = re.findall(r"(?:viz run|mlflow ui|models serve).*(?:\n\t\t.*)*", recipes)
    assert len(servers) == 3
    assert all("--host 127.0.0.1" in server for server in servers)
