"""Nodes that map what the network looks at, and test the maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.pipelines.explainability.parameters import ExplainabilityParameters
from spl_kedro.pipelines.explainability.words import (
    decisions,
    lesions_line,
    sealed_drawing,
    shown_cohorts,
)
from spl_kedro.pipelines.types import FittedStudy, LesionMap, MapSource, StudyTable, Tensor
from spl_kedro.schemas import is_simulated

Lesions = Mapping[str, Callable[[], Lesion]]
_METHODS = {"gradcam": "Grad-CAM", "gradcam++": "Grad-CAM++", "guided": "Guided Grad-CAM"}


def choose_map_source(
    networks: Mapping[str, Any],
    folds: pd.DataFrame,
    embeddings: pd.DataFrame,
    table: StudyTable,
    fitted: FittedStudy,
    deep: DeepSettings,
) -> MapSource:
    """Return what maps the lesions: networks of folds, or a frozen one behind the DTL signature."""
    from spl_kedro.explainability.map_sources import FoldNetworks, FrozenSignatures

    if not deep.frozen:
        return FoldNetworks(networks, folds["fold"], deep)
    training = table.lesions("training")
    without_fold = dict(enumerate(fitted.cross_fits["dtl"].models))
    return FrozenSignatures(
        networks,
        embeddings,
        table.label.loc[training],
        fitted.models["dtl"],
        without_fold,
        fitted.folds(table),
        deep,
    )


def map_cohort(
    lesions: Lesions,
    cohort: pd.DataFrame,
    predictions: pd.DataFrame,
    thresholds: pd.DataFrame,
    source: MapSource,
    deep: DeepSettings,
    parameters: ExplainabilityParameters,
) -> tuple[list[LesionMap], pd.DataFrame]:
    """Map the evidence for each lesion's decision, and measure where it lies."""
    from spl_kedro.explainability.figures_cam import outcome
    from spl_kedro.explainability.lesion_maps import choose_layer, energy_table, map_lesions
    from spl_kedro.explainability.study import sampled
    from spl_kedro.features.deep.machine import torch_threads

    chosen = parameters.gradcam
    cohorts = shown_cohorts(chosen.cohorts, cohort["cohort"])
    decided = decisions(predictions, thresholds, chosen.decided_by, cohorts)
    decided = decided[decided.index.isin(list(lesions))]
    decided = decided.loc[sampled(decided.index, chosen.lesions, parameters.seed)]
    with torch_threads(parameters.threads):
        maps = map_lesions(lesions, decided["called"], source, deep, chosen)
    table = decided.join(energy_table(maps, chosen))
    names = [outcome(row.label, row.called) for row in decided.itertuples()]
    table.insert(4, "outcome", pd.array(names, dtype="str"))
    # The same in all networks.
    layer = choose_layer(source.load(source.names_of_unseen()[0]), chosen, deep.image_size)
    table.insert(5, "layer", pd.array([layer] * len(table), dtype="str"))
    return maps, table


def draw_maps(
    maps: list[LesionMap],
    energy: pd.DataFrame,
    summary: pd.DataFrame,
    cohort: pd.DataFrame,
    parameters: ExplainabilityParameters,
) -> tuple[Drawing, Drawing]:
    """Draw the panel of right and wrong decisions, and where the maps' energy lies."""
    from spl_kedro.explainability.figures_cam import (
        OUTCOMES,
        energy_figure,
        gradcam_panel,
        spread_over_scores,
    )
    from spl_kedro.modeling.evaluation.figures.style import MODEL_NAMES

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
    panel = Drawing(
        gradcam_panel,
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
    energies = Drawing(
        energy_figure,
        shown,
        summary[summary["cohort"].isin(shown["cohort"])],
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
    source: MapSource,
    deep: DeepSettings,
    parameters: ExplainabilityParameters,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Randomise the networks' weights block by block, and shuffle the labels of a head.

    Both are tested on lesions outside the training cohort and the networks that map these; the
    heads learn from training lesions that their network has not seen, where there are any. Empty
    where there are no lesions outside the training cohort: validation is sealed.
    """
    from spl_kedro.explainability.lesion_maps import choose_layer
    from spl_kedro.explainability.sanity import cascading_randomisation, head_agreement
    from spl_kedro.features.deep.machine import torch_threads

    if (cohort["cohort"] == "training").all():
        return pd.DataFrame(), pd.DataFrame()
    chosen = parameters.sanity
    training = cohort.index[cohort["cohort"] == "training"]
    unseen = energy.index[~energy.index.isin(training)]
    if unseen.empty:
        raise ValueError(
            "no lesion outside the training cohort is mapped, so the maps cannot be tested: name "
            "validation or external in explainability.gradcam.cohorts"
        )
    names = source.names_of_unseen()
    trained = [source.load(name) for name in names]
    layer = choose_layer(trained[0], parameters.gradcam, deep.image_size)
    method = parameters.gradcam.method
    tested = unseen[_even(len(unseen), chosen.lesions)]
    images = _images(lesions, tested, deep)
    targets = energy.loc[tested, "called"].to_numpy(dtype=int)
    with torch_threads(parameters.threads):
        cascade = cascading_randomisation(
            trained, layer, images, targets, method=method, seed=parameters.seed
        )
    left_out = source.left_out(names[0])
    known = left_out if len(left_out) else training[training.isin(list(lesions))]
    known = known[_even(len(known), chosen.head_lesions)]
    labels = cohort.loc[known, "label"].to_numpy(dtype=int)
    truth = cohort.loc[tested, "label"].to_numpy(dtype=int)
    random = np.random.default_rng(parameters.seed)
    shuffled = [random.permutation(labels) for _ in range(chosen.shuffles)]
    with torch_threads(parameters.threads):
        heads = head_agreement(
            trained[0], layer, _images(lesions, known, deep), [labels, *shuffled], images, truth,
            method=method,
        )  # fmt: skip
    learned = pd.array(["true", *["shuffled"] * len(shuffled)], dtype="str")
    heads.insert(0, "labels", learned)
    return cascade, heads


def draw_checks(
    cascade: pd.DataFrame,
    heads: pd.DataFrame,
    stability: pd.DataFrame,
    shuffled: pd.DataFrame,
    cohort: pd.DataFrame,
) -> Drawing:
    """Draw the sanity checks."""
    from spl_kedro.explainability.figures_checks import sanity_figure

    title = "Sanity checks of the explanations"
    if cascade.empty:
        return sealed_drawing(title, cohort)
    plain = stability[(stability["view"] == "traced") | (stability["model"] != "cdlr")]
    return Drawing(
        sanity_figure,
        cascade,
        heads,
        plain,
        shuffled,
        title=title,
        subtitle=(
            "Maps of lesions the network has not seen; SHAP values of CDLR traced to its features; "
            "each point on the right a pair of refits or one refit"
        ),
        simulated=is_simulated(cohort),
    )


def _even(n: int, wanted: int) -> np.ndarray:
    """Return up to `wanted` positions at even steps through `n`."""
    return np.unique(np.linspace(0, n - 1, min(n, wanted)).round().astype(int))


def _images(lesions: Lesions, lesion_ids: pd.Index, deep: DeepSettings) -> Tensor:
    import torch

    from spl_kedro.features.deep.preprocessing import network_input

    return torch.cat([network_input(lesions[lesion_id](), deep) for lesion_id in lesion_ids])
