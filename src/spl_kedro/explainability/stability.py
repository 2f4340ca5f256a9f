"""How far the ranking of features depends on which lesions a signature was fitted on."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import spearmanr


def ranking_agreement(importances: Mapping[str, pd.Series], *, top: int = 10) -> pd.DataFrame:
    """Compare the feature rankings of several fits, pair by pair.

    Parameters
    ----------
    importances : mapping of str to Series
        Mean absolute SHAP value by feature, of each fit; features it does not use are absent
        or 0.
    top : int
        Features compared in the overlap; fewer where the two fits together use fewer.

    Returns
    -------
    DataFrame
        One row per pair: ``first``, ``second``, ``rank_correlation`` (Spearman over the
        features that both use; NaN with fewer than three), ``overlap`` (share of the `top`
        most important features in common), ``top``, ``features`` (used by either) and
        ``shared`` (used by both).

    Notes
    -----
    The rank correlation leaves out features that only one fit uses: giving them importance 0 in
    the other would make it negative by construction. How many there are is what ``overlap`` and
    ``shared`` tell.
    """
    rows = []
    for first, second in itertools.combinations(importances, 2):
        a, b = importances[first], importances[second]
        a, b = a[a > 0], b[b > 0]
        shared = a.index.intersection(b.index)
        correlation = spearmanr(a[shared], b[shared]).statistic if len(shared) >= 3 else np.nan
        k = min(top, max(len(a), len(b)))
        common = set(a.nlargest(k).index) & set(b.nlargest(k).index)
        rows.append(
            {
                "first": first,
                "second": second,
                "rank_correlation": float(correlation),
                "overlap": len(common) / k if k else np.nan,
                "top": k,
                "features": len(a.index.union(b.index)),
                "shared": len(shared),
            }
        )
    columns = ["first", "second", "rank_correlation", "overlap", "top", "features", "shared"]
    return pd.DataFrame(rows, columns=columns)
