"""Synthetic predictions with the shape of a study's, made by the test."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.evaluation import (
    EvaluationSettings,
    compare_models,
    operating_thresholds,
    performance,
    subgroup_table,
)
from spl_kedro.schemas import MODELS, PROTOCOLS

STRENGTH = {"clinical": 1.3, "rad": 1.2, "dtl": 1.4, "dlr": 1.7, "cdlr": 2.0}
SIZES = {"training": 120, "validation": 60, "external": 80}
REPEATS = 3


@pytest.fixture(scope="session")
def settings():
    return EvaluationSettings(n_bootstrap=100)


@pytest.fixture(scope="session")
def predictions():
    """One table for all tests: copy it before changing anything."""
    rng, again = np.random.default_rng(20260101), np.random.default_rng(20260102)
    tables = []
    for cohort, n in SIZES.items():
        label = (rng.random(n) < 0.6).astype(int)
        common = rng.normal(size=n)
        for protocol in PROTOCOLS:
            for model in MODELS:
                inflated = protocol != "leak_free" and cohort == "training"
                distance = STRENGTH[model] + (1.0 if inflated else 0.0)
                latent = distance * (label - 0.5) + 0.6 * common + 0.8 * rng.normal(size=n)
                cross_fitted = protocol == "leak_free" and cohort == "training"
                for repeat in range(REPEATS if cross_fitted else 1):
                    # Every repeat divides the lesions anew and has models of its own.
                    noise = again.normal(size=n) if repeat else 0.0
                    tables.append(
                        pd.DataFrame(
                            {
                                "lesion_id": [f"{cohort[0]}{i:03d}" for i in range(n)],
                                "patient_id": [f"patient {cohort[0]}{i:03d}" for i in range(n)],
                                "label": label,
                                "model": model,
                                "protocol": protocol,
                                "cohort": cohort,
                                "repeat": repeat,
                                "fold": np.arange(n) // (repeat + 1) % 5 if cross_fitted else -1,
                                "score": 1
                                / (1 + np.exp(-(distance * (latent + 0.3 * noise) + 0.4))),
                            }
                        )
                    )
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="session")
def measured(predictions, settings):
    """The performance table of all predictions."""
    return performance(predictions, operating_thresholds(predictions, settings), settings)


@pytest.fixture(scope="session")
def comparisons(predictions, settings):
    """The pairs of models compared on all predictions."""
    return compared(predictions, settings)


@pytest.fixture
def label_and_score():
    """Four hundred labels and fairly calibrated probabilities, some of them tied."""
    rng = np.random.default_rng(7)
    latent = rng.normal(0.3, 1.4, 400)
    label = (rng.random(400) < 1 / (1 + np.exp(-latent))).astype(float)
    score = np.round(1 / (1 + np.exp(-(1.3 * latent - 0.2))), 2)
    return label, np.clip(score, 0.01, 0.99)


def compared(predictions, settings):
    """Compare the models at the thresholds of their own predictions."""
    return compare_models(predictions, operating_thresholds(predictions, settings), settings)


def grouped(predictions, cohort, settings):
    """Measure subgroups at the thresholds of the predictions."""
    thresholds = operating_thresholds(predictions, settings)
    return subgroup_table(predictions, thresholds, cohort, settings)
