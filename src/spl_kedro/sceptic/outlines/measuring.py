"""The features of all lesions under all outlines."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.bars import bar
from spl_kedro.features.deep import crop_all, embed_unseen, names_of_unseen, network_checksums
from spl_kedro.features.deep.nesting import embedding_columns
from spl_kedro.features.measurement.extraction import measured_outcomes
from spl_kedro.features.measurement.jobs import Job
from spl_kedro.features.measurement.stock import require_engine
from spl_kedro.features.radiomics import feature_names
from spl_kedro.imaging.crops import LesionCrops
from spl_kedro.reuse import note_reuse
from spl_kedro.sceptic.outlines.changes import Change, LesionLoader
from spl_kedro.sceptic.outlines.inputs import OutlineInputs
from spl_kedro.store import content_key

Readers = Mapping[Change, Mapping[str, LesionLoader]]
_BETWEEN = "\n"


def radiomics_of(inputs: OutlineInputs, readers: Readers) -> dict[Change, pd.DataFrame]:
    """Measure radiomics of every lesion under every outline, in one go.

    Parameters
    ----------
    inputs : OutlineInputs
    readers : mapping of Change to mapping of str to callable

    Returns
    -------
    dict of Change to DataFrame
        Index lesion_id, sorted: the lesions that could be measured.
    """
    settings, cache = inputs.radiomics.extraction, inputs.cache
    require_engine(settings)
    places = {change.name: change for change in readers}
    jobs = [
        Job(f"{change.name}{_BETWEEN}{name}", load, settings, cache)
        for change, own in readers.items()
        for name, load in own.items()
    ]
    rows: dict[Change, dict[str, np.ndarray]] = {change: {} for change in readers}
    title = "radiomics under other outlines"
    for outcome in measured_outcomes(jobs, title, inputs.radiomics.execution, cache):
        if outcome.features is not None:
            change, name = outcome.lesion_id.split(_BETWEEN, 1)
            rows[places[change]][name] = outcome.features
    return {
        change: _table(own, list(feature_names(settings.preset))) for change, own in rows.items()
    }


def _table(rows: Mapping[str, np.ndarray], columns: list[str]) -> pd.DataFrame:
    names = sorted(rows)
    values = np.stack([rows[name] for name in names]) if names else np.empty((0, len(columns)))
    return pd.DataFrame(values, pd.Index(names, name="lesion_id", dtype="str"), columns)


def features_under(
    inputs: OutlineInputs, readers: Readers
) -> Iterator[tuple[Change, list[pd.DataFrame]]]:
    """Measure every lesion under every outline, for the sources of the models asked.

    Deep features are those of the crop that follows the outline, by the networks that embed lesions
    which no network has seen.

    Parameters
    ----------
    inputs : OutlineInputs
    readers : mapping of Change to mapping of str to callable

    Yields
    ------
    change : Change
        In the order of `readers`.
    tables : list of DataFrame
        Index lesion_id, sorted: the lesions that every source could measure. One table, or one for
        each network where the study averages the scores that its networks lead to.
    """
    parts = radiomics_of(inputs, readers) if "radiomics" in inputs.sources else {}
    if "deep" not in inputs.sources:
        for change in readers:
            yield change, [parts[change]]
        return
    for change, embedded in deep_of(inputs, readers):
        if change in parts:
            embedded = [
                pd.concat([parts[change], own], axis=1, join="inner").sort_index()
                for own in embedded
            ]
        yield change, embedded


def deep_of(inputs: OutlineInputs, readers: Readers) -> Iterator[tuple[Change, list[pd.DataFrame]]]:
    """Embed every lesion in the crop that follows each outline; as :func:`features_under`."""
    names = names_of_unseen(inputs.networks, inputs.deep)
    states = {name: inputs.networks[name] for name in names}
    facts = _facts(inputs, states)
    keys, reused = [], 0
    title = "embeddings under other outlines"
    for change in bar(list(readers), desc=title, unit="outline"):
        crops, _ = crop_all(readers[change], inputs.deep)
        key = content_key(
            *facts, list(crops.lesion_ids), crops.pixels, [p for _, p in crops.further]
        )
        tables = _kept(inputs, crops, key)
        if tables is None:
            tables = _embedded(inputs, crops, states)
            inputs.store.save(key, _to_bytes(tables))
        else:
            reused += 1
        keys.append(key)
        yield change, tables
    note_reuse(title, reused, len(keys))
    for key in keys:  # all are there
        inputs.store.discard(key)


def _embedded(
    inputs: OutlineInputs, crops: LesionCrops, states: Mapping[str, Any]
) -> list[pd.DataFrame]:
    if not len(crops):
        nobody = pd.Index([], name="lesion_id", dtype="str")
        columns = list(inputs.table.sources["deep"].columns)
        return [pd.DataFrame(index=nobody, columns=columns, dtype="float64")]
    return embed_unseen(crops, states, inputs.axes, inputs.deep)


def _facts(inputs: OutlineInputs, states: Mapping[str, Any]) -> list[Any]:
    """Return what embeddings depend on beside the crops, for the key of a store."""
    sums = [f"{name} {checksum}" for name, checksum in network_checksums(states).items()]
    axes = [[name, own.mean, own.scale, own.rotation] for name, own in sorted(inputs.axes.items())]
    return [f"torch {version('torch')}", inputs.deep, sums, axes]


def _to_bytes(tables: list[pd.DataFrame]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.stack([table.to_numpy() for table in tables]), allow_pickle=False)
    return buffer.getvalue()


def _kept(inputs: OutlineInputs, crops: LesionCrops, key: str) -> list[pd.DataFrame] | None:
    content = inputs.store.load(key)
    if content is None:
        return None
    values = np.load(io.BytesIO(content), allow_pickle=False)
    index = pd.Index(crops.lesion_ids, name="lesion_id", dtype="str")
    columns = embedding_columns(values.shape[2])
    return [pd.DataFrame(own, index=index, columns=columns) for own in values]
