"""Write conf/NAME from a hospital's own files: ``python -m spl_kedro.cohort.guess --help``."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from spl_kedro.cohort.guess.study import guess, names_in
from spl_kedro.cohort.guess.written import CHECK, write_study
from spl_kedro.cohort.table_file import read_table
from spl_kedro.errors import UnusableStudyError

_OPTIONS = ("sheet", "separator", "encoding")
_TAKEN = ("base", "local", "study", "test")


def main(arguments: list[str] | None = None) -> int:
    """Guess, write the folder, and say what was guessed, what was not, and what comes next.

    Returns
    -------
    int
        0, or 1 where nothing was written.
    """
    parser = argparse.ArgumentParser(prog="python -m spl_kedro.cohort.guess", description=__doc__)
    parser.add_argument("--name", required=True, help="of the folder below conf")
    parser.add_argument(
        "--table", type=Path, help="CSV or Excel; without one folders are diagnoses"
    )
    parser.add_argument("--images", type=Path, required=True, help="folder of images")
    parser.add_argument("--outlines", type=Path, help="folder of outlines; that of the images")
    for option in _OPTIONS:
        parser.add_argument(f"--{option}", help="of the table, where it cannot be told")
    parser.add_argument("--conf", type=Path, default=Path("conf"), help="the project's conf")
    given = parser.parse_args(arguments)
    try:
        _write(given)
    except UnusableStudyError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


def _write(given: argparse.Namespace) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", given.name) or given.name in _TAKEN:
        raise UnusableStudyError(
            "a name for the study",
            f"'{given.name}' is none.",
            "Write small letters, digits and _, such as NAME=hospital_b.",
        )
    images = given.images.expanduser()
    outlines = (given.outlines or given.images).expanduser()
    table = None if given.table is None else given.table.expanduser()
    options = {option: getattr(given, option) or None for option in _OPTIONS}
    names = names_in(images, outlines)
    draft = guess(None if table is None else read_table(table, **options), names)
    paths = {
        "table": None if table is None else table.as_posix(),
        "images": images.as_posix(),
        "outlines": outlines.as_posix(),
    }
    folder = given.conf / given.name
    write_study(draft, folder, given.conf / "study", paths, options)
    print(f"Guessed, into {folder.as_posix()}:")
    for line in draft.told:
        print(f"  {line}")
    print("Not sure, marked CHECK in the files:")
    for place, check in draft.checks.items():
        print(f"  {CHECK}{place}: {check}")
    print("Correct them, and state what only you know in parameters_reporting.yml and")
    print(f"parameters_sealing.yml. Then: make check STUDY=conf/{given.name}")


if __name__ == "__main__":
    sys.exit(main())
