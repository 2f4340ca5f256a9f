"""From what a run left to a study that travels."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.deployment.anonymous import (
    column_moments,
    mean_lesions,
    safe_ranges,
    without_patients,
)
from spl_kedro.deployment.case_mix import SCORE, clinical_terms, log_odds
from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.deployment.typical import embedding_distances, outside_share, typical_values
from spl_kedro.explainability.conformal import conformal_p_values
from spl_kedro.features.deep import DeepSettings, names_of_unseen
from spl_kedro.features.deep.alignment import Axes
from spl_kedro.features.measurement import RadiomicsSettings
from spl_kedro.modeling.evaluation.units import pooling_of, scored_units
from spl_kedro.modeling.signatures.fitted_study import FittedStudy
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.schemas import is_simulated


def pack_study(
    fitted: FittedStudy,
    table: StudyTable,
    cohort: pd.DataFrame,
    networks: Mapping[str, Any],
    axes: Mapping[str, Axes],
    performance: pd.DataFrame,
    texts: Mapping[str, str],
    settings: tuple[CohortSettings, RadiomicsSettings, DeepSettings],
    *,
    stated_coverage: float,
    levels: Collection[int] = (),
    refits: pd.DataFrame | None = None,
) -> PackagedStudy:
    """Gather what scoring a new patient needs, without any row of a patient.

    Parameters
    ----------
    fitted : FittedStudy
        Of the leak-free protocol.
    table : StudyTable
        The table it was fitted on.
    cohort : DataFrame
        As :class:`spl_kedro.schemas.Cohort`.
    networks : mapping of str to state dict or callable
        Stored networks by name.
    axes : mapping of str to Axes
        From :func:`spl_kedro.features.deep.unseen_axes`.
    performance : DataFrame
        The run's table of that name.
    texts : mapping of str to str
        Model card and intended use.
    settings : tuple
        Of cohort, radiomics and deep features, as the run had them.
    stated_coverage : float
        Of the conformal sets, between 0 and 1.
    levels : collection of int
        How many grey values each training image holds.
    refits : DataFrame, optional
        Weights of the models' refits on resampled patients, see
        :func:`spl_kedro.sceptic.stability.sums.weights_table`.

    Returns
    -------
    PackagedStudy
    """
    training = table.lesions("training")
    X = table.learnt(training)
    reference = fitted.models["cdlr" if "cdlr" in fitted.models else next(iter(fitted.models))]
    cohort_settings, radiomics, deep = settings
    states = {
        name: networks[name]() if callable(networks[name]) else networks[name]
        for name in names_of_unseen(networks, deep)
    }
    columns = sorted(
        {name for model in fitted.models.values() for name in model.input_columns() or X.columns},
        key=list(X.columns).index,
    )
    return PackagedStudy(
        simulated=is_simulated(cohort),
        cohort=cohort_settings,
        radiomics=radiomics,
        deep=deep,
        declared=dict(fitted.declared),
        sources=dict(fitted.sources),
        models=without_patients(fitted.models),
        networks=states,
        axes=dict(axes),
        thresholds=fitted.thresholds[fitted.thresholds["protocol"] == fitted.protocol]
        .drop(columns="protocol")
        .reset_index(drop=True),
        ranges=safe_ranges(fitted.ranges).loc[columns],
        calibration=conformal_limits(fitted, stated_coverage),
        background=mean_lesions(X[columns], reference.predict_proba(X)[:, 1]),
        typical=typical_values(
            cohort.loc[training],
            embedding_distances(fitted, table),
            outside_share(fitted.models, fitted.ranges, X[table.features(table.sources)]),
            levels,
        ),
        sites=tuple(sorted(cohort.loc[training, "site"].unique())),
        development=performance[performance["protocol"] == fitted.protocol].reset_index(drop=True),
        moments=column_moments(case_mix(fitted, X)),
        texts=dict(texts),
        versions=dict(fitted.versions),
        refits=pd.DataFrame() if refits is None else refits,
    )


def conformal_limits(fitted: FittedStudy, stated_coverage: float) -> pd.DataFrame:
    """Return between which scores each model's conformal set changes.

    A diagnosis stays in the set where its p-value (:mod:`spl_kedro.explainability.conformal`)
    exceeds one minus the coverage, which is up to one score for benign and from one for malignant.

    Parameters
    ----------
    fitted : FittedStudy
        With cross-fitted training scores.
    stated_coverage : float

    Returns
    -------
    DataFrame
        Columns model, benign_up_to, malignant_from, stated_coverage; of patients' scores, where
        the thresholds are of these.
    """
    rows = []
    training = fitted.predictions[fitted.predictions["cohort"] == "training"]
    training = scored_units(training, pooling_of(fitted.thresholds))
    for name in fitted.models:
        own = training[training["model"] == name].set_index("lesion_id")
        rows.append((name, *limits_of(own, stated_coverage), stated_coverage))
    columns = ["model", "benign_up_to", "malignant_from", "stated_coverage"]
    return pd.DataFrame(rows, columns=columns)


def limits_of(scored: pd.DataFrame, stated_coverage: float) -> tuple[float, float]:
    """Return up to which score benign stays in the conformal set, and from which malignant does.

    Parameters
    ----------
    scored : DataFrame
        As :func:`spl_kedro.explainability.conformal.conformal_p_values` takes it.
    stated_coverage : float
    """
    known = np.unique(np.concatenate([scored["score"].to_numpy(), [0.0, 1.0]]))
    kept = conformal_p_values(scored, known) > 1 - stated_coverage
    # Between two known scores a p-value is that of the stranger one.
    return (
        float(known[kept[:, 0]].max(initial=-np.inf)),
        float(known[kept[:, 1]].min(initial=np.inf)),
    )


def case_mix(fitted: FittedStudy, X: pd.DataFrame) -> pd.DataFrame:
    """Return what a comparison of case mix looks at, of training lesions.

    Parameters
    ----------
    fitted : FittedStudy
    X : DataFrame
        Their wide table.

    Returns
    -------
    DataFrame of float
        The clinical variables' columns as the clinical model encodes them, and ``score: MODEL``,
        the log-odds that a model which left the lesion out gives it.
    """
    parts = [clinical_terms(fitted.models, X)]
    scores = fitted.predictions
    scores = scores[(scores["cohort"] == "training") & (scores["repeat"] == 0)]
    wide = scores.pivot(index="lesion_id", columns="model", values="score").loc[X.index]
    parts.append(log_odds(wide)[list(fitted.models)].add_prefix(SCORE))
    return pd.concat(parts, axis=1)
