"""The configuration, with one decision of its own: whose rows and pictures kedro-viz may show."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from kedro.config import OmegaConfigLoader


class StudyConfigLoader(OmegaConfigLoader):
    """Kedro's loader; where the globals leave ``previews`` open, real patients are not previewed.

    kedro-viz answers a request for any host's name, so that a page of another site that is open in
    the same browser could read what it shows. It starts without the project's hooks, unless asked:
    the decision has to be in the catalog itself, as every program that loads it reads it.

    Each kind of configuration is read once; the hooks that ask for it get copies of their own.

    Parameters
    ----------
    *args, **kwargs
        As for :class:`kedro.config.OmegaConfigLoader`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Read by another loader: one keeps for good the globals by which it read the parameters.
        told = OmegaConfigLoader(*args, **kwargs)
        globals_ = told["globals"]
        simulated = _simulated(told)
        if globals_.get("previews") is None:
            globals_ = {**globals_, "previews": simulated}
        if globals_.get("patients") is None:
            globals_ = {**globals_, "patients": "Simulated patients" if simulated else ""}
        self._have_read: dict[tuple[str, str], dict[str, Any]] = {}
        super().__init__(*args, **kwargs)
        self["globals"] = globals_

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Return a kind of configuration, merged and resolved."""
        if key in self or key == "credentials":
            return super().__getitem__(key)
        asked = key, repr(self.runtime_params)
        if asked not in self._have_read:
            self._have_read[asked] = super().__getitem__(key)
        return deepcopy(self._have_read[asked])


def _simulated(told: OmegaConfigLoader) -> bool:
    """Return whether an environment says that its patients are simulated; silence is no."""
    try:
        parameters = told["parameters"]
    except Exception:  # told of where they are read to be used
        return False
    return parameters.get("data_processing", {}).get("simulated") is True
