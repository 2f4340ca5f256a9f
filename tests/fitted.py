"""A small fitted study whose clinical variables are of every kind, for what is read off a fit."""

import numpy as np
import pandas as pd

from spl_kedro.modeling.signatures.classifier import ProbabilityClassifier
from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.fitted_study import FittedStudy, column_ranges
from spl_kedro.modeling.signatures.fusion import FusionSignature
from spl_kedro.modeling.signatures.settings import SignatureSettings

IMAGE = ["original_firstorder_Mean", "original_glcm_Contrast", "dtl_000"]
CLINICAL = ["age", "crp_mg_l", "smoker", "margin", "echo"]


def patients(n: int = 240, seed: int = 7, *, image: float = 1.0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return lesions and labels; `image` is how much the image features know of the label.

    A number without and one with an indicator of missing values, a boolean, categories with a rare
    one, categories with missing values.
    """
    random = np.random.default_rng(seed)
    label = np.arange(n) % 2
    table = pd.DataFrame(
        {name: random.normal(size=n) + image * label * (i + 1) / 3 for i, name in enumerate(IMAGE)},
        index=pd.Index([f"SPL{i:04d}" for i in range(n)], name="lesion_id"),
    )
    table["age"] = np.round(58 + 7 * label + random.normal(scale=10, size=n))
    table["crp_mg_l"] = np.round(random.gamma(2, 12, size=n) + 15 * (1 - label), 1)
    table["smoker"] = random.random(n) < 0.25 + 0.3 * label
    words = np.where(random.random(n) < 0.3 + 0.4 * label, "irregular", "smooth")
    table["margin"] = np.where(random.random(n) < 0.015, "<b>spiculated</b>", words)
    table["echo"] = random.choice(["none", "shadow", "enhancement"], size=n)
    for name, share in (("crp_mg_l", 0.12), ("echo", 0.12), ("margin", 0.01)):
        table.loc[random.random(n) < share, name] = None if name != "crp_mg_l" else np.nan
    return table, label


def fitted_study(
    kind: str = "linear_svm", *, image: float = 1.0, univariate_p: float = 1.0
) -> FittedStudy:
    """Return the study's Clinical, DLR and CDLR, fitted on these patients."""
    table, label = patients(image=image)
    clinical = ClinicalSignature(CLINICAL, univariate_p=univariate_p, multivariable_p=1.0)
    dlr = FeatureSignature(IMAGE, cv=3)
    cdlr = FusionSignature(dlr, clinical, ProbabilityClassifier(kind, tune=False, C=0.1))
    models = {"clinical": clinical, "dlr": dlr, "cdlr": cdlr}
    for model in models.values():
        model.fit(table, label, groups=table.index.to_numpy())
    settings = SignatureSettings()
    return FittedStudy(
        rules=settings.protocols["leak_free"],
        declared=settings.models,
        sources={},
        models=models,
        predictions=pd.DataFrame(),
        ranges=column_ranges(table),
        thresholds=pd.DataFrame({"model": list(models), "threshold": [0.45, 0.5, 0.55]}),
    )


def answered(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return the clinical answers of lesions as the calculator takes them; None: not known."""
    return [
        {
            name: None
            if pd.isna(value)
            else str(value)
            if isinstance(value, (bool, str))
            else value
            for name, value in row.items()
        }
        for row in table[CLINICAL].to_dict("records")
    ]


def strangers(n: int = 300, seed: int = 11) -> pd.DataFrame:
    """Return other patients, a fifth of whose answers are missing, some beyond the training's."""
    random = np.random.default_rng(seed)
    table, _ = patients(n, seed)
    table["age"] += random.normal(scale=15, size=n)
    table["smoker"] = table["smoker"].astype("boolean")
    for name in CLINICAL:
        gone = random.random(n) < 0.2
        table[name] = table[name].astype(object) if name in ("margin", "echo") else table[name]
        table.loc[gone, name] = pd.NA if name == "smoker" else np.nan
    return table
