import numpy as np
import pandas as pd
import pytest

from spl_kedro.imaging.lesion import Lesion
from spl_kedro.pipelines.audit.parameters import AuditParameters
from spl_kedro.pipelines.modeling.parameters import ModelingParameters


@pytest.fixture
def small(tmp_path):
    """Return the arguments of an audit of three shuffles, the first of which trains networks."""
    rng = np.random.default_rng(0)
    index = pd.Index([f"SPL{i:04d}" for i in range(80)], name="lesion_id")
    cohort = pd.DataFrame(
        {
            "patient_id": index.str.replace("SPL", "P"),
            "site": "A",
            "label": np.arange(80) % 2,
            "cohort": np.repeat(["training", "validation"], [60, 20]),
            "spacing_row_mm": 0.1,
            "spacing_col_mm": 0.1,
            "image_sha256": "0" * 64,
            "simulated": True,
            "age": 55 + 10 * rng.normal(size=80),
        },
        index=index,
    )
    features = pd.Index([f"rad_{i:02d}" for i in range(12)], name="feature")
    mask = np.zeros((40, 40), dtype=bool)
    mask[10:30, 8:32] = True
    images = {name: Lesion(name, rng.uniform(0, 255, (40, 40)), mask) for name in index}
    modeling = {
        "selection": {"lasso_alphas": 5, "lasso_folds": 2},
        "classifier": {"calibration_folds": 2},
        "protocol": {"n_splits": 2},
    }
    audit = {
        "n_shuffles": 3,
        "deep_shuffles": 1,
        "n_jobs": 1,
        "checkpoints": str(tmp_path / "audit"),
        "deep": {
            "architecture": "resnet18",
            "image_size": 32,
            "epochs": 1,
            "folds": 2,
            "components": 4,
            "threads": 1,
        },
    }
    return {
        "cohort": cohort,
        "lesions": {name: lambda name=name: images[name] for name in index},
        "radiomics_features": pd.DataFrame(rng.normal(size=(80, 12)), index, features),
        "radiomics_schema": pd.DataFrame({"degenerate": False}, index=features),
        "radiomics_stability": pd.DataFrame({"icc": 0.9, "icc_low": 0.8}, index=features),
        "further_features": {},
        "modeling": ModelingParameters.model_validate(modeling),
        "parameters": AuditParameters.model_validate(audit),
    }
