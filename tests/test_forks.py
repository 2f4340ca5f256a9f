"""Programs that are forks do what they do as processes that Python begins."""

import subprocess
import sys

import pytest
from tests.forks import forked
from tests.projects import SECONDS, own_environment

SAYS = """
import atexit, os, sys
atexit.register(lambda: print("at the end"))
import found_by_its_folder
print(sys.argv, os.getcwd(), os.environ["TOLD"], __name__, found_by_its_folder.HERE)
print("words", file=sys.stderr)
ENDS
"""


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        ("", 0),
        ("sys.exit()", 0),
        ("sys.exit(3)", 3),
        ("sys.exit('in words')", 1),
        ("sys.excepthook = lambda *of: print('hook', of[0].__name__); 1 / 0", 1),
    ],
)
def test_a_fork_says_and_ends_as_a_process_does(tmp_path, ends, code):
    (tmp_path / "found_by_its_folder.py").write_text("HERE = 1")
    arguments = ["-c", SAYS.replace("ENDS", ends), "one", "two"]
    env = own_environment() | {"TOLD": "so", "PYTHONPATH": str(tmp_path)}
    fork = forked(arguments, tmp_path, env, SECONDS)
    process = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, env=env, capture_output=True, text=True
    )
    told = [(one.returncode, one.stdout, one.stderr) for one in (fork, process)]
    assert told[0] == told[1]
    assert fork.returncode == code
    assert fork.stdout.startswith("['-c', 'one', 'two']")
    assert "at the end" in fork.stdout


def test_a_fork_that_hangs_is_ended_and_the_next_one_runs(tmp_path):
    with pytest.raises(subprocess.TimeoutExpired):
        forked(["-c", "import time; time.sleep(600)"], tmp_path, own_environment(), 0.5)
    after = forked(["-c", "print('here')"], tmp_path, own_environment(), SECONDS)
    assert after.stdout == "here\n"


def test_what_python_must_be_told_when_it_begins_is_refused(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("")
    for own in ({"PYTHONHASHSEED": "1"}, {"PYTHONPATH": str(tmp_path)}):
        with pytest.raises(AssertionError, match="a process that Python begins"):
            forked(["-c", ""], tmp_path, own_environment() | own, SECONDS)
