"""What fusing adds, nested and leak-free: CDLR against its best part, classifiers side by side.

    python benchmarks/fusion.py --json fusion.json
    python benchmarks/fusion.py --envs base --classifiers

Takes the table that `kedro run --nodes modeling.leak_free.assemble_table` makes in Kedro
environments whose `data_processing`, `radiomics` and `deep_features` have run: `base` (the
simulated study, training cohort) and `breast` (all lesions but an external cohort). Every lesion
is scored by models fitted in the other outer folds, one set of folds per seed; validation lesions
of the simulated study are not looked at. In each outer fold the best part of the fusion is named
by cross-fitting inside it. Differences are averaged over seeds and have DeLong intervals of the
averaged comparison.

With `--classifiers` the image signatures and the fusion are fitted with each kind of classifier:
the table by which the defaults were chosen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from sklearn.base import clone
from tqdm import tqdm

from spl_kedro.modeling.evaluation.delong import (
    auc_covariance,
    auc_difference,
    auc_interval,
    auc_within,
)
from spl_kedro.modeling.signatures.classifier import ProbabilityClassifier
from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.folds import stratified_splits
from spl_kedro.modeling.signatures.fusion import FusionSignature
from spl_kedro.modeling.signatures.models import clinical_signature
from spl_kedro.modeling.signatures.selection import SelectionSequence
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.study_models import study_models
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.parallel import in_parallel
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.settings import PROJECT_ROOT

# The kinds compared: (name, classifier).
KINDS = {
    "linear SVM, penalty chosen": ProbabilityClassifier("linear_svm"),
    "ridge logistic, penalty chosen": ProbabilityClassifier("logistic"),
    "radial SVM, C = 1": ProbabilityClassifier("radial_svm", tune=False),
    "radial SVM, tuned": ProbabilityClassifier("radial_svm"),
}
DEFAULT = next(iter(KINDS))
IMAGES = ("rad", "dtl", "dlr")


class SelectedOnce(SelectionSequence):
    """A selection that is fitted once on the same lesions, whatever classifier comes after it."""

    fitted: dict[str, SelectionSequence] = {}

    def fit(self, X: Any, y: Any = None, groups: Any = None) -> SelectionSequence:
        """Return the stored fit, or fit and store."""
        key = hashlib.sha256(
            np.ascontiguousarray(X.to_numpy()).tobytes() + np.asarray(y).tobytes()
        ).hexdigest()
        if key not in self.fitted:
            self.fitted[key] = SelectionSequence(self.steps).fit(X, y, groups=groups)
        self.__dict__.update(self.fitted[key].__dict__)
        return self


class OuterFold:
    """Fit everything on the training part of one outer fold, score the other part."""

    def __init__(
        self,
        table: StudyTable,
        settings: SignatureSettings,
        rows: np.ndarray,
        split: tuple[np.ndarray, np.ndarray],
        kinds: list[str],
    ):
        self.table, self.settings = table, settings
        self.train, self.test, self.kinds = rows[split[0]], rows[split[1]], kinds

    def __call__(self) -> dict[str, Any]:
        """Return the scores of the lesions left out by model, and the parts' inner AUCs."""
        SelectedOnce.fitted = {}
        table = self.table
        X, groups = table.X.iloc[self.train], table.patient_id.to_numpy()[self.train]
        label, new = table.label.to_numpy()[self.train], table.X.iloc[self.test]
        images = self._images(X, label, groups)
        scores = {
            f"{kind}|{name}": model.predict_proba(new)[:, 1]
            for (kind, name), model in images.items()
        }
        inner = {name: _inner_auc(images[DEFAULT, name], label) for name in IMAGES}
        areas: dict[str, dict[str, float]] = {}
        for group, variables in clinical_groups(table).items():
            template = clinical_signature(variables, self.settings)
            clinical = clone(template).fit(X, label)
            scores[f"{group}|clinical"] = clinical.predict_proba(new)[:, 1]
            areas[group] = {**inner, "clinical": self._clinical_auc(template, X, label, groups)}
            for kind in self.kinds:
                fusion = FusionSignature(images[DEFAULT, "dlr"], template, clone(KINDS[kind])).fit(
                    X, label, groups=groups, image=images[DEFAULT, "dlr"]
                )
                scores[f"{group}|{kind}|cdlr"] = fusion.predict_proba(new)[:, 1]
        # A study whose clinical variables say nothing: none is kept.
        rng = np.random.default_rng(self.settings.seed)
        noise = X.assign(noise=rng.normal(size=len(X)))
        nothing = ClinicalSignature(["noise"], univariate_p=1e-12)
        alone = FusionSignature(images[DEFAULT, "dlr"], nothing).fit(
            noise, label, groups=groups, image=images[DEFAULT, "dlr"]
        )
        same = np.array_equal(
            alone.predict_proba(new.assign(noise=0.0))[:, 1], scores[f"{DEFAULT}|dlr"]
        )
        return {"scores": scores, "inner": areas, "equals_dlr": bool(same)}

    def _images(
        self, X: pd.DataFrame, label: np.ndarray, groups: np.ndarray
    ) -> dict[tuple[str, str], FeatureSignature]:
        rules = self.settings.protocols["leak_free"]
        models = study_models(self.table, self.settings, rules, IMAGES).models
        fitted = {}
        for name in IMAGES:
            signature = clone(models[name])
            signature.set_params(selection=SelectedOnce(signature.selection.steps))
            for kind in self.kinds:
                chosen = clone(KINDS[kind]).set_params(
                    cv=self.settings.classifier.calibration_folds
                )
                model = clone(signature).set_params(classifier=chosen)
                fitted[kind, name] = model.fit(X, label, groups=groups)
        return fitted

    def _clinical_auc(
        self, template: ClinicalSignature, X: pd.DataFrame, label: np.ndarray, groups: np.ndarray
    ) -> float:
        scores, fold = np.full(len(label), np.nan), np.full(len(label), -1)
        folds = self.settings.classifier.calibration_folds
        for k, (train, test) in enumerate(
            stratified_splits(label, groups, folds, self.settings.seed)
        ):
            fitted = clone(template).fit(X.iloc[train], label[train])
            scores[test], fold[test] = fitted.predict_proba(X.iloc[test])[:, 1], k
        return auc_within(label, scores, fold)


def _inner_auc(signature: FeatureSignature, label: np.ndarray) -> float:
    if signature.cross_fitted_scores_ is None:
        return 0.5
    return auc_interval(label, signature.cross_fitted_scores_).auc


def clinical_groups(table: StudyTable) -> dict[str, list[str]]:
    """Return the groups of clinical variables that are compared."""
    groups = {"both": table.clinical}
    if 0 < len(table.known_before) < len(table.clinical):
        groups = {"known_before": table.known_before, **groups}
    return groups


def load_study(env: str) -> tuple[StudyTable, np.ndarray, ModelingParameters]:
    """Return an environment's study table, the lesions to cross-fit, and its parameters."""
    with KedroSession.create(PROJECT_ROOT, env=env) as session:
        context = session.load_context()
        load = context.catalog.load
        parameters = ModelingParameters.model_validate(context.params["modeling"])
        table = load("leak_free_study_table")
    return table, table.rows(*parameters.protocol.nested_cohorts), parameters


def compare(env: str, seeds: int, kinds: list[str], n_jobs: int) -> dict[str, Any]:
    """Cross-fit one study with every seed and return its figures."""
    table, rows, parameters = load_study(env)
    label, groups = table.label.to_numpy()[rows], table.patient_id.to_numpy()[rows]
    position = {row: k for k, row in enumerate(rows)}
    scores: dict[str, np.ndarray] = {}
    best = {group: np.full((seeds, len(rows)), np.nan) for group in clinical_groups(table)}
    named: dict[str, list[str]] = {group: [] for group in best}
    equal = True
    for seed in tqdm(range(seeds), desc=f"{env}, seeds"):
        settings = parameters.model_copy(update={"seed": parameters.seed + seed})
        splits = stratified_splits(label, groups, settings.protocol.n_splits, settings.seed)
        folds = [OuterFold(table, settings, rows, split, kinds) for split in splits]
        for fold, result in zip(folds, in_parallel(folds, n_jobs, "outer folds"), strict=True):
            test = [position[row] for row in fold.test]
            equal &= result["equals_dlr"]
            for name, values in result["scores"].items():
                scores.setdefault(name, np.full((seeds, len(rows)), np.nan))[seed, test] = values
            for group, areas in result["inner"].items():
                part = max(areas, key=areas.__getitem__)
                named[group].append(part)
                source = f"{group}|clinical" if part == "clinical" else f"{DEFAULT}|{part}"
                best[group][seed, test] = result["scores"][source]
    return {
        "lesions": len(rows),
        "malignant": int(label.sum()),
        "auc": {name: area(label, values, groups) for name, values in scores.items()},
        "cdlr_minus_best_part": {
            group: {
                **difference(label, best[group], scores[f"{group}|{DEFAULT}|cdlr"], groups),
                "named": {part: named[group].count(part) for part in sorted(set(named[group]))},
            }
            for group in best
        },
        "cdlr_minus_clinical": {
            group: difference(
                label, scores[f"{group}|clinical"], scores[f"{group}|{DEFAULT}|cdlr"], groups
            )
            for group in best
        },
        "against_default": against_default(label, scores, groups),
        "equals_dlr_without_clinical": equal,
    }


def area(label: np.ndarray, scores: np.ndarray, groups: np.ndarray) -> dict[str, float]:
    """Return the AUC averaged over seeds, with its interval."""
    found = auc_interval(label, scores, patient=groups)
    return {"auc": found.auc, "low": found.low, "high": found.high}


def difference(
    label: np.ndarray, first: np.ndarray, second: np.ndarray, groups: np.ndarray
) -> dict[str, float]:
    """Return second minus first, averaged over seeds, with its interval."""
    auc, covariance = auc_covariance(label, [first, second], groups)
    test = auc_difference(auc, covariance, 0, 1)
    return {"difference": test.difference, "low": test.low, "high": test.high}


def against_default(
    label: np.ndarray, scores: dict[str, np.ndarray], groups: np.ndarray
) -> dict[str, dict[str, float]]:
    """Return what every other kind of classifier gains over the default kind."""
    return {
        name: difference(label, scores[name.replace(kind, DEFAULT)], scores[name], groups)
        for name in scores
        for kind in KINDS
        if kind != DEFAULT and kind in name.split("|")
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--envs", nargs="+", default=["base", "breast"], metavar="ENV")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--classifiers", action="store_true", help="compare kinds of classifiers")
    parser.add_argument("--json", metavar="FILE", help="write the figures to this file")
    options = parser.parse_args()

    bootstrap_project(PROJECT_ROOT)
    kinds = list(KINDS) if options.classifiers else [DEFAULT]
    found = {env: compare(env, options.seeds, kinds, options.jobs) for env in options.envs}
    for env, figures in found.items():
        print(f"\n{env}: {figures['lesions']} lesions, {figures['malignant']} malignant")
        for name, values in figures["auc"].items():
            print(f"  {name:48} {values['auc']:.3f} ({values['low']:.3f} to {values['high']:.3f})")
        for key in ("cdlr_minus_best_part", "cdlr_minus_clinical", "against_default"):
            for name, values in figures[key].items():
                text = "{difference:+.4f} ({low:+.4f} to {high:+.4f})".format(**values)
                print(f"  {key}, {name}: {text} {values.get('named', '')}")
        print(f"  equals_dlr_without_clinical: {figures['equals_dlr_without_clinical']}")
    if options.json:
        content = {
            "cdlr_minus_best_part": {env: f["cdlr_minus_best_part"] for env, f in found.items()},
            "equals_dlr_without_clinical": all(
                f["equals_dlr_without_clinical"] for f in found.values()
            ),
            "seeds": options.seeds,
            "studies": found,
        }
        Path(options.json).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
