"""Columns of the tables of rings: texture and first order of each, and its deep features."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from spl_kedro.features.radiomics import PresetName, feature_names, feature_schema
from spl_kedro.features.rings.distances import RingDistances


def ring_features(preset: PresetName) -> tuple[str, ...]:
    """Return the features of one ring: the preset's without shape.

    The shape of a ring is that of the outline and of the image's edge.

    Parameters
    ----------
    preset : {"us2d-1561", "us2d-native"}

    Returns
    -------
    tuple of str, length 1547 or 1274
    """
    return tuple(name for name in feature_names(preset) if not _is_shape(name))


def column(ring: int, feature: str) -> str:
    """Return the column of a feature of a ring, counted from 0.

    Examples
    --------
    >>> column(0, "original_firstorder_Mean")
    'ring1_original_firstorder_Mean'
    """
    return f"ring{ring + 1}_{feature}"


def ring_schema(preset: PresetName, distances: RingDistances) -> pd.DataFrame:
    """Tell what each column is, and which ring it is of.

    Parameters
    ----------
    preset : {"us2d-1561", "us2d-native"}
    distances : RingDistances

    Returns
    -------
    DataFrame
        ``schemas.RingColumns``: index `feature`; `feature_class`, `image_type`, `degenerate` as of
        the lesion; `ring` counted from 1, `inner` and `outer` distance, `unit`.
    """
    own = feature_schema(preset).loc[list(ring_features(preset))]
    parts = []
    for ring, (inner, outer) in enumerate(distances.pairs):
        part = own.assign(ring=ring + 1, inner=inner, outer=outer, unit=distances.unit)
        parts.append(part.set_axis([column(ring, name) for name in own.index], axis=0))
    return pd.concat(parts).rename_axis("feature")


def deep_ring_schema(blocks: Sequence[str], distances: RingDistances) -> pd.DataFrame:
    """Tell what each column of the rings' deep features is, and which ring it is of.

    Parameters
    ----------
    blocks : sequence of str
        Of each column of one ring, the block of the network whose map was averaged.
    distances : RingDistances

    Returns
    -------
    DataFrame
        As :func:`ring_schema`; `image_type` is the block. None is degenerate by construction.
    """
    from spl_kedro.features.deep.nesting import embedding_columns

    names = embedding_columns(len(blocks))
    parts = [
        pd.DataFrame(
            {
                "feature_class": f"Deep, ring {ring + 1}",
                "image_type": list(blocks),
                "degenerate": False,
                "ring": ring + 1,
                "inner": inner,
                "outer": outer,
                "unit": distances.unit,
            },
            index=pd.Index([column(ring, name) for name in names], dtype="str"),
        )
        for ring, (inner, outer) in enumerate(distances.pairs)
    ]
    return (
        pd.concat(parts)
        .astype({"feature_class": "str", "image_type": "str", "degenerate": "bool"})
        .astype({"ring": "int64", "inner": "float64", "outer": "float64", "unit": "str"})
        .rename_axis("feature")
    )


def _is_shape(name: str) -> bool:
    return name.split("_")[1].startswith("shape")
