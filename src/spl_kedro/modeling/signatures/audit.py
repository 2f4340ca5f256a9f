"""The permutation audit: what the protocols find where there is nothing to find."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from spl_kedro.modeling.evaluation.delong import auc_interval, auc_within
from spl_kedro.modeling.evaluation.multiplicity import holm
from spl_kedro.modeling.signatures.fitted_study import FittedStudy
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.study_table import StudyTable

AUDIT_COLUMNS = ("protocol", "model", "cohort", "shuffle", "auc", "auc_pooled")


def shuffled_labels(cohort: pd.DataFrame, seed: int, shuffle: int) -> pd.Series:
    """Return the labels dealt out anew among the patients of each cohort.

    Dealing within a cohort, not across cohorts, leaves the labels of one cohort independent
    of those of another. Dealt across, a cohort that got more malignant lesions would leave
    fewer to the others, and models would look slightly worse than chance there.

    Parameters
    ----------
    cohort : DataFrame
        Index lesion_id; columns patient_id, label and cohort.
    seed, shuffle : int
        Each pair gives one permutation, the same on every machine.

    Returns
    -------
    Series of int
        A patient's lesions share one label (malignant if any of them was), so that a
        shuffle leaves the number of malignant patients of each cohort as it was.
    """
    rng = np.random.default_rng([seed, shuffle])
    patients = cohort.groupby("patient_id", sort=True).agg(
        label=("label", "max"), cohort=("cohort", "first")
    )
    dealt = patients["label"].copy()
    for name in sorted(patients["cohort"].unique()):
        mine = (patients["cohort"] == name).to_numpy()
        dealt[mine] = rng.permutation(patients["label"].to_numpy()[mine])
    return cohort["patient_id"].map(dealt).astype("int64").rename("label")


def cross_fitted_once(settings: SignatureSettings) -> SignatureSettings:
    """Return the settings with one repeat of the cross-fitting."""
    protocol = settings.protocol.model_copy(update={"n_repeats": 1})
    return settings.model_copy(update={"protocol": protocol})


def audit_shuffle(
    leak_free: StudyTable,
    as_published: StudyTable,
    shuffle: int,
    settings: SignatureSettings,
    only: Sequence[str],
) -> pd.DataFrame:
    """Run both protocols on one set of shuffled labels.

    Parameters
    ----------
    leak_free, as_published : StudyTable
        With the shuffled labels; deep features, where `only` needs them, from networks
        that were trained on these labels.
    shuffle : int
        Number of the shuffle.
    settings : SignatureSettings
        Cross-fitted once whatever `protocol.n_repeats` says: the shuffles are the repeats
        here.
    only : sequence of str
        Models to run.

    Returns
    -------
    DataFrame
        protocol, model, cohort, shuffle; auc, which compares lesions scored by the same
        model (in leak-free training: of the same fold, see
        :func:`spl_kedro.modeling.evaluation.delong.auc_within`); auc_pooled, over all pairs.
    """
    settings = cross_fitted_once(settings)
    results = [
        run_protocol(leak_free, settings, "leak_free", only),
        run_protocol(as_published, settings, "as_published", only),
    ]
    return pd.concat([_aucs(result, shuffle) for result in results], ignore_index=True)


def _aucs(result: FittedStudy, shuffle: int) -> pd.DataFrame:
    rows = []
    for (model, cohort), scores in result.predictions.groupby(["model", "cohort"], sort=True):
        within = auc_within(scores["label"], scores["score"], scores["fold"])
        pooled = auc_interval(scores["label"], scores["score"]).auc
        rows.append((result.protocol, model, cohort, shuffle, within, pooled))
    return pd.DataFrame(rows, columns=list(AUDIT_COLUMNS))


def summarise_audit(audit: pd.DataFrame) -> pd.DataFrame:
    """Judge each protocol, model and cohort by its mean over the shuffles.

    Parameters
    ----------
    audit : DataFrame
        Rows of :func:`audit_shuffle`.

    Returns
    -------
    DataFrame
        protocol, model, cohort, shuffles; uninformed, in how many of them the AUC was exactly
        0.5, as of a model that gives everybody the prevalence; mean; standard_error of the
        mean, from the spread of the shuffles; mean_pooled; honest, whether the mean lies
        within two standard errors of 0.5; p_value of the t-test of that; p_holm, corrected for
        all cells of the protocol. A model that gave the prevalence in every shuffle has a mean
        of 0.5 and no spread, and is honest.
    """
    groups = audit.groupby(["protocol", "model", "cohort"], sort=True)
    table = groups["auc"].agg(
        shuffles="size", uninformed=lambda auc: int((auc == 0.5).sum()), mean="mean", spread="std"
    )
    table["standard_error"] = table.pop("spread") / np.sqrt(table["shuffles"])
    table["mean_pooled"] = groups["auc_pooled"].mean()
    distance = (table["mean"] - 0.5).abs()
    # The margin allows for the rounding of a mean of exact halves.
    table["honest"] = distance <= 2 * table["standard_error"] + 1e-12
    with np.errstate(divide="ignore", invalid="ignore"):
        t = distance / table["standard_error"]
    p_value = 2 * stats.t.sf(t, table["shuffles"] - 1)
    table["p_value"] = np.where(distance <= 1e-12, 1.0, p_value)
    table["p_holm"] = table.groupby("protocol")["p_value"].transform(holm)
    return table.reset_index()
