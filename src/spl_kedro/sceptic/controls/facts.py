"""What the simple controls look at: size, age, and how the image was made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from spl_kedro.imaging import Lesion
from spl_kedro.parallel import spread
from spl_kedro.sceptic.controls.inputs import ControlInputs

#: Numbers of at most so many values are told apart value by value, others by fifths.
_FEW = 5


def lesion_sizes(inputs: ControlInputs) -> tuple[pd.Series, str]:
    """Return the logarithm of each training lesion's area, and its unit.

    Square millimetres where every training lesion's pixel size is known, else pixels.
    """
    names = inputs.training
    areas = spread(_area, [inputs.lesions[name] for name in names], "lesion sizes")
    area = pd.Series(list(areas), index=names, dtype="float64")
    pixel = inputs.cohort.loc[names, ["spacing_row_mm", "spacing_col_mm"]].prod(
        axis=1, skipna=False
    )
    known = bool(pixel.notna().all())
    size = area * pixel if known else area
    return size.map(np.log), "mm²" if known else "pixels"


def _area(load: Callable[[], Lesion]) -> float:
    return float(np.asarray(load().mask, dtype=bool).sum())


def acquisition_facts(inputs: ControlInputs) -> pd.DataFrame:
    """Return how the training lesions' images were made, each fact as categories.

    Numbers of many values are cut at their fifths, which no label has a part in, so that a
    relation that neither rises nor falls is seen too: exports in turns, say.

    Returns
    -------
    DataFrame of str
        Index lesion_id; without facts that are the same for all. A value that is not known is a
        category of its own.
    """
    names = inputs.training
    facts = inputs.acquisition.reindex(names)
    facts = facts.assign(
        site=inputs.cohort.loc[names, "site"],
        pixel_size_mm=inputs.cohort.loc[names, "spacing_row_mm"],
        image_size=[f"{h:g} x {w:g}" for h, w in zip(facts["height"], facts["width"], strict=True)],
    )
    said = {name: _categories(facts[name]) for name in facts.columns}
    return pd.DataFrame({name: said[name] for name in said if said[name].nunique() > 1})


def _categories(values: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > _FEW:
        edges = np.unique(values.quantile(np.arange(1, 5) / 5))
        fifths = pd.Series(np.searchsorted(edges, values), index=values.index)
        return fifths.map("fifth {}".format).where(values.notna(), "unknown")
    return values.astype("str").where(values.notna(), "unknown")
