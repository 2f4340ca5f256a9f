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
        Mean absolute SHAP value by feature, of each fit. A feature that a fit did not select
        has importance 0 there.
    top : int
        Features compared in the overlap; fewer where the two fits together use fewer.

    Returns
    -------
    DataFrame
        One row per pair: ``first``, ``second``, ``rank_correlation`` (Spearman over the
        features that either uses; NaN with fewer than three), ``overlap`` (share of
        the `top` most important features in common), ``top`` and ``features``.
    """
    rows = []
    for first, second in itertools.combinations(importances, 2):
        a, b = importances[first], importances[second]
        a, b = a[a > 0], b[b > 0]
        union = a.index.union(b.index)
        if len(union) >= 3:
            correlation = spearmanr(
                a.reindex(union).fillna(0.0), b.reindex(union).fillna(0.0)
            ).statistic
        else:
            correlation = np.nan
        k = min(top, max(len(a), len(b)))
        shared = set(a.nlargest(k).index) & set(b.nlargest(k).index)
        rows.append(
            {
                "first": first,
                "second": second,
                "rank_correlation": float(correlation),
                "overlap": len(shared) / k if k else np.nan,
                "top": k,
                "features": len(union),
            }
        )
    columns = ["first", "second", "rank_correlation", "overlap", "top", "features"]
    return pd.DataFrame(rows, columns=columns)
