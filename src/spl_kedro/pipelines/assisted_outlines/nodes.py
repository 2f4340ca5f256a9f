"""Steps from readers' outlines to networks, machine outlines and how far both agree."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.drawing import Drawing
from spl_kedro.imaging import Lesion
from spl_kedro.pipelines.types import Tensor
from spl_kedro.provenance import cohort_checksum
from spl_kedro.reporting.parts import AddedSections
from spl_kedro.schemas import is_simulated
from spl_kedro.segmentation import AssistedOutlinesParameters

log = logging.getLogger(__name__)

Lesions = Mapping[str, Callable[[], Lesion]]
#: What `outline_lesions` returns, in its order.
OUTLINED = (
    "machine_outlines",
    "machine_outline_files",
    "assisted_outlines_scores",
    "assisted_outlines_findings",
    "assisted_outlines_examples",
)


def draw_prompts(
    lesions: Lesions, cohort: pd.DataFrame, parameters: AssistedOutlinesParameters
) -> pd.DataFrame:
    """Draw a box and a click for each lesion, as a person might."""
    from spl_kedro.segmentation import draw_prompts

    return draw_prompts(_masks(lesions, cohort), parameters.prompt, parameters.seed)


def _masks(lesions: Lesions, cohort: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the readers' outlines one by one, so that no cohort has to fit in memory."""
    for name in cohort.index:
        if name in lesions:
            yield str(name), np.asarray(lesions[name]().mask, dtype=bool)


def assign_outline_folds(
    cohort: pd.DataFrame, parameters: AssistedOutlinesParameters
) -> pd.DataFrame:
    """Divide the training patients as those of the networks of deep features are."""
    from spl_kedro.features.deep import assign_folds

    return assign_folds(cohort, parameters.network.folds, parameters.seed)


def train_outline_networks(
    lesions: Lesions, folds: pd.DataFrame, parameters: AssistedOutlinesParameters
) -> dict[str, dict[str, Tensor]]:
    """Train the networks of every fold, and those of all training lesions."""
    from spl_kedro.segmentation import train_outline_networks

    return train_outline_networks(lesions, folds, parameters)


def outline_lesions(
    lesions: Lesions,
    reader2_lesions: Lesions,
    cohort: pd.DataFrame,
    prompts: pd.DataFrame,
    folds: pd.DataFrame,
    networks: Mapping[str, Any],
    cohort_table: pd.DataFrame,
    settings: CohortSettings,
    parameters: AssistedOutlinesParameters,
) -> tuple[dict[str, np.ndarray], pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Outline every lesion by both ways; see `OUTLINED`."""
    from spl_kedro.segmentation import outline_cohort, outline_examples, outline_names

    states = {name: load() if callable(load) else load for name, load in networks.items()}
    minimum = settings.quality.minimum_lesion_pixels
    about = (lesions, cohort, prompts, folds, states)
    outlines, scores, findings = outline_cohort(*about, parameters, minimum, reader2_lesions)
    examples = outline_examples(lesions, outlines, prompts, scores, parameters)
    names = outline_names(cohort_table, [str(name) for name in cohort.index], settings)
    files = pd.DataFrame({"lesion_id": list(names), "file": list(names.values())})
    missing = len(cohort) - len(outlines)
    log.info(
        "%d of %d lesions outlined by the %s from a %s; %d failed, see the findings.",
        *(len(outlines), len(cohort), parameters.written, parameters.prompt.kinds[0], missing),
    )
    return (
        {names[name]: outline for name, outline in outlines.items()},
        *(files, scores, findings, examples),
    )


def summarise_outlines(
    scores: pd.DataFrame,
    examples: pd.DataFrame,
    cohort: pd.DataFrame,
    parameters: AssistedOutlinesParameters,
) -> tuple[pd.DataFrame, Drawing, Drawing]:
    """Return the agreement with the readers, its figure, and a sheet of lesions to look at."""
    from spl_kedro.segmentation import agreement_figure, agreement_summary, examples_figure

    simulated = is_simulated(cohort)
    return (
        agreement_summary(scores, parameters),
        Drawing(agreement_figure, scores, simulated=simulated),
        Drawing(examples_figure, examples, simulated=simulated),
    )


def write_section(
    summary: pd.DataFrame,
    examples: pd.DataFrame,
    cohort: pd.DataFrame,
    parameters: AssistedOutlinesParameters,
) -> AddedSections:
    """Return the part of the report that is about machine outlines."""
    from spl_kedro.pipelines.assisted_outlines.section import agreement_section

    written, simulated = parameters.written, is_simulated(cohort)
    section = agreement_section(summary, examples, written, simulated=simulated)
    return AddedSections(cohort_checksum(cohort), (section,))
