"""Fixed scores of known truth: no model is fitted, so that many cohorts cost little.

Two models give every lesion a probability that is right by construction (equal normal spreads, so
that the log-odds are linear in the score). Cohorts are drawn as an external one is: the number of
malignant lesions is left to chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
import pandas as pd
from coverage_cohorts import reduced_settings
from coverage_reported import reported
from coverage_truth import People, Truths, truths
from scipy.special import expit, logit

PREVALENCE, PEOPLE = 0.6, 400_000
MODELS, PAIR = ("rad", "dtl"), ("rad", "dtl")
THRESHOLD = 0.5


@dataclass(frozen=True)
class Kind:
    """One kind of cohort.

    Parameters
    ----------
    lesions : int
    auc : tuple of float
        Of the two models.
    correlation : float
        Between their scores within a class.
    stretch : float
        The second model's log-odds are multiplied by it; 1 is right, above 1 overconfident.
    per_patient : int
        Lesions of a patient; with several, diagnosis and two thirds of the variance are shared.
    """

    lesions: int
    auc: tuple[float, float]
    correlation: float = 0.5
    stretch: float = 1.0
    per_patient: int = 1

    def draw(self, lesions: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        """Return patient, label, group and the (2, n) scores."""
        patients = lesions // self.per_patient
        patient = np.repeat(np.arange(patients), self.per_patient)
        label = (rng.random(patients) < PREVALENCE).astype(float)[patient]
        shared = (2 / 3) ** 0.5 if self.per_patient > 1 else 0.0
        noise = shared * self._noise(patients, rng)[:, patient]
        noise += (1 - shared**2) ** 0.5 * self._noise(len(patient), rng)
        scores = []
        for auc, deviation, stretch in zip(self.auc, noise, (1.0, self.stretch), strict=True):
            distance = 2**0.5 * NormalDist().inv_cdf(auc)
            value = distance * label + deviation
            odds = logit(PREVALENCE) + distance * (value - distance / 2)
            scores.append(expit(stretch * odds))
        group = np.where(rng.random(patients) < 0.5, "female", "male")[patient]
        return patient, label, group, np.stack(scores)

    def _noise(self, n: int, rng: np.random.Generator) -> np.ndarray:
        first, own = rng.normal(size=(2, n))
        second = self.correlation * first + (1 - self.correlation**2) ** 0.5 * own
        return np.stack([first, second])


@cache
def known(kind: Kind) -> Truths:
    """Return what is true, of many lesions."""
    _, label, group, scores = kind.draw(PEOPLE, np.random.default_rng(PEOPLE))
    cuts = dict.fromkeys(MODELS, THRESHOLD)
    judges = People(label, {"sex": group})
    return truths(judges, dict(zip(MODELS, scores, strict=True)), cuts, [PAIR])


@dataclass(frozen=True)
class DrawTask:
    """Some cohorts of a kind and what the study's tables say of each.

    Parameters
    ----------
    kind : Kind
    numbers : tuple of int
        Of the cohorts, which seed them.
    n_bootstrap : int
    """

    kind: Kind
    numbers: tuple[int, ...]
    n_bootstrap: int

    def __call__(self) -> pd.DataFrame:
        """Return `coverage_reported.reported` of every cohort, with the column number."""
        settings = reduced_settings(self.n_bootstrap).evaluation
        settings = settings.model_copy(update={"subgroups": ("sex",)})
        tables = []
        for number in self.numbers:
            rng = np.random.default_rng([20260102, number])
            patient, label, group, scores = self.kind.draw(self.kind.lesions, rng)
            lesion = np.array([f"L{k:04d}" for k in range(len(label))])
            common = {
                "lesion_id": lesion,
                "patient_id": [f"P{k:04d}" for k in patient],
                "label": label.astype(int),
                "protocol": "leak_free",
                "cohort": "external",
                "repeat": 0,
                "fold": -1,
            }
            predictions = pd.concat(
                [
                    pd.DataFrame({**common, "model": model, "score": score})
                    for model, score in zip(MODELS, scores, strict=True)
                ],
                ignore_index=True,
            )
            cohort = pd.DataFrame(
                {"patient_id": common["patient_id"], "cohort": "external", "sex": group},
                index=pd.Index(lesion, name="lesion_id"),
            )
            thresholds = pd.DataFrame(
                {"model": MODELS, "protocol": "leak_free", "threshold": THRESHOLD}
            )
            said = reported(predictions, cohort, settings, thresholds)
            tables.append(said.assign(number=number))
        return pd.concat(tables, ignore_index=True)
