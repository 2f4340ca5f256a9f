"""Columns of the table of habitats."""

from __future__ import annotations

import pandas as pd

from spl_kedro.features.habitats.settings import HabitatParameters

#: What is measured of each habitat beside the means of the maps, and of all of them together.
OF_EACH = ("share", "parts", "largest_part")
OF_ALL = ("entropy", "borders")


def habitat_columns(parameters: HabitatParameters) -> list[str]:
    """Return the columns of the table, habitat by habitat, what is of all of them last.

    Examples
    --------
    >>> habitat_columns(HabitatParameters())[2:4]
    ['habitat1_largest_part', 'habitat1_original_firstorder_Mean']
    """
    each = [*OF_EACH, *parameters.features]
    own = [f"habitat{k + 1}_{name}" for k in range(parameters.most) for name in each]
    return [*own, *(f"habitats_{name}" for name in OF_ALL)]


def habitat_schema(parameters: HabitatParameters) -> pd.DataFrame:
    """Tell what each column is.

    Parameters
    ----------
    parameters : HabitatParameters

    Returns
    -------
    DataFrame
        ``schemas.HabitatColumns``: index `feature`; `feature_class` and `image_type` of the map
        whose mean it is, else ``habitat``; `degenerate`; `habitat` counted from 1, 0 where it is of
        all; `measure`.
    """
    rows = []
    for habitat in range(1, parameters.most + 1):
        rows += [("habitat", "habitat", False, habitat, name) for name in OF_EACH]
        for name in parameters.features:
            image_type, kind, _ = name.split("_")
            rows.append((kind, image_type, False, habitat, "mean"))
    rows += [("habitat", "habitat", False, 0, name) for name in OF_ALL]
    names = ["feature_class", "image_type", "degenerate", "habitat", "measure"]
    index = pd.Index(habitat_columns(parameters), name="feature")
    return pd.DataFrame(rows, index=index, columns=names)
