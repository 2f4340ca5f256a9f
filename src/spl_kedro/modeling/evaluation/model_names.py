"""What models are called for readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_KEY = re.compile(r"[a-z0-9_]+")


class OfModels(dict[str, Any]):
    """What the publication's models have, and what any further model gets."""

    def __init__(self, known: Mapping[str, Any], further: Callable[[str], Any]) -> None:
        super().__init__(known)
        self._further = further

    def __missing__(self, model: str) -> Any:
        return self._further(model)


def _from_key(key: str) -> str:
    """Return a name for readers of a model that nobody gave one, by its key; a title as it is.

    Examples
    --------
    >>> _from_key("cdlr_habitat"), _from_key("ring"), _from_key("Rad_2 with rings")
    ('CDLR habitat', 'Ring', 'Rad_2 with rings')
    """
    if not _KEY.fullmatch(key):
        return key
    first, *others = key.split("_")
    words = " ".join([MODEL_NAMES.get(first, first), *others])
    return words[:1].upper() + words[1:]


#: The publication's models and those that show what each part adds; a further one by its key,
#: where its declaration is not at hand (`spl_kedro.modeling.signatures.declaration.model_titles`).
MODEL_NAMES = OfModels(
    {
        "clinical": "Clinical",
        "rad": "Rad",
        "dtl": "DTL",
        "dlr": "DLR",
        "cdlr": "CDLR",
        "clinical_rad": "Clinical + Rad",
        "clinical_dtl": "Clinical + DTL",
        "clinical_before": "Clinical (known before)",
        "cdlr_before": "CDLR (known before)",
    },
    _from_key,
)
