"""Simulated lesions at the level of features: one population, as many lesions as are asked for.

No image is drawn. A lesion has a diagnosis and latent factors; radiomics features, deep features
and clinical variables are made of the factors. Strengths were set so that models fitted on 487
lesions reach AUCs of 0.7 to 0.9, as in the simulated study. Every number is an assumption.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from spl_kedro.modeling.signatures.sources import SourceTables
from spl_kedro.modeling.signatures.study_table import StudyTable, assemble_study_table

PREVALENCE = 0.6
#: Latent factors: how far the malignant mean lies from the benign one, in benign SDs, and the
#: malignant SD. The third carries its information in its spread, which no linear model sees.
SHIFT = np.array([1.3, 1.1, 0.0, 0.7])
SPREAD = np.array([1.0, 1.2, 1.5, 1.0])
#: Factors that know nothing of the diagnosis, and features of each source.
NUISANCE, FEATURES = 4, 16
#: Share of a feature's variance that is its own noise.
OWN = 0.3
READ_FROM_IMAGE = ("lesion_size_mm", "margin")
#: What the deep features of a population are: of factors of which the radiomics features know
#: half (study), of other factors with the same loadings (exchangeable), or noise (nothing).
KINDS = ("study", "exchangeable", "nothing")
#: Draws the loadings, which are the population: the same in every cohort.
LOADINGS_SEED = 7


@dataclass(frozen=True)
class Population:
    """Lesions that all cohorts are drawn from.

    Parameters
    ----------
    kind : str, one of :data:`KINDS`
    """

    kind: str = "study"

    def draw(self, n: int, rng: np.random.Generator) -> pd.DataFrame:
        """Draw lesions, one of a patient.

        Parameters
        ----------
        n : int
        rng : numpy.random.Generator

        Returns
        -------
        DataFrame, shape (n, n_columns)
            label, the clinical variables, radiomics_0 ... and deep_0 ...
        """
        label = (rng.random(n) < PREVALENCE).astype(np.int64)
        own, other = self._factors(label, rng), self._factors(label, rng)
        loadings = np.random.default_rng(LOADINGS_SEED)
        first, second = _loadings(loadings), _loadings(loadings)
        radiomics = _features(own, first, rng)
        if self.kind == "study":
            half = len(SHIFT) // 2
            mixed = np.column_stack([own[:, :half], other[:, half:]])
            deep = np.tanh(_features(mixed, second, rng))
        elif self.kind == "exchangeable":
            deep = _features(other, first, rng)
        else:
            deep = rng.normal(size=(n, FEATURES))
        # Half of the features are skewed, as texture measures are.
        skewed = np.arange(FEATURES) % 2 == 1
        radiomics[:, skewed] = np.exp(radiomics[:, skewed])
        if self.kind == "exchangeable":
            deep[:, skewed] = np.exp(deep[:, skewed])
        table = pd.DataFrame({"label": label, **_clinical(label, own, rng)})
        for name, values in (("radiomics", radiomics), ("deep", deep)):
            columns = [f"{name}_{k}" for k in range(FEATURES)]
            table = pd.concat([table, pd.DataFrame(values, columns=columns)], axis=1)
        return table

    @staticmethod
    def _factors(label: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the factors of a source, those of the diagnosis first."""
        malignant = label[:, None]
        values = rng.normal(size=(len(label), len(SHIFT) + NUISANCE))
        informed = values[:, : len(SHIFT)]
        values[:, : len(SHIFT)] = malignant * SHIFT + np.where(malignant, SPREAD, 1.0) * informed
        return values


def _loadings(rng: np.random.Generator) -> np.ndarray:
    """Return what each feature takes of each factor; a third of them of nuisance alone."""
    drawn = rng.normal(size=(len(SHIFT) + NUISANCE, FEATURES))
    drawn[: len(SHIFT), ::3] = 0.0
    return drawn / np.linalg.norm(drawn, axis=0)


def _features(factors: np.ndarray, loadings: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    noise = rng.normal(size=(len(factors), loadings.shape[1]))
    return (1 - OWN) ** 0.5 * factors @ loadings + OWN**0.5 * noise


def _clinical(
    label: np.ndarray, factors: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return clinical variables; what a reader sees of the image follows the first factors."""
    n, malignant = len(label), label == 1
    crp = np.exp(np.where(malignant, np.log(10.0), np.log(15.0)) + 1.05 * rng.normal(size=n))
    size = np.exp(np.log(32.0) + 0.2 * factors[:, 0] + 0.3 * rng.normal(size=n))
    return {
        "age": np.where(malignant, 61.0, 55.0) + 13 * rng.normal(size=n),
        "pack_years": np.maximum(0, np.where(malignant, 14.0, 5.0) + 21 * rng.normal(size=n)),
        "sex": np.where(rng.random(n) < np.where(malignant, 0.66, 0.58), "male", "female"),
        "fever": np.where(rng.random(n) < np.where(malignant, 0.15, 0.32), "yes", "no"),
        "crp_mg_l": np.where(rng.random(n) < 0.03, np.nan, crp),
        "lesion_size_mm": size,
        "margin": np.where(factors[:, 1] + 0.8 * rng.normal(size=n) > 0.4, "irregular", "smooth"),
    }


def study_table(parts: dict[str, pd.DataFrame]) -> StudyTable:
    """Return the table the study's models are fitted on.

    Parameters
    ----------
    parts : dict of str to DataFrame
        Cohort to its lesions, from :meth:`Population.draw`.

    Returns
    -------
    StudyTable
    """
    lesions = pd.concat(
        [part.assign(cohort=cohort) for cohort, part in parts.items()], ignore_index=True
    )
    lesions.index = pd.Index([f"L{k:06d}" for k in range(len(lesions))], name="lesion_id")
    sources = {
        name: SourceTables(lesions.filter(regex=f"^{name}_")) for name in ("radiomics", "deep")
    }
    features = [name for table in sources.values() for name in table.features.columns]
    cohort = lesions.drop(columns=features)
    cohort.insert(0, "patient_id", "P" + lesions.index.str[1:])
    cohort.insert(1, "site", "centre_a")
    return assemble_study_table(cohort, sources, read_from_image=READ_FROM_IMAGE)
