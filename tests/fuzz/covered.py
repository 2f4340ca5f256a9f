"""Fuzz one target led by the coverage of its Python code, where atheris is installed.

``python -m tests.fuzz.covered dicom --minutes 10``. Atheris is not among the project's packages:
``uv pip install --target build/atheris atheris``, and its folder in PYTHONPATH.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import atheris


def main() -> None:
    """Fuzz until the time is over; findings lie where those of ``python -m tests.fuzz`` lie."""
    with atheris.instrument_imports(include=["pydicom", "openpyxl", "xlrd", "spl_kedro", "PIL"]):
        from tests.fuzz.child import SECONDS, _seeds, attempt
        from tests.fuzz.targets import TARGETS

        parser = argparse.ArgumentParser(prog="python -m tests.fuzz.covered", description=__doc__)
        parser.add_argument("target", choices=TARGETS)
        parser.add_argument("--minutes", type=float, default=10)
        parser.add_argument("--folder", type=Path, default=Path("build/fuzz/covered"))
        given = parser.parse_args()
        target = TARGETS[given.target]
        folder = given.folder / given.target
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"current{target.suffix}"
        for one in _seeds(target, folder / "seeds"):
            attempt(target, path, one.pack(one.parts))
    warnings.simplefilter("ignore")
    # libFuzzer's clock and `attempt`'s are the same one of the process.
    options = [
        *("-handle_alrm=0", f"-timeout={2 * SECONDS}", "-rss_limit_mb=6144", "-max_len=20000"),
        *(f"-max_total_time={int(60 * given.minutes)}", str(folder / "seeds")),
    ]
    atheris.Setup([sys.argv[0], *options], lambda data: attempt(target, path, data) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
