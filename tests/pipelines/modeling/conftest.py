import numpy as np
import pandas as pd
import pytest

from spl_kedro.features.deep import no_embeddings
from spl_kedro.modeling.signatures.nested import no_folds


def make_inputs(external=20):
    """Return what the earlier pipelines leave: a cohort and its features."""
    rng = np.random.default_rng(0)
    n = 80 + external
    label = np.arange(n) % 2
    index = pd.Index([f"SPL{i:04d}" for i in range(n)], name="lesion_id")
    cohort = pd.DataFrame(
        {
            "patient_id": [f"P{i:04d}" for i in range(n)],
            "site": rng.choice(["A", "B"], n),
            "label": label,
            "cohort": np.repeat(["training", "validation", "external"], [60, 20, external]),
            "spacing_row_mm": 0.1,
            "spacing_col_mm": 0.1,
            "image_sha256": "0" * 64,
            "simulated": True,
            "age": 55 + 10 * rng.normal(size=n) + 8 * label,
            "sex": pd.array(rng.choice(["female", "male"], n), dtype="string"),
        },
        index=index,
    )
    radiomics = pd.DataFrame(
        rng.normal(size=(n, 12)) + np.r_[1.5, np.zeros(11)] * label[:, None],
        index,
        [f"rad_{i:02d}" for i in range(12)],
    )
    deep = rng.normal(size=(n, 5)) + np.r_[1.5, np.zeros(4)] * label[:, None]
    embeddings = pd.DataFrame(
        deep @ rng.normal(size=(5, 30)) + 0.1 * rng.normal(size=(n, 30)),
        index,
        [f"embedding_{i:02d}" for i in range(30)],
    )
    features = pd.Index(radiomics.columns, name="feature")
    return {
        "cohort": cohort,
        "radiomics_features": radiomics,
        "deep_embeddings": embeddings,
        "deep_embeddings_as_published": embeddings,
        "deep_embeddings_nested": no_embeddings(),
        "outer_folds": no_folds(),
        "radiomics_schema": pd.DataFrame({"degenerate": False}, index=features),
        "radiomics_stability": pd.DataFrame({"icc": 0.9, "icc_low": 0.8}, index=features),
        "further_features": {},
        "deep_networks": {},
    }


@pytest.fixture(scope="session")
def inputs():
    return make_inputs()
