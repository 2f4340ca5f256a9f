import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.signatures.sources import FeatureSource
from spl_kedro.modeling.signatures.study_table import StudyTable


@pytest.fixture
def small_table() -> StudyTable:
    rng = np.random.default_rng(0)
    label = pd.Series(np.arange(80) % 2, index=[f"L{i:02d}" for i in range(80)])
    X = pd.DataFrame(rng.normal(size=(80, 6)), label.index, [f"dtl_{i}" for i in range(6)])
    X["dtl_0"] += 1.5 * label
    X["age"] = 50 + 10 * rng.normal(size=80) + 8 * label
    return StudyTable(
        X=X,
        label=label,
        patient_id=pd.Series(label.index, label.index),
        cohort=pd.Series(np.repeat(["training", "validation"], [60, 20]), label.index),
        clinical=["age"],
        sources={"deep": FeatureSource("deep", tuple(f"dtl_{i}" for i in range(6)))},
    )


@pytest.fixture
def small_modeling() -> dict:
    return {
        "n_jobs": 1,
        "selection": {"lasso_alphas": 10, "lasso_folds": 3},
        "classifier": {"calibration_folds": 2},
        "protocol": {"n_splits": 3, "n_repeats": 1},
        "evaluation": {"n_bootstrap": 100},
    }
