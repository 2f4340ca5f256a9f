"""How a cohort's patients differ from those a study learnt from.

Of the development patients only means and covariances travel, so that everything here is made of
these. Source of the questions: Debray et al., A new framework to enhance the interpretation of
external validation studies of clinical prediction models, J Clin Epidemiol 2015;68:279.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit

from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.deployment.scoring import clinical_table
from spl_kedro.modeling.signatures.clinical import ClinicalSignature

#: Before a model's name: the column of its linear predictor, the log-odds of its score.
SCORE = "score: "
OUTCOME, CLINICAL, PREDICTOR = "outcome", "clinical", "linear predictor"
QUANTILES = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
_TINY = 1e-12

Array = NDArray[np.float64]


def log_odds(scores: Any) -> Any:
    """Return the log-odds of probabilities; 0 and 1 count as just inside."""
    return logit(np.clip(scores, _TINY, 1 - _TINY))


def clinical_terms(models: Mapping[str, Any], X: pd.DataFrame) -> pd.DataFrame:
    """Return the clinical variables as the study's clinical model encodes them.

    Parameters
    ----------
    models : mapping of str to Signature
        Fitted.
    X : DataFrame
        With the columns that the clinical model was offered.

    Returns
    -------
    DataFrame of float, shape (n_lesions, n_terms)
        Without columns where no model reads a clinical variable.
    """
    clinical = _clinical_model(models)
    if clinical is None:
        return pd.DataFrame(index=X.index)
    design = clinical.encoder_.transform(X[list(clinical.columns or ())])
    return pd.DataFrame(design, index=X.index, columns=clinical.encoder_.terms_)


def variables_of_terms(models: Mapping[str, Any]) -> dict[str, str]:
    """Return the clinical variable behind each term of :func:`clinical_terms`."""
    clinical = _clinical_model(models)
    if clinical is None:
        return {}
    encoder = clinical.encoder_
    return {
        term: encoder.codes_[position].name
        for term, position in zip(encoder.terms_, encoder.variable_of_term_, strict=True)
    }


def _clinical_model(models: Mapping[str, Any]) -> ClinicalSignature | None:
    found = [getattr(model, "clinical_", model) for model in models.values()]
    clinical = next((model for model in found if isinstance(model, ClinicalSignature)), None)
    return clinical if clinical is not None and clinical.encoder_.codes_ else None


def comparable_columns(
    study: PackagedStudy, cohort: pd.DataFrame, predictions: pd.DataFrame, variables: list[str]
) -> pd.DataFrame:
    """Return of a cohort what the study's moments describe of its development lesions.

    Parameters
    ----------
    study : PackagedStudy
    cohort : DataFrame
        As :class:`spl_kedro.schemas.Cohort`.
    predictions : DataFrame
        Of the cohort, one repeat.
    variables : list of str
        Clinical variables that the cohort has.

    Returns
    -------
    DataFrame of float, shape (n_scored_lesions, n_columns)
        Terms of these variables, and ``score: MODEL`` of the models that apply.
    """
    scores = predictions.pivot(index="lesion_id", columns="model", values="score")
    models = [name for name in study.models if name in scores]
    odds = pd.DataFrame(log_odds(scores[models]), scores.index, models).add_prefix(SCORE)
    known = cohort.loc[scores.index, ["site", *variables]]
    terms = clinical_terms(study.models, clinical_table(study, known))
    owner = variables_of_terms(study.models)
    kept = [term for term in map(str, terms) if owner[term] in variables]
    table = pd.concat([terms[kept], odds], axis=1)
    return table[[name for name in study.moments.index if name in table]]


def case_mix_table(study: PackagedStudy, columns: pd.DataFrame, label: pd.Series) -> pd.DataFrame:
    """Compare the cohorts column by column.

    Parameters
    ----------
    study : PackagedStudy
    columns : DataFrame
        From :func:`comparable_columns`.
    label : Series
        Index lesion_id; 0 benign, 1 malignant.

    Returns
    -------
    DataFrame
        One row for the share of malignant lesions (kind ``outcome``), each clinical term
        (``clinical``) and each model's linear predictor (``linear predictor``): kind, name
        (variable or model), term; n, mean and sd in development and here; p05 to p95 here (no
        quantile of development patients travels); difference, the standardised mean difference
        (here minus development, over the root of the mean variance; NaN where nothing varies).
    """
    owner = variables_of_terms(study.models)
    known: dict[Any, dict[Any, Any]] = study.moments.to_dict("index")
    rows = [_outcome_row(study, label.loc[columns.index])]
    for name in map(str, columns):
        predictor = name.startswith(SCORE)
        own = columns[name]
        rows.append(
            {
                "kind": PREDICTOR if predictor else CLINICAL,
                "name": name.removeprefix(SCORE) if predictor else owner[name],
                "term": "" if predictor else name,
                "n_development": int(known[name]["n"]),
                "mean_development": float(known[name]["mean"]),
                "sd_development": float(np.sqrt(known[name][name])),
                "n": len(own),
                "mean": float(own.mean()),
                "sd": float(own.std()),
            }
            | {key: float(own.quantile(share)) for key, share in QUANTILES.items()}
        )
    table = pd.DataFrame(rows)
    spread = np.sqrt((table["sd_development"] ** 2 + table["sd"] ** 2) / 2)
    apart = table["mean"] - table["mean_development"]
    return table.assign(difference=apart / spread.where(spread > 0))


def _outcome_row(study: PackagedStudy, label: pd.Series) -> dict[str, Any]:
    training = study.development[study.development["cohort"] == "training"].iloc[0]
    share, here = training["events"] / training["n"], float(label.mean())
    return {
        "kind": OUTCOME,
        "name": "malignant",
        "term": "",
        "n_development": int(training["n"]),
        "mean_development": float(share),
        "sd_development": float(np.sqrt(share * (1 - share))),
        "n": len(label),
        "mean": here,
        "sd": float(np.sqrt(here * (1 - here))),
    } | dict.fromkeys(QUANTILES, np.nan)
