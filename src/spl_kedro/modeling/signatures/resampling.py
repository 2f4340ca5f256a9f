"""Bootstrap samples of patients, all lesions of a patient together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def drawn_patients(groups: NDArray[Any], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the rows of patients drawn with replacement, as many draws as there are patients.

    Parameters
    ----------
    groups : ndarray, shape (n_lesions,)
        Patient of each lesion.
    rng : Generator

    Returns
    -------
    ndarray of int
        Row positions; those of a patient occur as often as the patient was drawn.
    """
    codes, patients = pd.factorize(groups)
    drawn = rng.integers(0, len(patients), len(patients))
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(len(patients) + 1))
    return np.concatenate([order[starts[p] : starts[p + 1]] for p in drawn])
