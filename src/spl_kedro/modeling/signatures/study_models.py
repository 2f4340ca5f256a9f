"""The declared models of a study, unfitted, under the rules of a protocol."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import pandas as pd
from sklearn.base import clone

from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.declaration import ModelSettings, ProtocolRules
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.fusion import FusionSignature
from spl_kedro.modeling.signatures.missing import MedianFill
from spl_kedro.modeling.signatures.models import (
    classifier_of,
    clinical_signature,
    filter_steps,
    image_signature,
    source_fill,
    source_reduction,
)
from spl_kedro.modeling.signatures.reduction import SourceReduction
from spl_kedro.modeling.signatures.selection import SelectionSequence
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.sources import SEPARATOR
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.schemas import MODELS


class StudyModels(NamedTuple):
    """The study's models before they are fitted.

    Attributes
    ----------
    models : dict of str to estimator
        In the order they are declared in.
    filter_logs : dict of str to DataFrame
        What filters outside the models dropped: feature, step, reason, statistic.
    """

    models: dict[str, Signature]
    filter_logs: dict[str, pd.DataFrame]


def available_models(
    table: StudyTable, settings: SignatureSettings, roles: Collection[str] = ("main", "part")
) -> dict[str, ModelSettings]:
    """Return the declared models that this study can fit.

    A clinical model without variables is left out. So is a part model that says nothing of its
    own: one of sources without columns, a fusion without clinical variables, or one that equals a
    model before it, as where the study has clinical variables of one group only.

    Parameters
    ----------
    table : StudyTable
    settings : SignatureSettings
    roles : collection of str
        Which models are asked for.

    Returns
    -------
    dict of str to ModelSettings
    """
    chosen: dict[str, ModelSettings] = {}
    off = {name for name in table.sources if not table.features([name])}
    seen: list[tuple[list[str], str | None, list[str]]] = []
    for name, model in settings.models.items():
        variables = table.variables(model.clinical)
        image = settings.models[model.score] if model.score else model
        # One that was switched off has no columns.
        sources = [source for source in image.sources if source not in off]
        says = (sources, model.score, variables)
        if image.sources and not sources and model.role == "part":
            continue
        empty = bool(model.clinical) and not variables
        if empty and (model.score is None or model.role == "part"):
            continue
        # A fusion on a score without what was switched off is that on the score that never had it.
        fewer = model.score is not None and len(sources) < len(image.sources)
        kinds = [(own, score is not None, clinical) for own, score, clinical in seen]
        known = (sources, True, variables) in kinds if fewer else says in seen
        if model.role == "part" and known:
            continue
        seen.append(says)
        if model.role in roles:
            chosen[name] = model
    return chosen


def study_models(
    table: StudyTable,
    settings: SignatureSettings,
    rules: ProtocolRules,
    only: Collection[str] | None = None,
) -> StudyModels:
    """Build the study's unfitted models under the rules of a protocol.

    Where the rules let the filters see more than training lesions, the filters run here, on all
    lesions they may see; LASSO and classifier are left to the fit.

    Parameters
    ----------
    table : StudyTable
    settings : SignatureSettings
        The study's; the classifiers that the protocol fits are put in here.
    rules : ProtocolRules
    only : collection of str, optional
        Models to make; all of the protocol's by default.

    Returns
    -------
    StudyModels
    """
    settings = settings.under(rules, len(table.rows("training")))
    wanted = {
        name: model
        for name, model in available_models(table, settings, rules.roles).items()
        if only is None or name in only
    }
    parents = {model.score or name for name, model in wanted.items() if not _is_clinical(model)}
    images, logs = {}, {}
    for name in (name for name in settings.models if name in parents):
        images[name], log = _image_model(settings.models[name], table, settings, rules)
        if log is not None:
            logs[name] = log
    models: dict[str, Signature] = {}
    for name, model in wanted.items():
        if model.sources:
            models[name] = images[name]
            continue
        clinical = clinical_signature(table.variables(model.clinical), settings)
        if model.score is None:
            models[name] = clinical
            continue
        models[name] = FusionSignature(
            image=clone(images[model.score]),
            clinical=clinical,
            classifier=classifier_of(settings, settings.fusion),
            cross_fit=rules.cross_fitted,
            score_name=score_name(model.score),
        )
        if model.score in logs:
            logs[name] = logs[model.score]
    return StudyModels(models, logs)


def score_name(model: str) -> str:
    """Return how an image model's score is called among a fusion's features."""
    # Of a further model set apart, for a clinical variable may end on score as well.
    return f"{model}_score" if model in MODELS else f"{model}{SEPARATOR}score"


def _is_clinical(model: ModelSettings) -> bool:
    return not model.sources and model.score is None


def _image_model(
    model: ModelSettings, table: StudyTable, settings: SignatureSettings, rules: ProtocolRules
) -> tuple[FeatureSignature, pd.DataFrame | None]:
    """Return an image signature, and what filters outside it dropped."""
    columns = table.features(model.sources, degenerate=rules.degenerate_features)
    stability = table.stability(model.sources)
    reduction = source_reduction(table.sources[name] for name in model.sources)
    fill = source_fill(table.sources[name] for name in model.sources)
    filters, log = True, None
    if rules.filters_see != ("training",):
        kept, dropped = _filtered(table, columns, reduction, fill, stability, settings, rules)
        # With nothing left, the signature filters by itself and says what it falls back on.
        if kept:
            filters, log = False, dropped
            if set(kept) <= set(columns):
                columns, reduction = kept, None
            elif reduction is not None:
                wide = {name for names in reduction.columns.values() for name in names}
                columns = [name for name in columns if name in wide or name in kept]
                reduction.set_params(keep=kept)
    signature = image_signature(
        columns,
        stability,
        settings,
        filters=filters,
        cross_fitted=rules.cross_fitted,
        harmonise=rules.harmonise,
        reduction=reduction,
        fill=fill,
    )
    return signature, log


def _filtered(
    table: StudyTable,
    columns: list[str],
    reduction: SourceReduction | None,
    fill: MedianFill | None,
    stability: Mapping[str, float],
    settings: SignatureSettings,
    rules: ProtocolRules,
) -> tuple[list[str], pd.DataFrame]:
    """Run the filters on all lesions they may see; return what they kept, and their log.

    Components and medians are those of the training lesions, as in the fit that follows.
    """
    seen = table.rows(*rules.filters_see)
    X = table.X[columns]
    if fill is not None:
        X = clone(fill).fit(X.iloc[table.rows("training")]).transform(X)
    if reduction is not None:
        X = clone(reduction).fit(X.iloc[table.rows("training")]).transform(X)
    outside = SelectionSequence(filter_steps(settings.selection, stability))
    outside.fit(X.iloc[seen], table.label.to_numpy()[seen])
    return [str(name) for name in outside.get_feature_names_out()], outside.dropped_
