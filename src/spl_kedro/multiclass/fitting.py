"""One-vs-rest signatures of several classes, cross-fitted in the study's own folds."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.folds import Splits
from spl_kedro.modeling.signatures.nested import mean_score
from spl_kedro.modeling.signatures.protocol import run_protocol, training_splits
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.study_models import available_models
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.multiclass.labels import FEWEST_PATIENTS, require_classes
from spl_kedro.multiclass.settings import ClassSettings

logger = logging.getLogger(__name__)

#: What one row of scores is about.
ROW = ["lesion_id", "patient_id", "model", "cohort", "repeat", "fold"]
RULES = "leak_free"


@dataclass(frozen=True)
class ClassModels:
    """What tells the classes apart: of every class the study's models, fitted against the others.

    Attributes
    ----------
    column : str
        Of the hospital's table, that held the classes.
    models : mapping of str to mapping of str to Signature
        By class, then by name; fitted on all training lesions of a known class.
    shares : mapping of str to float
        Share of each class among these lesions.
    """

    column: str
    models: Mapping[str, Mapping[str, Signature]]
    shares: Mapping[str, float]

    def probabilities(self, model: str, tables: list[pd.DataFrame]) -> pd.DataFrame:
        """Return the probability of each class.

        Parameters
        ----------
        model : str
        tables : list of DataFrame, shape (n_lesions, n_columns)
            From :meth:`StudyTable.unseen`.

        Returns
        -------
        DataFrame of float, shape (n_lesions, n_classes)
            Rows sum to 1.
        """
        raw = {name: mean_score(own[model], tables) for name, own in self.models.items()}
        scores = pd.DataFrame(raw, index=tables[0].index)
        return normalised(scores, self.shares)


def normalised(scores: pd.DataFrame, shares: Mapping[str, float]) -> pd.DataFrame:
    """Make one-vs-rest probabilities sum to 1.

    Each is divided by their sum (Zadrozny & Elkan, KDD 2002), as scikit-learn's
    ``OneVsRestClassifier`` does; where all are 0, the classes' shares stand instead.

    Parameters
    ----------
    scores : DataFrame of float, shape (n, n_classes)
        Probabilities, each of a class against the others.
    shares : mapping of str to float
        By class.

    Examples
    --------
    >>> scores = pd.DataFrame({"a": [0.4, 0.0], "b": [0.4, 0.0]})
    >>> normalised(scores, {"a": 0.9, "b": 0.1}).to_numpy().tolist()
    [[0.5, 0.5], [0.9, 0.1]]
    """
    total = scores.sum(axis=1)
    divided = scores.div(total.where(total > 0), axis=0)
    return divided.fillna({name: shares[name] for name in scores.columns})


def fit_classes(
    table: StudyTable,
    classes: pd.Series,
    modeling: SignatureSettings,
    settings: ClassSettings,
) -> tuple[ClassModels, pd.DataFrame]:
    """Fit the study's models for each class against the others, and score every lesion.

    All steps of a model (filters, LASSO, classifier, calibration, the fusion's inner scores) are
    fitted anew for each class, inside the same folds as those of the study's own models: a
    patient's lesions are never on both sides. Training lesions are scored by models that have not
    seen their patient, the others once, by the models fitted on all training lesions.

    Parameters
    ----------
    table : StudyTable
        Of the leak-free protocol.
    classes : Series of str
        Class of each lesion, index lesion_id; lesions that are not in it have no part.
    modeling : SignatureSettings
    settings : ClassSettings

    Returns
    -------
    models : ClassModels
    predictions : DataFrame
        As :class:`spl_kedro.schemas.ClassPredictions`.

    Raises
    ------
    UnusableStudyError
        If a class has too few training lesions, or is not in every fit; if a model is not declared.
    """
    known = table.X.index.isin(classes.index)
    training = table.rows("training")
    own = _part(table, known)
    truth = classes.reindex(own.X.index)
    learnt = own.rows("training")
    require_classes(truth.iloc[learnt], own.patient_id.iloc[learnt], settings)
    repeats = _restricted(training_splits(table, modeling), known[training])
    patients = own.patient_id.iloc[learnt].to_numpy()
    _require_in_every_fit(truth.iloc[learnt].to_numpy(), patients, repeats, settings)
    names = _available(own, modeling, settings)
    models, parts = {}, []
    for name in settings.names:
        logger.info("%s against the other classes: %s", name, ", ".join(names))
        against = replace(own, label=truth.eq(name).astype("int64").rename("label"))
        fitted = run_protocol(against, modeling, RULES, names, repeats)
        models[name] = dict(fitted.models)
        parts.append(fitted.predictions.set_index(ROW)["score"].rename(name))
    counts = truth.iloc[learnt].value_counts(normalize=True)
    shares = {name: float(counts[name]) for name in settings.names}
    scores = pd.concat(parts, axis=1)
    return (
        ClassModels(str(settings.column), models, shares),
        _rows(scores, normalised(scores, shares), truth),
    )


def _rows(scores: pd.DataFrame, probabilities: pd.DataFrame, truth: pd.Series) -> pd.DataFrame:
    """Return a row for each lesion, model, repeat and class."""
    wide = {"score": scores, "probability": probabilities}
    parts = [
        part.melt(var_name="of_class", value_name=key, ignore_index=False).set_index(
            "of_class", append=True
        )
        for key, part in wide.items()
    ]
    long = pd.concat(parts, axis=1).reset_index()
    long.insert(2, "truth", truth.reindex(long["lesion_id"]).to_numpy())
    return long


def _part(table: StudyTable, chosen: NDArray[np.bool_]) -> StudyTable:
    """Return the table of some of its lesions."""
    return replace(
        table,
        X=table.X[chosen],
        label=table.label[chosen],
        patient_id=table.patient_id[chosen],
        cohort=table.cohort[chosen],
    )


def _restricted(repeats: list[Splits], known: NDArray[np.bool_]) -> list[Splits]:
    """Return folds of some lesions: those of all, less the lesions that are not known."""
    place = np.cumsum(known) - 1
    return [
        [(place[train[known[train]]], place[test[known[test]]]) for train, test in splits]
        for splits in repeats
    ]


def _require_in_every_fit(
    truth: NDArray[np.object_],
    patients: NDArray[np.object_],
    repeats: list[Splits],
    settings: ClassSettings,
) -> None:
    for splits in repeats:
        for train, _ in splits:
            for name in settings.names:
                if len(set(patients[train][truth[train] == name])) < FEWEST_PATIENTS:
                    raise UnusableStudyError(
                        "every class in every fold",
                        f"a fold leaves fewer than {FEWEST_PATIENTS} patients of the class "
                        f"'{name}' to learn from.",
                        f"Merge it: move the words of multiclass.classes.{name} to another "
                        "class, or add patients.",
                    )


def _available(
    table: StudyTable, modeling: SignatureSettings, settings: ClassSettings
) -> Collection[str]:
    """Return the models asked for that the study can fit."""
    for name in settings.models:
        if name not in modeling.models:
            raise UnusableStudyError(
                "models that are declared",
                f"multiclass.models names '{name}'; modeling.models declares "
                f"{', '.join(modeling.models)}.",
                "Correct the name.",
            )
    there = available_models(table, modeling)
    return [name for name in settings.models if name in there]
