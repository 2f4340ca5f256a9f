"""A small study with fitted signatures, shared by the tests of the explanations."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.fusion import FusionSignature

RADIOMICS = [
    "original_shape_Sphericity",
    "original_firstorder_Mean",
    "wavelet-HLL_glcm_Contrast",
    "gradient_glszm_ZoneEntropy",
    "square_ngtdm_Busyness",
]
DEEP = [f"dtl_{i:03d}" for i in range(5)]
CLINICAL = ["age", "pack_years", "margin"]


@dataclass(frozen=True)
class Study:
    table: pd.DataFrame
    label: pd.Series
    training: pd.Index
    validation: pd.Index
    models: dict[str, Any]


def make_table(n: int, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    random = np.random.default_rng(seed)
    index = pd.Index([f"SPL{i:04d}" for i in range(n)], name="lesion_id")
    label = pd.Series(np.arange(n) % 2, index=index, name="label")
    columns = {
        name: random.normal(size=n) + label * weight
        for name, weight in zip(
            [*RADIOMICS, *DEEP], [1.0, 0.7, 0, 0.4, 0, 1.0, 0, 0.5, 0, 0], strict=True
        )
    }
    columns["age"] = 55 + 8 * label + random.normal(scale=9, size=n)
    columns["pack_years"] = random.gamma(2, 8, size=n) + 10 * label
    margin = np.where(random.random(n) < 0.25 + 0.5 * label, "irregular", "smooth")
    columns["margin"] = np.where(random.random(n) < 0.2, "blurred", margin)
    return pd.DataFrame(columns, index=index), label


@pytest.fixture(scope="session")
def study() -> Study:
    table, label = make_table(180, seed=3)
    table.loc["SPL0170", "age"] = np.nan
    training, validation = table.index[:130], table.index[130:]
    image = FeatureSignature([*RADIOMICS, *DEEP])
    models = {
        "clinical": ClinicalSignature(CLINICAL, multivariable_p=1.0),
        "rad": FeatureSignature(RADIOMICS),
        "dtl": FeatureSignature(DEEP),
        "dlr": image,
        "cdlr": FusionSignature(image, ClinicalSignature(CLINICAL, multivariable_p=1.0)),
    }
    for model in models.values():
        model.fit(table.loc[training], label.loc[training].to_numpy())
    return Study(table, label, training, validation, models)
