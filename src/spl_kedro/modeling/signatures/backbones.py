"""How well signatures on a network's embedding separate training lesions they have not seen."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from spl_kedro.modeling.signatures.declaration import Kind
from spl_kedro.modeling.signatures.models import image_signature, source_fill, source_reduction
from spl_kedro.modeling.signatures.protocol import cross_fit_training, prediction_rows
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.sources import SourceTables
from spl_kedro.modeling.signatures.study_table import assemble_study_table

SOURCE = "deep"


def score_embedding(
    embeddings: pd.DataFrame,
    cohort: pd.DataFrame,
    components: int,
    classifiers: Collection[Kind],
    settings: SignatureSettings,
) -> pd.DataFrame:
    """Cross-fit the deep signature on one embedding, once for each classifier.

    The principal components, the selection, the penalty and the calibration are fitted inside
    every fold; a patient's lesions are in one fold. Only training lesions are scored.

    Parameters
    ----------
    embeddings : DataFrame of float, shape (lesions, width)
        Index lesion_id; of a network that has learnt from no lesion.
    cohort : DataFrame
        As :class:`spl_kedro.schemas.Cohort`; rows of other cohorts are passed over.
    components : int
        Principal components kept, at most.
    classifiers : collection of str
        Kinds of classifier at the end of the signature.
    settings : SignatureSettings
        The study's: selection, tuning, folds, repeats and seed.

    Returns
    -------
    DataFrame
        As :class:`spl_kedro.schemas.Predictions`; `model` is the classifier.
    """
    training = cohort[cohort["cohort"] == "training"]
    tables = {SOURCE: SourceTables(embeddings, components=components)}
    table = assemble_study_table(training, tables)
    models = {}
    for kind in classifiers:
        classifier = settings.classifier.model_copy(update={"kind": kind})
        models[str(kind)] = image_signature(
            table.features([SOURCE]),
            {},
            settings.model_copy(update={"classifier": classifier}),
            reduction=source_reduction(table.sources.values()),
            fill=source_fill(table.sources.values()),
        )
    fits = cross_fit_training(models, table, settings)
    rows = table.rows("training")
    parts = [
        prediction_rows(table, rows, name, "leak_free", *scores, repeat)
        for name, fit in fits.items()
        for repeat, scores in enumerate(fit.by_repeat())
    ]
    return pd.concat(parts, ignore_index=True)
