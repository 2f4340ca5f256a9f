"""The kernels of linear algebra, by which the last digits are decided."""

import json
import os
import subprocess
import sys

import pytest

import spl_kedro

PROBE = """
import json
import spl_kedro, numpy, scipy.linalg
from threadpoolctl import threadpool_info
print(json.dumps([
    library["architecture"] for library in threadpool_info()
    if library["internal_api"] == "openblas"
]))
"""


@pytest.fixture
def avx2():
    if not spl_kedro._has_avx2():
        pytest.skip("no processor with AVX2")


def kernels(**told):
    env = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"} | told
    command = [sys.executable, "-c", PROBE]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=300)
    return set(json.loads(done.stdout))


def test_every_processor_with_avx2_takes_the_same_kernels(avx2):
    assert kernels() == {"Haswell"}


def test_kernels_that_somebody_asks_for_are_taken(avx2):
    assert kernels(OPENBLAS_CORETYPE="Nehalem") == {"Nehalem"}


def test_where_the_processor_is_not_told_the_library_chooses(monkeypatch, tmp_path):
    monkeypatch.setattr(spl_kedro, "Path", lambda place: tmp_path / "absent")
    assert not spl_kedro._has_avx2()
    (tmp_path / "absent").write_text("flags : fpu sse sse2 avx")
    assert not spl_kedro._has_avx2()
    (tmp_path / "absent").write_text("flags : fpu sse fma avx avx2")
    assert spl_kedro._has_avx2()
