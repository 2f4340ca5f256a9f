"""Where runs are tracked: the project's own database, or the server a user names."""

from __future__ import annotations

import ipaddress
import os
from typing import NamedTuple
from urllib.parse import urlsplit

#: The standard variable that names a tracking server or database.
VARIABLE = "MLFLOW_TRACKING_URI"
_OF_FILES = ("", "file", "sqlite")
#: As the process was started: MLflow writes there itself what a run then uses.
GIVEN = os.environ.get(VARIABLE)


class Tracker(NamedTuple):
    """A tracker, and what is to be said about the choice.

    Attributes
    ----------
    given : str or None
        The address a user gave and that is used; None: the project's own.
    note : str
        Empty where there is nothing to say.
    """

    given: str | None
    note: str


def chosen_tracker(*, remote: bool) -> Tracker:
    """Return the tracker that :data:`VARIABLE` names, where it may be used.

    One on this machine always may, one elsewhere where the study says so: parameters, metrics,
    tables, figures and models would leave the machine.

    Parameters
    ----------
    remote : bool
        The globals' ``tracking.remote``.
    """
    if not GIVEN:
        return Tracker(None, "")
    if remote or _is_here(GIVEN):
        return Tracker(GIVEN, "")
    host = urlsplit(GIVEN).hostname or GIVEN.split(":")[0]
    return Tracker(
        None,
        f"{VARIABLE} names a tracker on another machine ({host}), which is not used: nothing "
        "leaves this machine unless the globals say tracking: {remote: true}. Runs are tracked in "
        "the project's own mlflow.db.",
    )


def tracking_uri(own: str, remote: bool) -> str:
    """Return where runs are tracked; a resolver of the configuration."""
    return chosen_tracker(remote=remote).given or own


def artifact_location(own: str, remote: bool) -> str | None:
    """Return where a new experiment keeps its files; of a server, where the server says."""
    given = chosen_tracker(remote=remote).given
    return None if given and urlsplit(given).scheme in ("http", "https") else own


def _is_here(address: str) -> bool:
    """Return whether an address is that of a file, or of a server on this machine alone."""
    parts = urlsplit(address)
    if parts.scheme in _OF_FILES:
        return not address.startswith("databricks")  # a profile of that service
    if parts.hostname in (None, "localhost"):
        return parts.hostname == "localhost"
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False
