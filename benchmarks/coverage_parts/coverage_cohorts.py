"""Cohorts of one population: models are fitted, scored, and their truth is looked up."""

from __future__ import annotations

import pickle
import zlib
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from coverage_plain import PlainStudy, numbers, run_plain
from coverage_population import Population, study_table
from coverage_truth import (
    CLINIC,
    RISKS,
    People,
    Truths,
    area,
    mean_truths,
    promises,
    risk_group_truths,
    truths,
)

from spl_kedro.modeling.evaluation import EvaluationSettings, operating_thresholds
from spl_kedro.modeling.evaluation.thresholds import applied_thresholds
from spl_kedro.modeling.evaluation.units import cells, scored_units
from spl_kedro.modeling.signatures.fitted_study import FittedStudy
from spl_kedro.modeling.signatures.internal_validation import clinical_optimism
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.store import ContentStore, content_key

#: Changes when entries in the store would have other content.
VERSION = 1
PATIENTS, EXTERNAL, VALIDATION_SHARE = 609, 200, 0.2
#: Lesions of the population, the first of which also judge the models of single folds.
PEOPLE, FOLD_PEOPLE = 100_000, 10_000
#: Cohorts whose clinical model is fitted again on bootstrap resamples.
RESAMPLED = 100
#: Models fitted in each kind of population, and the pairs that are compared.
MODELS = {
    "study": ("clinical", "rad", "cdlr"),
    "exchangeable": ("rad", "dtl"),
    "nothing": ("clinical", "dtl", "clinical_dtl"),
}
PAIRS = {
    "study": [("clinical", "rad"), ("clinical", "cdlr"), ("rad", "cdlr")],
    "exchangeable": [("rad", "dtl")],
    "nothing": [("clinical", "clinical_dtl")],
}
SUBGROUPS = ("sex", "lesion_size_mm")


class Settings(NamedTuple):
    """The study's settings, and what was reduced to afford many cohorts."""

    signatures: SignatureSettings
    evaluation: EvaluationSettings


def reduced_settings(n_bootstrap: int) -> Settings:
    """Return the defaults but for fewer penalties, inner folds and resamples."""
    default = SignatureSettings(n_jobs=1)
    signatures = default.model_copy(
        update={
            "selection": default.selection.model_copy(
                update={"lasso_alphas": 10, "lasso_folds": 3}
            ),
            "classifier": default.classifier.model_copy(
                update={"calibration_folds": 3, "tune": False, "C": 0.01}
            ),
            "fusion": default.fusion.model_copy(update={"tune": False, "C": 0.1}),
            "protocol": default.protocol.model_copy(update={"clinical_bootstrap": 25}),
        }
    )
    evaluation = EvaluationSettings(
        n_bootstrap=n_bootstrap,
        prevalence=CLINIC,
        subgroups=SUBGROUPS,
        decision_threshold_min=min(RISKS),
        decision_threshold_max=max(RISKS),
        decision_threshold_step=RISKS[1] - RISKS[0],
    )
    return Settings(signatures, evaluation)


class Fitted(NamedTuple):
    """A cohort's scores, and what is true of its models.

    Attributes
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    cohort : DataFrame
        Index lesion_id: patient_id, cohort and the subgroups' variables.
    deployed : dict
        Truth of the models fitted on all training lesions, at the deployed thresholds.
    folds : dict
        Mean truth of the first repeat's fold models, each at the threshold of the other folds.
    thresholds : DataFrame
        What thresholds promised and kept: model, rule, promised, apparent, true (sensitivity), and
        the same of specificity.
    optimism : dict of str to float
        Bootstrap-corrected clinical AUC with bounds, apparent and true; what the in-sample recipe
        claims in training, and what is true of its models.
    """

    predictions: pd.DataFrame
    cohort: pd.DataFrame
    deployed: Truths
    folds: Truths
    thresholds: pd.DataFrame
    optimism: dict[str, float]


@cache
def people(kind: str, fits: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the population's sample: the table to score, and the lesions."""
    lesions = Population(kind).draw(PEOPLE, np.random.default_rng([PEOPLE, len(kind)]))
    X = study_table({"training": lesions}).X
    return X if fits == "signatures" else numbers(X), lesions


@dataclass(frozen=True)
class CohortTask:
    """One cohort: from the store, or drawn, fitted and judged.

    Parameters
    ----------
    kind : str
        Of the population.
    number : int
        Of the cohort, which seeds it.
    fits : {"plain", "signatures"}
        Logistic regressions, or the study's own models.
    directory : str or None
        Of the store.
    """

    kind: str
    number: int
    fits: str
    directory: str | None

    def __call__(self) -> Fitted:
        """Return the fitted cohort."""
        settings = reduced_settings(2000)
        key = content_key(
            VERSION, self.kind, self.number, self.fits, settings.signatures, PATIENTS, EXTERNAL
        )
        store = ContentStore(self.directory)
        stored = store.load(key)
        if stored is not None:
            return pickle.loads(zlib.decompress(stored))
        fitted = self._fit(settings)
        store.save(key, zlib.compress(pickle.dumps(fitted)))
        return fitted

    def _fit(self, settings: Settings) -> Fitted:
        table, names = self.table(), MODELS[self.kind]
        whole = self.fits == "signatures"
        study: FittedStudy | PlainStudy = (
            run_protocol(table, settings.signatures, only=names)
            if whole
            else run_plain(table, settings.signatures, names)
        )
        cohort = table.X[list(SUBGROUPS)].assign(patient_id=table.patient_id, cohort=table.cohort)
        thresholds = operating_thresholds(study.predictions, settings.evaluation)
        cut = thresholds.set_index("model")["threshold"].astype(float).to_dict()
        X, lesions = people(self.kind, self.fits)
        label = lesions["label"].to_numpy(dtype=float)
        scores = {name: model.predict_proba(X)[:, 1] for name, model in study.models.items()}
        if self.kind != "study":
            areas = {name: area(label, score) for name, score in scores.items()}
            gains = {
                (f"{a}>{b}", "auc_difference"): areas[b] - areas[a] for a, b in PAIRS[self.kind]
            }
            return Fitted(study.predictions, cohort, gains, {}, pd.DataFrame(), {})
        size = float(table.X["lesion_size_mm"].iloc[table.rows("training")].median())
        groups = {
            "sex": lesions["sex"].to_numpy(dtype=str),
            "lesion_size_mm": np.where(lesions["lesion_size_mm"] < size, "<", "≥"),
        }
        deployed = truths(People(label, groups), scores, cut, PAIRS[self.kind])
        edges = _edges(study.predictions, settings.evaluation.calibration_bins)
        for where, of_cohort in edges.items():
            for name, score in scores.items():
                shares = risk_group_truths(label, score, of_cohort[name])
                deployed |= {(name, f"{where}: {group}"): value for group, value in shares.items()}
        deployed |= {("biopsy all", name): value for name, value in _everyone(label).items()}
        few = People(label[:FOLD_PEOPLE], {k: v[:FOLD_PEOPLE] for k, v in groups.items()})
        folds = self._folds(study, X.iloc[:FOLD_PEOPLE], few, cut, settings)
        promised = promises(study.predictions, label, scores, settings.evaluation)
        predictions, optimism = study.predictions, {}
        if whole:
            recipe = run_protocol(table, settings.signatures, "as_published", only=names)
            predictions = pd.concat([predictions, recipe.predictions], ignore_index=True)
            optimism = self._optimism(table, recipe, X, label, settings)
            for name in names:
                gain = optimism[f"{name} in-sample, true"] - deployed[name, "auc"]
                deployed[name, "optimism"] = gain
        return Fitted(predictions, cohort, deployed, folds, promised, optimism)

    def table(self) -> StudyTable:
        """Draw the cohort, split it as the study does, and draw an external one."""
        rng = np.random.default_rng([20260101, len(self.kind), self.number])
        population = Population(self.kind)
        lesions = population.draw(PATIENTS, rng)
        validation = np.zeros(PATIENTS, dtype=bool)
        for label in (0, 1):
            rows = rng.permutation(np.flatnonzero(lesions["label"] == label))
            validation[rows[: round(VALIDATION_SHARE * len(rows))]] = True
        return study_table(
            {
                "training": lesions[~validation],
                "validation": lesions[validation],
                "external": population.draw(EXTERNAL, rng),
            }
        )

    def _folds(
        self,
        study: FittedStudy | PlainStudy,
        X: pd.DataFrame,
        judges: People,
        cut: dict[str, float],
        settings: Settings,
    ) -> Truths:
        """Return the mean truth of the first repeat's fold models."""
        applied = {
            cell.model: (
                cell.folds[0],
                applied_thresholds(cell, cut[cell.model], settings.evaluation)[0],
            )
            for cell in cells(scored_units(study.predictions))
            if cell.cohort == "training"
        }
        each = []
        for fold in range(len(next(iter(study.cross_fits.values())).models)):
            scores = {
                name: fit.models[fold].predict_proba(X)[:, 1]
                for name, fit in study.cross_fits.items()
            }
            own = {name: float(cuts[folds == fold][0]) for name, (folds, cuts) in applied.items()}
            each.append(truths(judges, scores, own, PAIRS[self.kind]))
        return mean_truths(each)

    def _optimism(
        self,
        table: StudyTable,
        recipe: FittedStudy,
        X: pd.DataFrame,
        label: np.ndarray,
        settings: Settings,
    ) -> dict[str, float]:
        """Return what is claimed of areas in training, and what is true."""
        found: dict[str, float] = {}
        if self.number < RESAMPLED:
            row = clinical_optimism(table, settings.signatures).iloc[0]
            found = {name: float(row[name]) for name in ("apparent", "optimism", "corrected")}
        rows = recipe.predictions[recipe.predictions["cohort"] == "training"]
        for name, model in recipe.models.items():
            own = rows[rows["model"] == name]
            claimed = area(own["label"].to_numpy(dtype=float), own["score"].to_numpy())
            found[f"{name} in-sample, claimed"] = claimed
            found[f"{name} in-sample, true"] = area(label, model.predict_proba(X)[:, 1])
        return found


def _edges(predictions: pd.DataFrame, n_groups: int) -> dict[str, dict[str, np.ndarray]]:
    """Return cohort -> model -> the scores between which its risk groups lie."""
    shares = np.linspace(0, 1, n_groups + 1)[1:-1]
    found: dict[str, dict[str, np.ndarray]] = {}
    for cell in cells(scored_units(predictions)):
        edges = np.unique(np.quantile(cell.scores, shares))
        found.setdefault(cell.cohort, {})[cell.model] = edges
    return found


def _everyone(label: np.ndarray) -> dict[str, float]:
    """Return the net benefit of a biopsy for everyone."""
    share = float(label.mean())
    return {f"net_benefit at {t}": share - (1 - share) * t / (1 - t) for t in RISKS}
