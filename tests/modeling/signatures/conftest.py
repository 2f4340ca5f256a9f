"""A small study whose truth is known: a few informative columns among noise."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.signatures.fitted_study import FittedStudy
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.sources import SourceTables
from spl_kedro.modeling.signatures.study_table import StudyTable, assemble_study_table


def make_inputs(sizes=(90, 30, 30), n_radiomics=30, n_deep=8, seed=0, signal=1.5):
    """Return the cohort and the tables of its two sources.

    ``rad_00`` and ``dtl_000`` carry the label; ``rad_01`` repeats ``rad_00``; the last
    two radiomics columns are degenerate; ``rad_02`` is not reproducible.
    """
    rng = np.random.default_rng(seed)
    n = sum(sizes)
    label = np.tile([0, 1], n // 2 + 1)[:n]
    index = pd.Index([f"SPL{i:04d}" for i in range(n)], name="lesion_id")
    cohort = pd.DataFrame(
        {
            "patient_id": [f"P{i:04d}" for i in range(n)],
            "site": rng.choice(["A", "B"], n),
            "label": label,
            "cohort": np.repeat(["training", "validation", "external"], sizes),
            "spacing_row_mm": 0.1,
            "spacing_col_mm": 0.1,
            "image_sha256": "0" * 64,
            "simulated": True,
            "age": 55 + 10 * rng.normal(size=n) + 8 * label,
            "crp": np.exp(rng.normal(size=n)),
            "sex": pd.array(rng.choice(["female", "male"], n), dtype="string"),
        },
        index=index,
    )
    cohort.loc[rng.random(n) < 0.2, "crp"] = np.nan
    radiomics = rng.normal(size=(n, n_radiomics))
    radiomics[:, 0] += signal * label
    radiomics[:, 1] = radiomics[:, 0] + 0.01 * rng.normal(size=n)
    radiomics[:, -2:] *= 1e-14
    deep = rng.normal(size=(n, n_deep))
    deep[:, 0] += signal * label
    radiomics = pd.DataFrame(radiomics, index, [f"rad_{i:02d}" for i in range(n_radiomics)])
    deep = pd.DataFrame(deep, index, [f"dtl_{i:03d}" for i in range(n_deep)])
    schema = pd.DataFrame({"degenerate": np.arange(n_radiomics) >= n_radiomics - 2})
    schema.index = pd.Index(radiomics.columns, name="feature")
    icc = np.full(n_radiomics, 0.9)
    icc[2] = 0.3
    stability = pd.DataFrame({"icc": icc, "icc_low": icc - 0.2}, index=schema.index)
    return cohort, {
        "radiomics": SourceTables(radiomics, schema, stability),
        "deep": SourceTables(deep),
    }


def quick_settings(**changes) -> SignatureSettings:
    """Return settings that fit in a moment."""
    values = {
        "n_jobs": 1,
        "selection": {"lasso_alphas": 10, "lasso_folds": 3},
        "classifier": {"calibration_folds": 2},
        "protocol": {
            "n_splits": 3,
            "n_repeats": 1,
            "clinical_bootstrap": 10,
        },
    }
    return SignatureSettings.model_validate(values | changes)


@pytest.fixture(scope="session")
def study() -> StudyTable:
    """Return the assembled table of the small study."""
    return assemble_study_table(*make_inputs())


@pytest.fixture(scope="session")
def settings() -> SignatureSettings:
    """Return settings that fit in a moment."""
    return quick_settings()


@pytest.fixture(scope="session")
def leak_free(study, settings) -> FittedStudy:
    """Return the small study run through the leak-free protocol, once for all tests."""
    return run_protocol(study, settings)
