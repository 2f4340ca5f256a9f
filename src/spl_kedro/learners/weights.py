"""Whether a network of tables can be run here: its package, and its file of weights."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from pickle import UnpicklingError

from spl_kedro.parameters import without_folder

#: What is relied on: `model_path`, `allow_auto_download`, and that weights alone are read.
PACKAGE, SINCE, BEFORE = "tabicl", (2, 2), (3,)
INSTALL = "pip install 'tabicl>=2.2,<3'"


def why_not(weights: str | None) -> str:
    """Return why TabICL is not run, or nothing where it can be.

    Nothing is fetched, and nothing but weights is read from the file: torch refuses a file that
    holds anything else.

    Parameters
    ----------
    weights : str or None
        File of the weights.

    Returns
    -------
    str
        Begins with "not run: "; names the file without its folder.
    """
    if weights is None:
        return "not run: no weights named in tabular_learners.tabicl.weights"
    name = without_folder(weights)
    if not Path(weights).is_file():
        return f"not run: no weights at {name}"
    try:
        found = version(PACKAGE)
    except PackageNotFoundError:
        return f"not run: the package {PACKAGE} is not installed ({INSTALL})"
    if not SINCE <= _numbers(found) < BEFORE:
        wanted = f"{'.'.join(map(str, SINCE))} or later, before {BEFORE[0]}"
        return f"not run: {PACKAGE} {found} is installed, and {wanted} is needed"
    return _why_not_these(Path(weights), name)


def _numbers(told: str) -> tuple[int, ...]:
    return tuple(int(part) for part in told.split(".")[:2] if part.isdigit())


def _why_not_these(path: Path, name: str) -> str:
    """Say what is wrong with a file of weights, or nothing."""
    import torch

    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except (UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError):
        return f"not run: {name} is no file of weights that can be read safely"
    holds = isinstance(stored, dict) and {"config", "state_dict"} <= set(stored)
    if not holds or not isinstance(stored["config"], dict):
        return f"not run: {name} does not hold the configuration and weights of TabICL"
    if stored["config"].get("max_classes", 10) < 2:
        return f"not run: {name} holds weights of TabICL for numbers, not for classes"
    return ""
