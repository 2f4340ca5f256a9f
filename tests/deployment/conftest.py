"""A packaged study on features without images: of patients whose traces can be looked for."""

import numpy as np
import pandas as pd
import pytest
import torch
from tests.modeling.signatures.conftest import make_inputs, quick_settings

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.deployment.pack import pack_study
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import RadiomicsSettings
from spl_kedro.modeling import evaluation
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.study_table import assemble_study_table

#: What no part of a package may hold: identifiers, and one patient's CRP and feature.
PATIENT, LESION, CRP, FEATURE = "PLANTEDPATIENT", "PLANTEDLESION", 98765.4321, 31.41592653589793

COHORT = CohortSettings.model_validate(
    {
        "simulated": True,
        "columns": {"lesion_id": "case", "site": "hospital", "label": "diagnosis"},
        "clinical": [
            {"name": "age", "kind": "numeric", "column": "age_at_scan"},
            {"name": "crp", "kind": "numeric", "column": "CRP"},
            {"name": "sex", "kind": "category", "column": "sex",
             "mapping": {"f": "female", "m": "male"}},
        ],
        "split": {"seed": 1},
    }
)  # fmt: skip


@pytest.fixture(scope="session")
def inputs():
    cohort, tables = make_inputs()
    first = cohort.index[0]
    named = cohort.rename(index={first: LESION})
    named.loc[LESION, ["patient_id", "crp"]] = [PATIENT, CRP]
    features = tables["radiomics"].features.rename(index={first: LESION})
    features.loc[LESION, "rad_00"] = FEATURE
    deep = tables["deep"].features.rename(index={first: LESION})
    return named, {
        "radiomics": tables["radiomics"]._replace(features=features),
        "deep": tables["deep"]._replace(features=deep, components=4),
    }


@pytest.fixture(scope="session")
def table(inputs):
    return assemble_study_table(*inputs)


@pytest.fixture(scope="session")
def fitted(table):
    study = run_protocol(table, quick_settings())
    settings = evaluation.EvaluationSettings(n_bootstrap=100)
    return study.knowing(thresholds=evaluation.operating_thresholds(study.predictions, settings))


@pytest.fixture(scope="session")
def performance(fitted):
    settings = evaluation.EvaluationSettings(n_bootstrap=100)
    return evaluation.performance(fitted.predictions, fitted.thresholds, settings)


@pytest.fixture(scope="session")
def packaged(fitted, table, inputs, performance):
    return pack_study(
        fitted,
        table,
        inputs[0],
        {"frozen": {"layer.weight": torch.arange(6.0).reshape(2, 3)}},
        {},
        performance,
        {"model_card": "# A card", "intended_use": "Tests."},
        (COHORT, RadiomicsSettings(), DeepSettings(trained_blocks=0)),
        stated_coverage=0.9,
    )


@pytest.fixture(scope="session")
def measured(table):
    """Return image features of the external lesions, as they would be measured."""
    from spl_kedro.deployment.scoring import ImageFeatures

    lesions = table.lesions("external")
    columns = table.features(["radiomics", "deep"], degenerate=True)
    return ImageFeatures((table.X.loc[lesions, columns],), pd.DataFrame())


@pytest.fixture
def cases(inputs):
    cohort = inputs[0]
    rows = cohort.loc[cohort["cohort"] == "external", ["site", "age", "crp", "sex"]]
    return rows.assign(has_image=True, spacing_row_mm=0.1, spacing_col_mm=np.float64(0.1))
