"""Verification bias: only biopsied lesions have a diagnosis, and a clinic sees others too.

A share of the lesions a clinic sees is never biopsied, so that they are in no cohort of biopsied
lesions. How many they are and how the models would score them is not known: this table says what
would follow from stated assumptions.

Sources: Begg & Greenes, Biometrics 1983;39:207; Zhou, Obuchowski & McClish, Statistical Methods in
Diagnostic Medicine, 2nd ed. 2011, chapter 10.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from spl_kedro.modeling.evaluation.clinic.combined import Estimate, combined
from spl_kedro.modeling.evaluation.clinic.use import PER, estimates
from spl_kedro.modeling.evaluation.clinic.zones import ONE, TWO
from spl_kedro.modeling.evaluation.operating_point import predictive_values_at
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.units import described

#: Nothing is missing: what the cohort itself shows.
OBSERVED = "as observed"
#: The others are benign, and score as the biopsied benign lesions do.
LIKE_BENIGN = "benign, scored as benign lesions"
#: The others are benign, and score as the lower-scored half of the biopsied benign lesions do.
EASY_BENIGN = "benign, scored as the lower half of them"
#: The others score as the lower-scored half of all biopsied lesions do, and are malignant as often
#: as biopsied lesions with the same call (Begg and Greenes: biopsied at random, given the call).
SAME_CALL = "malignant as often as biopsied lesions with the same call"
ASSUMPTIONS = (LIKE_BENIGN, EASY_BENIGN, SAME_CALL)
#: Thresholds examined, each as one that divides lesions in two: name, rule, and the metrics of
#: `clinical_use_table` that are its shares of malignant and of benign lesions below it.
DIVIDED = (
    ("operating", ONE, "sensitivity", "benign_ruled_out"),
    ("rule_out", TWO, "sensitivity", "benign_ruled_out"),
    ("rule_in", TWO, "malignant_ruled_in", "specificity"),
)
METRICS = ("sensitivity", "specificity", "npv", "ppv", "avoided", "missed")


class Rates(NamedTuple):
    """What a threshold does among all lesions of a clinic."""

    prevalence: float
    sensitivity: float
    specificity: float


def rates_in_clinic(
    sensitivity: float, specificity: float, prevalence: float, unbiopsied: float, assumption: str
) -> Rates:
    """Return prevalence, sensitivity and specificity among biopsied and unbiopsied lesions.

    Let u be the share unbiopsied and p the prevalence among the biopsied. Where the others are
    benign, the prevalence is p(1 - u), the sensitivity is the one observed, and the specificity is
    the mean of that of the biopsied and of the other benign lesions, weighted by (1 - u)(1 - p) and
    u. The lower half of a group has a share min(1, 2s) below a threshold below which the group has
    s. Where the call decided on the biopsy and nothing else (Begg and Greenes), the others are
    malignant as often as biopsied lesions with their call, and sensitivity and specificity follow
    from how often each call is made and how often each is right.

    Parameters
    ----------
    sensitivity, specificity, prevalence : float in [0, 1]
        Among the biopsied.
    unbiopsied : float in [0, 1)
        Share of the clinic's lesions.
    assumption : str
        One of `ASSUMPTIONS`, or `OBSERVED`.

    Returns
    -------
    Rates
    """
    u, p = unbiopsied, prevalence
    if assumption == OBSERVED:
        return Rates(p, sensitivity, specificity)
    if assumption in (LIKE_BENIGN, EASY_BENIGN):
        others = specificity if assumption == LIKE_BENIGN else min(1.0, 2 * specificity)
        known = (1 - u) * (1 - p)
        return Rates(p * (1 - u), sensitivity, (known * specificity + u * others) / (known + u))
    called = p * sensitivity + (1 - p) * (1 - specificity)
    passed = 1 - called
    passed_in_clinic = (1 - u) * passed + u * min(1.0, 2 * passed)
    # How often a biopsied lesion with each call is malignant.
    ppv = p * sensitivity / called if called else 0.0
    missed = p * (1 - sensitivity) / passed if passed else 0.0
    found, lost = ppv * (1 - passed_in_clinic), missed * passed_in_clinic
    malignant = found + lost
    return Rates(
        malignant,
        found / malignant if malignant else float("nan"),
        (1 - missed) * passed_in_clinic / (1 - malignant) if malignant < 1 else float("nan"),
    )


def verification_bias_table(
    clinical_use: pd.DataFrame, settings: EvaluationSettings
) -> pd.DataFrame:
    """Return what each threshold would do if some lesions of the clinic were never biopsied.

    Parameters
    ----------
    clinical_use : DataFrame
        From `spl_kedro.modeling.evaluation.clinic.use.clinical_use_table`.
    settings : EvaluationSettings
        With the shares unbiopsied (`clinic.unbiopsied`).

    Returns
    -------
    DataFrame
        One row per model, cohort, threshold (``operating``, ``rule_out``, ``rule_in``), assumption,
        share unbiopsied and metric: protocol, model, cohort, threshold, assumption, unbiopsied,
        prevalence (in the clinic), metric, value, low, high, n, events, unit, confidence. Metrics:
        sensitivity, specificity, npv, ppv and, per thousand lesions of the clinic and not of the
        rule-in threshold, avoided and missed. The prevalence among the biopsied is the cohort's
        own, and is taken as known.
    """
    rows: list[dict[str, object]] = []
    keys = ["protocol", "model", "cohort", "n", "events"]
    cases = [(name, u) for u in settings.clinic.unbiopsied if u > 0 for name in ASSUMPTIONS]
    for names, cell in clinical_use.groupby(keys, sort=False):
        key: dict[str, Any] = dict(zip(keys, names, strict=True))
        if not 0 < key["events"] < key["n"]:
            continue
        for threshold, both in divided_shares(cell).items():
            for assumption, u in [(OBSERVED, 0.0), *cases]:
                found = _measured(*both, key["events"] / key["n"], u, assumption)
                prevalence = found.pop("prevalence")
                about = {"threshold": threshold, "assumption": assumption, "unbiopsied": u}
                rows += [
                    {**key, **about, "prevalence": prevalence.value, "metric": metric}
                    | found[metric]._asdict()
                    for metric in METRICS
                    if not (threshold == "rule_in" and metric in ("avoided", "missed"))
                ]
    columns = [
        *("protocol", "model", "cohort", "threshold", "assumption", "unbiopsied", "prevalence"),
        *("metric", "value", "low", "high", "n", "events"),
    ]
    return described(pd.DataFrame(rows, columns=columns), settings)


def divided_shares(cell: pd.DataFrame) -> dict[str, tuple[Estimate, Estimate]]:
    """Return sensitivity and specificity at each threshold that was chosen.

    Parameters
    ----------
    cell : DataFrame
        Rows of `spl_kedro.modeling.evaluation.clinic.use.clinical_use_table` of one model and
        cohort.
    """
    by_rule = {rule: estimates(own) for rule, own in cell.groupby("rule")}
    return {
        threshold: (by_rule[rule][sick], by_rule[rule][well])
        for threshold, rule, sick, well in DIVIDED
        if rule in by_rule
    }


def _measured(
    sensitivity: Estimate, specificity: Estimate, prevalence: float, u: float, assumption: str
) -> dict[str, Estimate]:
    """Return each metric with its interval, that of the shares observed carried through."""

    def at(a: float, b: float) -> Rates:
        return rates_in_clinic(a, b, prevalence, u, assumption)

    def predictive(a: float, b: float, position: int) -> float:
        rates = at(a, b)
        values = predictive_values_at(rates.sensitivity, rates.specificity, rates.prevalence)
        return float(values[position])

    def missed(a: float, b: float) -> float:
        rates = at(a, b)
        return PER * rates.prevalence * (1 - rates.sensitivity)

    def avoided(a: float, b: float) -> float:
        rates = at(a, b)
        return missed(a, b) + PER * (1 - rates.prevalence) * rates.specificity

    both = sensitivity, specificity
    share = {"lowest": 0.0, "highest": 1.0}
    count = {"lowest": 0.0, "highest": float(PER)}
    return {
        "prevalence": combined(lambda a, b: at(a, b).prevalence, *both, **share),
        "sensitivity": combined(lambda a, b: at(a, b).sensitivity, *both, **share),
        "specificity": combined(lambda a, b: at(a, b).specificity, *both, **share),
        "npv": combined(lambda a, b: predictive(a, b, 1), *both, **share),
        "ppv": combined(lambda a, b: predictive(a, b, 0), *both, **share),
        "avoided": combined(avoided, *both, **count),
        "missed": combined(missed, *both, **count),
    }
