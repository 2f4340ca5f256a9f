"""Nodes that map what the network looks at, and test the maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure

from spl_kedro.evaluation.figures.style import MODEL_NAMES
from spl_kedro.explanation.figures_cam import (
    OUTCOMES,
    energy_figure,
    gradcam_panel,
    outcome,
    spread_over_scores,
)
from spl_kedro.explanation.figures_checks import sanity_figure
from spl_kedro.explanation.lesion_maps import (
    LesionMap,
    choose_layer,
    energy_table,
    load_state,
    map_lesions,
)
from spl_kedro.explanation.sanity import cascading_randomisation, head_agreement
from spl_kedro.features.deep.preprocessing import network_input
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.pipelines.explainability.parameters import ExplainabilityParameters
from spl_kedro.pipelines.explainability.words import decisions, is_simulated, lesions_line

Lesions = Mapping[str, Callable[[], Lesion]]
_METHODS = {"gradcam": "Grad-CAM", "gradcam++": "Grad-CAM++", "guided": "Guided Grad-CAM"}


def map_cohort(
    lesions: Lesions,
    cohort: pd.DataFrame,
    predictions: pd.DataFrame,
    thresholds: pd.DataFrame,
    networks: Mapping[str, Any],
    folds: pd.DataFrame,
    deep: DeepSettings,
    parameters: ExplainabilityParameters,
) -> tuple[list[LesionMap], pd.DataFrame]:
    """Map the evidence for each lesion's decision, and measure where it lies."""
    chosen = parameters.gradcam
    torch.set_num_threads(parameters.threads)
    decided = decisions(predictions, thresholds, chosen.decided_by, chosen.cohorts)
    decided = decided[decided.index.isin(list(lesions))]
    maps = map_lesions(lesions, decided["called"], folds["fold"], networks, deep, chosen)
    table = decided.join(energy_table(maps, chosen))
    names = [outcome(row.label, row.called) for row in decided.itertuples()]
    table.insert(4, "outcome", pd.array(names, dtype="str"))
    table.insert(5, "layer", pd.array([_layer(networks, deep, chosen)] * len(table), dtype="str"))
    return maps, table


def draw_maps(
    maps: list[LesionMap],
    energy: pd.DataFrame,
    cohort: pd.DataFrame,
    parameters: ExplainabilityParameters,
) -> tuple[Figure, Figure]:
    """Draw the panel of right and wrong decisions, and where the maps' energy lies."""
    chosen = parameters.gradcam
    by_id = {lesion.lesion_id: lesion for lesion in maps}
    validation = energy[energy["cohort"] == "validation"]
    shown = validation if len(validation) else energy
    rows = {
        name: [
            (by_id[lesion_id], float(shown.loc[lesion_id, "score"]))
            for lesion_id in spread_over_scores(
                shown.loc[shown["outcome"] == name, "score"], chosen.per_outcome
            )
        ]
        for name in OUTCOMES
    }
    line = lesions_line(cohort, shown.index)
    layer = shown["layer"].iloc[0]
    panel = gradcam_panel(
        rows,
        title=f"{_METHODS[chosen.method]}: where the network finds evidence",
        subtitle=(
            f"{line}; decisions of {MODEL_NAMES[chosen.decided_by]} at its training threshold; "
            f"block {layer}; lesions at even steps of the score"
        ),
        simulated=is_simulated(cohort),
        columns=chosen.per_outcome,
    )
    known = cohort.loc[shown.index, "spacing_row_mm"].notna()
    share = f"{chosen.rim_fraction:.0%} of the diameter"
    if known.all():
        rim = f"{chosen.rim_mm:g} mm rim"
    else:
        rim = f"{chosen.rim_mm:g} mm rim (or {share})" if known.any() else f"rim of {share}"
    energies = energy_figure(
        shown,
        title="Where the maps' energy lies",
        subtitle=line,
        simulated=is_simulated(cohort),
        rim=rim,
    )
    return panel, energies


def check_maps(
    lesions: Lesions,
    cohort: pd.DataFrame,
    energy: pd.DataFrame,
    networks: Mapping[str, Any],
    folds: pd.DataFrame,
    deep: DeepSettings,
    parameters: ExplainabilityParameters,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Randomise the network's weights block by block, and shuffle the labels of its head."""
    chosen = parameters.sanity
    torch.set_num_threads(parameters.threads)
    network = load_state(networks, "refit", deep)
    layer = choose_layer(network, parameters.gradcam, deep.image_size)
    method = parameters.gradcam.method
    unseen = energy.index[~energy.index.isin(folds.index)]
    tested = unseen[_even(len(unseen), chosen.lesions)]
    images = _images(lesions, tested, deep)
    targets = energy.loc[tested, "called"].to_numpy(dtype=int)
    cascade = cascading_randomisation(
        network, layer, images, targets, method=method, seed=parameters.seed
    )
    training = folds.index[_even(len(folds), chosen.head_lesions)]
    embedded = _images(lesions, training, deep)
    labels = cohort.loc[training, "label"].to_numpy(dtype=int)
    truth = cohort.loc[tested, "label"].to_numpy(dtype=int)
    random = np.random.default_rng(parameters.seed)
    rows = []
    for name in ["true", *["shuffled"] * chosen.shuffles]:
        learned = labels if name == "true" else random.permutation(labels)
        found = head_agreement(network, layer, embedded, learned, images, truth, method=method)
        rows.append({"labels": name, **found})
    return cascade, pd.DataFrame(rows).astype({"labels": "str"})


def draw_checks(
    cascade: pd.DataFrame,
    heads: pd.DataFrame,
    stability: pd.DataFrame,
    shuffled: pd.DataFrame,
    cohort: pd.DataFrame,
) -> Figure:
    """Draw the sanity checks."""
    plain = stability[(stability["view"] == "traced") | (stability["model"] != "cdlr")]
    return sanity_figure(
        cascade,
        heads,
        plain,
        shuffled,
        title="Do the explanations depend on what was learned?",
        subtitle=(
            "Maps of lesions the network has not seen; SHAP values of CDLR traced to its features; "
            "each point on the right a pair of refits or one refit"
        ),
        simulated=is_simulated(cohort),
    )


def _layer(networks: Mapping[str, Any], deep: DeepSettings, chosen: Any) -> str:
    return choose_layer(load_state(networks, "refit", deep), chosen, deep.image_size)


def _even(n: int, wanted: int) -> np.ndarray:
    """Return up to `wanted` positions at even steps through `n`."""
    return np.unique(np.linspace(0, n - 1, min(n, wanted)).round().astype(int))


def _images(lesions: Lesions, lesion_ids: pd.Index, deep: DeepSettings) -> torch.Tensor:
    return torch.cat([network_input(lesions[lesion_id](), deep) for lesion_id in lesion_ids])
