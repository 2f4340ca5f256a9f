"""A probe of the nesting: networks that copy labels, on random labels.

A lesion's embedding is the label of its nearest neighbour among the lesions a network has learnt
from, which is the most a network can memorise. Labels are drawn at random, so that there is nothing
to find. Embeddings cross-fitted once carry labels of the signature's left-out lesions into the
embeddings it learns from, and the signature finds them; nested ones carry none. Who learns from
whom is decided by the code that trained networks go through.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.features.deep.folds import assign_folds
from spl_kedro.features.deep.nesting import Embed, embed_context, final_context, nested_contexts
from spl_kedro.modeling.evaluation.delong import auc_within
from spl_kedro.modeling.signatures.cross_fitting import CrossFit
from spl_kedro.modeling.signatures.nested import NestedFeatures, outer_folds
from spl_kedro.modeling.signatures.protocol import cross_fit_training
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.sources import SourceTables
from spl_kedro.modeling.signatures.study_models import study_models
from spl_kedro.modeling.signatures.study_table import StudyTable, assemble_study_table
from spl_kedro.parallel import in_parallel

#: Columns of an embedding; in each, lesions have other neighbours.
COLUMNS = 36
#: Standard deviation of the noise on every column; the copied label is -1 or 1.
SPREAD = 0.3


class LabelCopies:
    """Networks that embed a lesion by the label of its nearest neighbour among those learnt.

    Parameters
    ----------
    places : DataFrame of float, shape (n_lesions, COLUMNS)
        Index lesion_id: where each lesion lies, on a line for each column of the embedding.
    label : Series of int
        0 or 1, by lesion id.
    seed : int
        Of the noise.
    """

    def __init__(self, places: pd.DataFrame, label: pd.Series, seed: int) -> None:
        self._places, self._label, self._seed = places, label, seed

    def __call__(self, name: str, learnt: pd.Index) -> Embed:
        """Return a network that has learnt the labels of these lesions and of no other."""
        places = self._places.loc[learnt].to_numpy()
        signs = 2.0 * self._label.loc[learnt].to_numpy() - 1
        random = np.random.default_rng([self._seed, crc32(name.encode())])

        def embed(lesion_ids: pd.Index) -> NDArray[np.floating]:
            distance = np.abs(self._places.loc[lesion_ids].to_numpy()[:, None] - places)
            copied = signs[distance.argmin(axis=1)]
            return copied + random.normal(scale=SPREAD, size=copied.shape)

        return embed


def copied_table(
    cohort: pd.DataFrame, settings: SignatureSettings, folds: int, seed: int, *, nested: bool
) -> StudyTable:
    """Return a study whose only features are those of networks that copy labels.

    Parameters
    ----------
    cohort : DataFrame
        Index lesion_id; columns patient_id, site, label, cohort.
    settings : SignatureSettings
    folds : int
        Networks of each context.
    seed : int
        Where the lesions lie, noise and inner folds.
    nested : bool
        Whether networks are trained anew inside every outer fold.
    """
    random = np.random.default_rng([seed, 1])
    places = pd.DataFrame(random.normal(size=(len(cohort), COLUMNS)), index=cohort.index)
    learn = LabelCopies(places, cohort["label"], seed)
    last = embed_context(final_context(cohort, assign_folds(cohort, folds, seed)), learn)
    outer, inside = outer_folds(cohort, settings), None
    if nested:
        contexts = nested_contexts(cohort, outer, folds, seed)
        parts = [embed_context(context, learn) for context in contexts]
        inside = NestedFeatures(outer, pd.concat([*parts, last]))
    # Of unseen lesions the mean over networks, as in the study's own table.
    means = last.drop(columns=["context", "network"]).groupby(level="lesion_id").mean()
    tables = {"deep": SourceTables(means, labels="cross_fitted", components=COLUMNS)}
    return assemble_study_table(cohort, tables, nested=inside)


def random_cohort(lesions: int, seed: int, unseen: int = 0) -> pd.DataFrame:
    """Return a cohort of lesions, a patient each, with random labels.

    Parameters
    ----------
    lesions : int
        In training, as many of one label as of the other.
    seed : int
    unseen : int, default=0
        Further lesions, in validation.
    """
    random = np.random.default_rng([seed, 0])
    index = pd.Index([f"L{i:05d}" for i in range(lesions + unseen)], name="lesion_id")
    parts = [random.permutation(np.arange(count) % 2) for count in (lesions, unseen)]
    return pd.DataFrame(
        {
            "patient_id": index,
            "site": "A",
            "label": np.concatenate(parts),
            "cohort": ["training"] * lesions + ["validation"] * unseen,
        },
        index=index,
    )


def cross_fitted_copies(table: StudyTable, settings: SignatureSettings) -> CrossFit:
    """Return the cross-fit of the DTL signature, the one that reads nothing but the networks."""
    models = study_models(table, settings, settings.protocols["leak_free"], ["dtl"]).models
    return cross_fit_training(models, table, settings)["dtl"]


def probe_settings(seed: int) -> SignatureSettings:
    """Return settings of a signature that reads every column, the most eager to learn a leak.

    Selection would drop what a network copied in most draws, and the probe could not fail.
    """
    return SignatureSettings.model_validate(
        {
            "seed": seed,
            "n_jobs": 1,
            "selection": {"univariate_p": 1.0, "lasso": False},
            "classifier": {"kind": "logistic", "tune": False, "calibration_folds": 2},
            "protocol": {"n_splits": 3, "n_repeats": 1},
        }
    )


class ProbeDraw:
    """One draw of the probe, as a task for a worker process.

    Parameters
    ----------
    seed : int
        Of labels, neighbours, noise and folds.
    lesions : int
    folds : int
        Networks of each context.
    kinds : sequence of bool
        Nested, cross-fitted once, or both.
    """

    def __init__(self, seed: int, lesions: int, folds: int, kinds: Sequence[bool]) -> None:
        self.seed, self.lesions, self.folds, self.kinds = seed, lesions, folds, kinds

    def __call__(self) -> dict[bool, float]:
        """Return the AUC within folds of each kind."""
        cohort, settings = random_cohort(self.lesions, self.seed), probe_settings(self.seed)
        areas = {}
        for nested in self.kinds:
            table = copied_table(cohort, settings, self.folds, self.seed, nested=nested)
            fit = cross_fitted_copies(table, settings)
            areas[nested] = auc_within(table.label.to_numpy(), fit.scores[0], fit.folds[0])
        return areas


def probe_nesting(
    draws: int,
    seed: int = 0,
    *,
    lesions: int = 180,
    folds: int = 3,
    n_jobs: int = 1,
    kinds: Sequence[bool] = (True, False),
) -> pd.DataFrame:
    """Measure what label-copying networks leak, nested and cross-fitted once.

    Parameters
    ----------
    draws : int
        Cohorts drawn, each with other labels and other neighbours.
    seed : int
        Of the first draw; the others follow.
    lesions : int
        In each cohort, half of them of either label.
    folds : int
        Networks of each context.
    n_jobs : int
        Processes; results do not depend on it.
    kinds : sequence of bool
        Nested (True), cross-fitted once (False), or both.

    Returns
    -------
    DataFrame
        draw, nested, auc: area within folds of cross-fitted scores; 0.5 where nothing leaks.
    """
    tasks = [ProbeDraw(seed + draw, lesions, folds, kinds) for draw in range(draws)]
    found = in_parallel(tasks, n_jobs, "nesting probe", "draw")
    rows = [
        (draw, nested, area) for draw, areas in enumerate(found) for nested, area in areas.items()
    ]
    return pd.DataFrame(rows, columns=["draw", "nested", "auc"])


def summarise_probe(probe: pd.DataFrame) -> pd.DataFrame:
    """Return mean and standard error of the AUC, nested and not.

    Parameters
    ----------
    probe : DataFrame
        From :func:`probe_nesting`.

    Returns
    -------
    DataFrame
        nested, draws, mean, standard_error, honest: whether the mean lies within three standard
        errors of 0.5.
    """
    summary = probe.groupby("nested")["auc"].agg(draws="size", mean="mean", standard_error="sem")
    distance = (summary["mean"] - 0.5).abs()
    summary["honest"] = distance <= 3 * summary["standard_error"] + 1e-12
    return summary.sort_index(ascending=False).reset_index()
