"""The predictions of the neighbouring tests, and what a clinic would see of them."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.evaluation import (
    clinical_use_table,
    operating_thresholds,
    performance,
)


@pytest.fixture(scope="session")
def own(predictions):
    """Two models under the deployed protocol."""
    chosen = predictions["model"].isin(["clinical", "cdlr"])
    return predictions[chosen & (predictions["protocol"] == "leak_free")].reset_index(drop=True)


@pytest.fixture(scope="session")
def thresholds(own, settings):
    return operating_thresholds(own, settings)


@pytest.fixture(scope="session")
def use(own, thresholds, settings):
    return clinical_use_table(own, thresholds, settings)


@pytest.fixture(scope="session")
def accuracy(own, thresholds, settings):
    return performance(own, thresholds, settings)


@pytest.fixture(scope="session")
def cohort(own):
    rows = own.drop_duplicates("lesion_id").set_index("lesion_id")
    rng = np.random.default_rng(1)
    return rows[["patient_id", "label", "cohort"]].assign(
        sex=pd.array(rng.choice(["female", "male"], len(rows), p=[0.4, 0.6]), dtype="string"),
        age=rng.integers(30, 85, len(rows)).astype(float),
    )


def of(table, cohort="validation", model="cdlr", **chosen):
    """Return the rows of one model and cohort, by metric."""
    rows = table[(table["cohort"] == cohort) & (table["model"] == model)]
    for name, value in chosen.items():
        rows = rows[rows[name] == value]
    return rows.set_index("metric")
