"""Where a result comes from: the code's commit and the data's checksum."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd


def git_state(root: Path) -> dict[str, str]:
    """Return the commit of the code and whether it was changed since.

    Parameters
    ----------
    root : Path
        A folder of the repository.

    Returns
    -------
    dict of str to str
        ``git_commit`` and ``git_dirty``; empty outside a repository. New folders of ``conf`` are
        no change of the code: a study's settings stand in its report and stay out of what is
        published.
    """
    try:
        commit = _git(root, "rev-parse", "HEAD")
        found = _git(root, "status", "--porcelain").splitlines()
    except (OSError, subprocess.CalledProcessError):
        return {}
    changed = [line for line in found if not line.startswith("?? conf/")]
    return {"git_commit": commit, "git_dirty": str(bool(changed)).lower()}


def now() -> str:
    """Return the date and time, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def code_version(root: Path) -> dict[str, str]:
    """Return which code runs.

    Parameters
    ----------
    root : Path
        The package's folder.

    Returns
    -------
    dict of str to str
        ``version`` (the commit where there is a repository, else the package's version),
        ``git_dirty`` where there is one, and ``sources_sha256``, a checksum of every Python file
        of the package: it shows changes that were not committed, and none where a commit changed
        documents alone.
    """
    from importlib.metadata import version

    state = git_state(root)
    own = {"version": state.get("git_commit") or version("spl_kedro")}
    if "git_dirty" in state:
        own["git_dirty"] = state["git_dirty"]
    return own | {"sources_sha256": sources_checksum(root)}


def sources_checksum(root: Path) -> str:
    """Return a checksum of every Python file of a package (64 hexadecimal digits).

    Parameters
    ----------
    root : Path
        The package's folder.
    """
    total = hashlib.sha256()
    for path in sorted(root.rglob("*.py"), key=lambda file: file.relative_to(root).as_posix()):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def cohort_checksum(cohort: pd.DataFrame) -> str:
    """Return a checksum of the cohort's images, labels and split (64 hexadecimal digits)."""
    columns = ["image_sha256", "label", "cohort"]
    text = cohort.sort_index()[columns].to_csv()
    return hashlib.sha256(text.encode()).hexdigest()


def development_key(predictions: pd.DataFrame) -> str:
    """Return what tells one development of models from another (16 hexadecimal digits).

    Parameters
    ----------
    predictions : DataFrame
        ``schemas.Predictions``. The cross-fitted scores of training lesions alone count, so that
        opening a sealed validation changes nothing.
    """
    own = predictions[
        (predictions["protocol"] == "leak_free") & (predictions["cohort"] == "training")
    ]
    columns = ["lesion_id", "model", "repeat", "fold", "label", "score"]
    rows = own[columns].sort_values(columns[:3], kind="stable")
    values = pd.util.hash_pandas_object(rows, index=False, categorize=False).to_numpy()
    return hashlib.sha256(values.tobytes()).hexdigest()[:16]
