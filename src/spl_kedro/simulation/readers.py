"""Simulated readers: scores of known accuracy, by the model of Roe and Metz.

Source: Roe & Metz, Acad Radiol 1997;4:298 (model, variances). The score of reader j for lesion k
with modality i is, in units of what varies between lesions of a class,

    mean_i (malignant only) + R_j + (mean R)_ij + C_k + (mean C)_ik + (R C)_jk + (mean R C)_ijk,

all terms normal and independent, those of readers drawn for either class by itself. The AUC
expected of a reader drawn at random is Phi(mean_i / sqrt(2 + 2 var(R) + 2 var(mean R))).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from spl_kedro.simulation.reader_settings import ReaderStudy, RoeMetz

#: Modalities of the simulated study: the images alone, and with the tool's score beside them.
MODALITIES = ("without", "with")

# First number of the readers' branch of the seed; the patients' are in `cohort`.
_BRANCH = 4

Array = NDArray[np.float64]


def roe_metz_scores(
    label: ArrayLike,
    areas: ArrayLike,
    readers: int,
    variances: RoeMetz,
    rng: np.random.Generator,
) -> Array:
    """Draw the scores of a fully crossed study.

    Parameters
    ----------
    label : (n,) of 0 and 1
    areas : (t,) in (0, 1)
        Expected AUC with each modality.
    readers : int
    variances : RoeMetz
    rng : numpy.random.Generator

    Returns
    -------
    (t, readers, n) array
        On the scale of the model, the classes' means halfway about 0.
    """
    labels = np.asarray(label, dtype=int)
    means = np.array([variances.separation(area) for area in np.asarray(areas)])
    shape = means.size, readers, labels.size

    def effect(variance: float, *size: int) -> Array:
        return rng.normal(scale=variance**0.5, size=size)

    by_class = effect(variances.reader, 1, readers, 2)
    by_class = by_class + effect(variances.modality_reader, *shape[:2], 2)
    return (
        means[:, None, None] * (labels - 0.5)
        + by_class[:, :, labels]
        + effect(variances.case, 1, 1, labels.size)
        + effect(variances.modality_case, shape[0], 1, labels.size)
        + effect(variances.reader_case, 1, *shape[1:])
        + effect(variances.rest, *shape)
    )


def simulate_reader_scores(table: pd.DataFrame, study: ReaderStudy, seed: int) -> pd.DataFrame:
    """Simulate the table of a reader study on lesions of the simulated hospitals.

    The readers know which lesions are malignant and nothing else of them: what their scores have in
    common with the images is the diagnosis.

    Parameters
    ----------
    table : DataFrame
        With the columns case_id and pathology, see `simulate_cohort`.
    study : ReaderStudy
    seed : int

    Returns
    -------
    DataFrame
        Columns reader, lesion_id, modality, score (0 to 1, a reader's probability of malignancy);
        a row for each reading, in this order.
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, _BRANCH]))
    count = min(study.lesions, len(table))
    read = table.iloc[np.sort(rng.permutation(len(table))[:count])]
    label = (read["pathology"] == "malignant").to_numpy(dtype=int)
    areas = (study.auc_without, study.auc_with)
    scores = roe_metz_scores(label, areas, study.readers, study.variances, rng)
    names = [f"reader_{number}" for number in range(1, study.readers + 1)]
    index = pd.MultiIndex.from_product(
        [MODALITIES, names, read["case_id"]], names=["modality", "reader", "lesion_id"]
    )
    rows = pd.Series(norm.cdf(scores).round(3).ravel(), index, name="score").reset_index()
    rows = rows.sort_values(["reader", "lesion_id", "modality"], kind="stable", ignore_index=True)
    return rows[["reader", "lesion_id", "modality", "score"]]
