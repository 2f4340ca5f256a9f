"""Every lesion outlined by both ways, each by a network that did not see it, and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from torch import Tensor

from spl_kedro.cohort.findings import Findings
from spl_kedro.features.deep.machine import choose_device, reproducible
from spl_kedro.imaging import Lesion, UnusableLesionError
from spl_kedro.imaging.outlines import check_outline
from spl_kedro.parallel import spread
from spl_kedro.rules import ActionTaken
from spl_kedro.segmentation.classical import random_walk
from spl_kedro.segmentation.crossfit import machine_of, network_name, square_of
from spl_kedro.segmentation.distances import agreement
from spl_kedro.segmentation.network import OutlineNetwork, load_network, probabilities
from spl_kedro.segmentation.prompts import Prompt, prompts_of
from spl_kedro.segmentation.settings import AssistedOutlinesParameters, Method
from spl_kedro.segmentation.views import put_back, window_of

STAGE = "assisted_outlines"
METHODS: tuple[Method, ...] = ("network", "classical")
#: In the place of prompt and method, of the rows that compare a second reader with the first.
NO_PROMPT, SECOND_READER = "none", "second reader"


class OutlinedCohort(NamedTuple):
    """What became of a cohort.

    Attributes
    ----------
    outlines : dict of str to ndarray of uint8, shape (height, width)
        By lesion, 0 and 255, of the way that is to be written; without lesions that it failed on.
    scores : DataFrame
        One row per lesion, prompt and method: lesion_id, patient_id, label, cohort, prompt,
        method, network (that drew it; else empty), outlined, dice (0 where it failed),
        mean_distance, hausdorff_95 (missing where it failed), unit (mm, or pixels where a lesion's
        pixel size is unknown), pixels, reader_pixels. A lesion that a second reader outlined has
        one more, of the prompt `none` and the method `second reader`.
    findings : DataFrame
        ``schemas.Findings``: every outline that could not be used, and why.
    """

    outlines: dict[str, np.ndarray]
    scores: pd.DataFrame
    findings: pd.DataFrame


@dataclass(frozen=True)
class Outliner:
    """Outlines one image by a prompt.

    Parameters
    ----------
    networks : mapping of str to OutlineNetwork
        By :func:`.crossfit.network_name`.
    parameters : AssistedOutlinesParameters
    minimum_pixels : int
        Fewer are no outline.
    """

    networks: Mapping[str, OutlineNetwork]
    parameters: AssistedOutlinesParameters
    minimum_pixels: int

    def __call__(
        self, image: np.ndarray, prompt: Prompt, method: Method, network: str = ""
    ) -> np.ndarray:
        """Return the outline of what a prompt points at.

        Parameters
        ----------
        image : ndarray, shape (height, width)
            Grey values 0 to 255.
        prompt : Prompt
        method : {"network", "classical"}
        network : str
            Which one.

        Returns
        -------
        ndarray of bool, shape (height, width)

        Raises
        ------
        UnusableLesionError
            If it could not be measured: empty, too small, the whole image, and the like.
        """
        own = self.parameters
        height, width = image.shape
        window = window_of(prompt, (height, width), own.view)
        if method == "classical":
            found = random_walk(image, prompt, window, own.classical)
        else:
            square = square_of(image, prompt, window, own.network.size)
            found = probabilities(self.networks[network], square)
        mask = put_back(found, window, (height, width))
        check_outline(mask, image, self.minimum_pixels)
        return mask


def outliner_of(
    states: Mapping[str, Mapping[str, Tensor]],
    parameters: AssistedOutlinesParameters,
    minimum_pixels: int,
) -> Outliner:
    """Return what outlines with networks of these weights."""
    device = choose_device(machine_of(parameters.network))
    loaded = {n: load_network(s, parameters.network).to(device) for n, s in states.items()}
    return Outliner(loaded, parameters, minimum_pixels)


@dataclass
class _Outlined:
    """One lesion's outlines: what was written, its rows of the table, and what failed."""

    lesion_id: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    failed: list[tuple[str, UnusableLesionError]] = field(default_factory=list)
    outline: np.ndarray | None = None


def outline_cohort(
    lesions: Mapping[str, Callable[[], Lesion]],
    cohort: pd.DataFrame,
    prompts: pd.DataFrame,
    folds: pd.DataFrame,
    states: Mapping[str, Mapping[str, Tensor]],
    parameters: AssistedOutlinesParameters,
    minimum_pixels: int,
    reader2: Mapping[str, Callable[[], Lesion]] | None = None,
) -> OutlinedCohort:
    """Outline every lesion of a cohort, and compare with its reader.

    A training lesion is outlined by the network of its fold, which learnt from the others; any
    other lesion by the network of all training lesions.

    Parameters
    ----------
    lesions : mapping of str to callable
    cohort : DataFrame
        ``schemas.Cohort``.
    prompts : DataFrame
        From :func:`.prompts.draw_prompts`.
    folds : DataFrame
        Index lesion_id of the training lesions, column fold.
    states : mapping of str to state dict
        From :func:`.crossfit.train_outline_networks`.
    parameters : AssistedOutlinesParameters
    minimum_pixels : int
        As of the cohort's own outlines (data_processing.quality.minimum_lesion_pixels).
    reader2 : mapping of str to callable, optional
        Readers of the lesions with a second reader's outlines, for comparison.

    Returns
    -------
    OutlinedCohort
    """
    millimetres = bool(cohort[["spacing_row_mm", "spacing_col_mm"]].notna().all(axis=None))
    names = [str(name) for name in cohort.index if name in lesions]
    work = partial(
        _outlined,
        outliner=outliner_of(states, parameters, minimum_pixels),
        prompts=prompts_of(prompts),
        folds={str(name): int(fold) for name, fold in folds["fold"].items()},
        millimetres=millimetres,
    )
    with reproducible(machine_of(parameters.network)):
        second = reader2 or {}
        cases = [(name, lesions[name], second.get(name)) for name in names]
        found = list(spread(work, cases, "machine outlines", name=lambda case: case[0]))
    findings = Findings(STAGE, ActionTaken.LEFT_OUT)
    for one in found:
        for by, error in one.failed:
            told = UnusableLesionError(error.rule, f"by {by}: {error.message}", _REMEDY)  # type: ignore[arg-type]
            findings.case(one.lesion_id, told)
    scores = pd.DataFrame([row for one in found for row in one.rows])
    about = cohort[["patient_id", "label", "cohort"]].rename_axis("lesion_id").reset_index()
    scores = about.merge(scores, on="lesion_id").assign(unit="mm" if millimetres else "pixels")
    return OutlinedCohort(
        {one.lesion_id: one.outline for one in found if one.outline is not None},
        scores,
        findings.table(),
    )


_REMEDY = "Draw this outline by hand, in the folder of machine outlines."


def _outlined(
    case: tuple[str, Callable[[], Lesion], Callable[[], Lesion] | None],
    *,
    outliner: Outliner,
    prompts: Mapping[tuple[str, str], Prompt],
    folds: Mapping[str, int],
    millimetres: bool,
) -> _Outlined:
    name, load, load_second = case
    lesion, result = load(), _Outlined(name)
    reader = np.asarray(lesion.mask, dtype=bool)
    spacing = lesion.spacing_mm if millimetres and lesion.spacing_mm else (1.0, 1.0)
    own = outliner.parameters
    for kind in own.prompt.kinds:
        prompt = prompts[name, kind]
        for method in METHODS:
            network = network_name(kind, folds.get(name)) if method == "network" else ""
            row: dict[str, Any] = {"lesion_id": name, "prompt": kind, "method": method}
            row |= {"network": network, "outlined": True, "dice": 0.0}
            row |= {"mean_distance": np.nan, "hausdorff_95": np.nan, "pixels": 0}
            try:
                mask = outliner(lesion.image, prompt, method, network)
            except UnusableLesionError as error:
                row["outlined"] = False
                result.failed.append((f"{method} from a {kind}", error))
            else:
                row |= agreement(mask, reader, spacing)._asdict() | {"pixels": int(mask.sum())}
                if (method, kind) == (own.written, own.prompt.kinds[0]):
                    result.outline = mask.astype(np.uint8) * 255
            result.rows.append(row | {"reader_pixels": int(reader.sum())})
    if load_second is not None:
        other = np.asarray(load_second().mask, dtype=bool)
        row = {"lesion_id": name, "prompt": NO_PROMPT, "method": SECOND_READER, "network": ""}
        row |= {"outlined": True, **agreement(other, reader, spacing)._asdict()}
        row |= {"pixels": int(other.sum()), "reader_pixels": int(reader.sum())}
        result.rows.append(row)
    return result
