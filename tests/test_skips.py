import os
import subprocess
import sys

from tests.projects import ROOT

SKIPPING = """
import pytest

def test_on_real_images(breast_dir):
    pass

@pytest.mark.parametrize("width", [390, 1440])
def test_in_a_browser(width):
    pytest.skip("no browser (install one)")
"""
# The run inside this one is no part of it: neither a worker nor where no test may be skipped.
OUTER = {"BREAST_DIR", "SPL_KEDRO_NO_SKIPS", "PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS"}


def test_a_run_ends_with_one_line_that_says_what_was_skipped_and_what_it_needs(tmp_path):
    (tmp_path / "test_skipping.py").write_text(SKIPPING)
    environment = {name: value for name, value in os.environ.items() if name not in OUTER}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-p", "tests.conftest",
         "-p", "no:cacheprovider", tmp_path],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    said = [line for line in ended.stdout.splitlines() if "BREAST_DIR" in line or "browser" in line]
    assert said == [
        "Tests skipped: 1 × no BrEaST images (set BREAST_DIR to their folder, see docs/breast.md); "
        "2 × no browser (install one)."
    ]
