"""Errors in the reference standard: what accuracy would be behind the one observed.

The errors are taken to be non-differential: whether a diagnosis is wrong depends on the truth and
not on the score. Then what is observed is a known mixture of what is true, and can be solved for.

Sources: Rogan & Gladen, Am J Epidemiol 1978;107:71 (prevalence); Gart & Buck, Am J Epidemiol
1966;83:593, and Staquet et al., J Chronic Dis 1981;34:599 (sensitivity, specificity); Menon et al.,
ICML 2015, PMLR 37:125 (AUC).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.clinic.combined import Estimate, combined
from spl_kedro.modeling.evaluation.clinic.verification import divided_shares
from spl_kedro.modeling.evaluation.clinic.zones import DEPLOYED
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.units import described

NONE = "none"
BOTH_WAYS = "both ways"
MISSED = "malignant called benign"
OVERCALLED = "benign called malignant"
#: Kinds of errors: the share of malignant and of benign lesions whose diagnosis is wrong, per rate.
KINDS = {BOTH_WAYS: (1, 1), MISSED: (1, 0), OVERCALLED: (0, 1)}
AT_BOUND = "bound: errors this frequent would have left less than was observed"
IMPOSSIBLE = "undefined: errors this frequent would have left more of one class than there is"


class Mixture(NamedTuple):
    """How lesions that are called malignant or benign are made up.

    Attributes
    ----------
    prevalence : float
        Of true malignancy.
    wrong_malignant, wrong_benign : float
        Share of the lesions called malignant that are benign, and of those called benign that are
        malignant.
    """

    prevalence: float
    wrong_malignant: float
    wrong_benign: float


def mixture(observed: float, missed: float, overcalled: float) -> Mixture | None:
    """Return what lesions called malignant and benign are made of.

    The true prevalence is (q - f) / (1 - m - f) of an observed one q, where a share m of malignant
    lesions is called benign and a share f of benign ones malignant (Rogan & Gladen).

    Parameters
    ----------
    observed : float in (0, 1)
        Prevalence by the reference standard.
    missed, overcalled : float in [0, 0.5)
        Shares m and f.

    Returns
    -------
    Mixture or None
        None where the prevalence would not lie between 0 and 1.
    """
    true = (observed - overcalled) / (1 - missed - overcalled)
    if not 0 < true < 1:
        return None
    return Mixture(true, overcalled * (1 - true) / observed, missed * true / (1 - observed))


def true_auc(observed: float, made_of: Mixture) -> float:
    """Return the AUC behind an observed one.

    AUC_observed - 1/2 = (1 - a - b)(AUC_true - 1/2), where a and b are the shares of wrong labels
    among lesions called malignant and called benign: pairs of two lesions of one true class
    are ranked at random.

    Parameters
    ----------
    observed : float in [0, 1]
    made_of : Mixture
    """
    return 0.5 + (observed - 0.5) / (1 - made_of.wrong_malignant - made_of.wrong_benign)


def true_rates(sensitivity: float, specificity: float, made_of: Mixture) -> tuple[float, float]:
    """Return sensitivity and specificity behind observed ones; they may leave 0 to 1.

    Observed: s = (1 - a) S + a (1 - C) and c = (1 - b) C + b (1 - S), two linear equations for the
    true S and C.

    Parameters
    ----------
    sensitivity, specificity : float in [0, 1]
    made_of : Mixture
    """
    a, b = made_of.wrong_malignant, made_of.wrong_benign
    left = 1 - a - b
    return (
        ((1 - b) * sensitivity - a * (1 - specificity)) / left,
        ((1 - a) * specificity - b * (1 - sensitivity)) / left,
    )


def reference_error_table(
    performance: pd.DataFrame, clinical_use: pd.DataFrame, settings: EvaluationSettings
) -> pd.DataFrame:
    """Return which accuracy would be behind the one observed if the reference standard errs.

    Parameters
    ----------
    performance : DataFrame
        From `spl_kedro.modeling.evaluation.performance`, for the AUC.
    clinical_use : DataFrame
        From `spl_kedro.modeling.evaluation.clinic.use.clinical_use_table`.
    settings : EvaluationSettings
        With the rates of errors (`clinic.reference_errors`).

    Returns
    -------
    DataFrame
        One row per model, cohort, kind of error, rate and metric: protocol, model, cohort, errors
        (``none``: as observed), rate, prevalence (true, NaN where impossible), threshold (empty for
        the AUC), metric (auc, sensitivity, specificity), value, low, high, note (empty, or why a
        value is a bound of 0 or 1, or undefined), n, events, unit, confidence. The observed
        prevalence is taken as known.
    """
    keys = ["protocol", "model", "cohort", "n", "events"]
    auc = performance[(performance["metric"] == "auc") & (performance["protocol"] == DEPLOYED)]
    areas = {(row["model"], row["cohort"]): row for row in auc.to_dict("records")}
    cases = [(kind, rate) for kind in KINDS for rate in settings.clinic.reference_errors]
    rows: list[dict[str, object]] = []
    for names, cell in clinical_use.groupby(keys, sort=False):
        key: dict[str, Any] = dict(zip(keys, names, strict=True))
        if not 0 < key["events"] < key["n"]:
            continue
        area = areas[(key["model"], key["cohort"])]
        observed = Estimate(area["value"], area["low"], area["high"])
        shares = divided_shares(cell)
        for kind, rate in [(NONE, 0.0), *cases]:
            missed, overcalled = (rate * share for share in KINDS.get(kind, (0, 0)))
            made_of = mixture(key["events"] / key["n"], missed, overcalled)
            about = key | {"errors": kind, "rate": rate}
            about["prevalence"] = np.nan if made_of is None else made_of.prevalence
            rows += [about | row for row in _behind(observed, shares, made_of)]
    columns = [
        *("protocol", "model", "cohort", "errors", "rate", "prevalence", "threshold", "metric"),
        *("value", "low", "high", "note", "n", "events"),
    ]
    return described(pd.DataFrame(rows, columns=columns), settings)


def _behind(
    area: Estimate, shares: dict[str, tuple[Estimate, Estimate]], made_of: Mixture | None
) -> list[dict[str, object]]:
    """Return AUC, and sensitivity and specificity of each threshold, behind those observed."""
    found = [_row("", "auc", made_of and area.through(lambda value: true_auc(value, made_of)))]
    for threshold, both in shares.items():
        for position, metric in enumerate(("sensitivity", "specificity")):
            behind = made_of and combined(
                lambda a, b, at=position: true_rates(a, b, made_of)[at], *both
            )
            found.append(_row(threshold, metric, behind))
    return found


def _row(threshold: str, metric: str, behind: Estimate | None) -> dict[str, object]:
    row: dict[str, object] = {"threshold": threshold, "metric": metric}
    if behind is None:
        return row | Estimate(np.nan, np.nan, np.nan)._asdict() | {"note": IMPOSSIBLE}
    kept = Estimate(*(min(max(bound, 0.0), 1.0) for bound in behind))
    moved = kept.value != behind.value and not np.isnan(behind.value)
    return row | kept._asdict() | {"note": AT_BOUND if moved else ""}
