"""A small study of three classes: two features tell two of them, the label tells the third."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.sources import SourceTables
from spl_kedro.modeling.signatures.study_table import StudyTable, assemble_study_table
from spl_kedro.multiclass import ClassSettings, fit_classes

WORDS = {"cancer": ("carcinoma", "Metastasis"), "pneumonia": ("pneumonia",), "scar": ("scar",)}


def class_study(sizes=(72, 48), seed=0, signal=1.6) -> tuple[StudyTable, pd.Series]:
    """Return a table in which every patient has two lesions of one class, and the classes."""
    rng = np.random.default_rng(seed)
    n = sum(sizes)
    names = np.array(list(WORDS))
    position = np.repeat(np.tile([0, 1, 2], n)[: n // 2], 2)
    index = pd.Index([f"L{i:03d}" for i in range(n)], name="lesion_id")
    cohort = pd.DataFrame(
        {
            "patient_id": np.repeat([f"P{i:03d}" for i in range(n // 2)], 2),
            "site": "A",
            "label": (position == 0).astype(int),
            "cohort": np.repeat(["training", "validation"], sizes),
            "spacing_row_mm": 0.1,
            "spacing_col_mm": 0.1,
            "image_sha256": "0" * 64,
            "simulated": True,
            "age": 55 + 10 * rng.normal(size=n) + 8 * (position == 0),
        },
        index=index,
    )
    features = rng.normal(size=(n, 6))
    features[np.arange(n), position] += signal
    table = pd.DataFrame(features, index, [f"rad_{i}" for i in range(6)])
    return (
        assemble_study_table(cohort, {"radiomics": SourceTables(table)}),
        pd.Series(names[position], index, name="class"),
    )


def class_settings(**changes) -> ClassSettings:
    values = {"column": "tissue", "classes": WORDS, "min_lesions": 10, "models": ["rad"]}
    return ClassSettings.model_validate(values | changes)


def quick() -> SignatureSettings:
    """Return settings that fit in a moment."""
    rad = {"sources": ["radiomics"]}
    return SignatureSettings.model_validate(
        {
            "n_jobs": 1,
            "sources": {"radiomics": {}},
            "models": {
                "clinical": {"clinical": ["known_before"]},
                **dict.fromkeys(("rad", "dtl", "dlr"), rad),
                "cdlr": {"score": "dlr", "clinical": ["known_before"]},
            },
            "selection": {"lasso": False, "univariate_p": 1},
            "classifier": {"calibration_folds": 2, "tune": False},
            "protocol": {"n_splits": 3, "n_repeats": 2},
        }
    )


@pytest.fixture(scope="session")
def fitted():
    """The small study fitted: its table, classes, models and predictions."""
    table, classes = class_study()
    return table, classes, *fit_classes(table, classes, quick(), class_settings())
