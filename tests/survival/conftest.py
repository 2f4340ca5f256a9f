"""A small study whose patients' times hang on one radiomics feature and on their age."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.signatures.fitted_study import FittedStudy
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.sources import SourceTables
from spl_kedro.modeling.signatures.study_table import StudyTable, assemble_study_table
from spl_kedro.survival import SurvivalSettings, fit_survival

MODELS = ("rad", "cdlr")


def followed_study(sizes=(90, 60), seed=0) -> tuple[StudyTable, pd.DataFrame]:
    """Return a table in which every third patient has two lesions, and the follow-up."""
    rng = np.random.default_rng(seed)
    n = sum(sizes)
    patient = np.array([f"P{i - (i % 4 == 3):03d}" for i in range(n)])
    first = np.array([i - (i % 4 == 3) for i in range(n)])
    label = np.tile([0, 1], n)[:n][first]
    index = pd.Index([f"L{i:03d}" for i in range(n)], name="lesion_id")
    features = rng.normal(size=(n, 5))
    features[:, 0] = (features[:, 0] + 1.5 * label)[first]
    age = (60 + 8 * rng.normal(size=n) + 4 * label)[first]
    cohort = pd.DataFrame(
        {
            "patient_id": patient,
            "site": "A",
            "label": label,
            "cohort": np.where(first < sizes[0], "training", "validation"),
            "spacing_row_mm": 0.1,
            "spacing_col_mm": 0.1,
            "image_sha256": "0" * 64,
            "simulated": True,
            "age": age,
        },
        index=index,
    )
    risk = 0.9 * features[:, 0] + 0.05 * (age - 60)
    death = (20 * rng.exponential(size=n) * np.exp(-risk))[first]
    end = rng.uniform(5, 60, n)[first]
    follow_up = pd.DataFrame({"time": np.minimum(death, end), "event": death <= end}, index)
    table = pd.DataFrame(features, index, [f"rad_{i}" for i in range(5)])
    return assemble_study_table(cohort, {"radiomics": SourceTables(table)}), follow_up


def survival_settings(**changes) -> SurvivalSettings:
    values = {
        "time": "months",
        "event": "died",
        "models": MODELS,
        "min_events": 10,
        "penalties": [0.01, 0.3],
        "penalty_folds": 2,
        "times": [6, 12],
        "calibration_time": 12,
    }
    return SurvivalSettings.model_validate(values | changes)


def fit_study(table: StudyTable) -> FittedStudy:
    rad = {"sources": ["radiomics"]}
    settings = SignatureSettings.model_validate(
        {
            "n_jobs": 1,
            "sources": {"radiomics": {}},
            "models": {
                "clinical": {"clinical": ["known_before"]},
                **dict.fromkeys(("rad", "dtl", "dlr"), rad),
                "cdlr": {"score": "dlr", "clinical": ["known_before"]},
            },
            "selection": {"lasso": False, "univariate_p": 1},
            "clinical": {"univariate_p": 1, "multivariable_p": 1},
            "classifier": {"calibration_folds": 2, "tune": False},
            "protocol": {"n_splits": 3, "n_repeats": 1},
        }
    )
    return run_protocol(table, settings, "leak_free", MODELS)


@pytest.fixture(scope="session")
def study():
    """The small study: its table, follow-up, fitted signatures."""
    table, follow_up = followed_study()
    return table, follow_up, fit_study(table)


@pytest.fixture(scope="session")
def fitted(study):
    """The same with its Cox models and predictions."""
    table, follow_up, signatures = study
    return *study, *fit_survival(
        table, signatures, follow_up, survival_settings(), seed=1, n_jobs=1
    )
