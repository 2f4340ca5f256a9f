"""The image model's features, measured on changed lesions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from spl_kedro.features.measurement.jobs import Job, died, measure
from spl_kedro.features.radiomics import feature_names
from spl_kedro.parallel import surviving
from spl_kedro.sceptic.controls.altered import LesionLoader
from spl_kedro.sceptic.controls.inputs import ControlInputs


def measured_features(
    lesions: Mapping[str, LesionLoader], inputs: ControlInputs, title: str
) -> pd.DataFrame:
    """Measure lesions for the sources of the image model.

    Deep features are by the frozen network. Where the study trains its networks they are by the
    weights it starts from: no network is trained on changed images.

    Parameters
    ----------
    lesions : mapping of str to callable
        As a control changes them, or as they are.
    inputs : ControlInputs
    title : str
        Of the progress bar.

    Returns
    -------
    DataFrame
        Index lesion_id, sorted: the lesions that all sources could measure. Columns as in the
        study's table.
    """
    parts = []
    if "radiomics" in inputs.sources:
        parts.append(_radiomics(lesions, inputs, title))
    if "deep" in inputs.sources:
        parts.append(_deep(lesions, inputs))
    return pd.concat(parts, axis=1, join="inner").sort_index()


def _radiomics(
    lesions: Mapping[str, LesionLoader], inputs: ControlInputs, title: str
) -> pd.DataFrame:
    settings, execution = inputs.radiomics.extraction, inputs.radiomics.execution
    jobs = [Job(name, lesions[name], settings, inputs.cache) for name in sorted(lesions)]
    outcomes = surviving(measure, jobs, title, killed=died, **execution.model_dump())
    rows = {o.lesion_id: o.features for o in outcomes if o.features is not None}
    names, columns = sorted(rows), list(feature_names(settings.preset))
    values = np.stack([rows[name] for name in names]) if names else np.empty((0, len(columns)))
    index = pd.Index(names, name="lesion_id", dtype="str")
    return pd.DataFrame(values, index=index, columns=columns)


def _deep(lesions: Mapping[str, LesionLoader], inputs: ControlInputs) -> pd.DataFrame:
    from spl_kedro.features.deep import (
        FROZEN,
        crop_all,
        embed_frozen,
        frozen_network,
        load_network,
    )

    settings = inputs.deep
    if settings.frozen:
        network = load_network(inputs.networks[FROZEN], settings)
    else:
        settings = settings.model_copy(update={"trained_blocks": 0})
        training = {name: inputs.lesions[name] for name in inputs.training}
        network = frozen_network(crop_all(training, settings)[0], inputs.cohort, settings)
    crops, _ = crop_all(lesions, settings)
    return embed_frozen(crops, inputs.cohort, network, settings)
