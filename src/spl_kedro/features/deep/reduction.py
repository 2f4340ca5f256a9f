"""From the pooled embedding to a few principal components: the DTL features."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA


def reduce_embeddings(
    embeddings: pd.DataFrame, training: pd.Index, components: int
) -> pd.DataFrame:
    """Project embeddings onto the leading principal components of the training lesions.

    Parameters
    ----------
    embeddings : DataFrame, shape (lesions, width)
        Index lesion_id.
    training : Index
        Lesions the components are fitted on; the others are only projected.
    components : int
        Number kept.

    Returns
    -------
    DataFrame, shape (lesions, components)
        Columns dtl_000, dtl_001, ... by decreasing variance.

    Raises
    ------
    ValueError
        If there are not more training lesions, or not as many columns, as components.
    """
    fitted_on = embeddings.index.isin(training)
    most = min(int(fitted_on.sum()) - 1, embeddings.shape[1])
    if components > most:
        raise ValueError(
            f"deep_features.components: {components} principal components cannot come from "
            f"{int(fitted_on.sum())} training lesions with {embeddings.shape[1]} features each; "
            f"set it to {most} or less."
        )
    pca = PCA(components, svd_solver="full").fit(embeddings.to_numpy()[fitted_on])
    columns = [f"dtl_{i:03d}" for i in range(components)]
    reduced = pca.transform(embeddings.to_numpy()).astype(np.float64)
    return pd.DataFrame(reduced, index=embeddings.index, columns=columns)
