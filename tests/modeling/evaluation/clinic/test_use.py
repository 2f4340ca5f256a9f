import numpy as np
import pytest

from spl_kedro.modeling.evaluation import (
    EvaluationSettings,
    clinical_use_by_prevalence,
    clinical_use_table,
)
from spl_kedro.modeling.evaluation.checks import SINGLE_CLASS
from spl_kedro.modeling.evaluation.clinic.use import METRICS, OWN, STATED, measured_use
from spl_kedro.modeling.evaluation.clinic.zones import (
    borders_of_cell,
    deployed_cells,
    thresholds_by_model,
)
from spl_kedro.modeling.evaluation.decided import CHOSEN_ANEW, resamples_of

from .conftest import of


def test_counts_are_those_of_the_lesions_at_the_cohorts_own_prevalence(own, thresholds, use):
    rows = own[(own["cohort"] == "validation") & (own["model"] == "cdlr")]
    row = thresholds_by_model(thresholds)["cdlr"]
    out, into = rows["score"] < row["rule_out"], rows["score"] >= row["rule_in"]
    malignant = rows["label"] == 1
    found = of(use, rule="zones")["value"]
    assert found["avoided"] == pytest.approx(1000 * out.mean())
    assert found["missed"] == pytest.approx(1000 * (out & malignant).mean())
    assert found["deferred_lesions"] == pytest.approx(1000 * (~out & ~into).mean())
    assert found["benign_ruled_in"] == pytest.approx(1000 * (into & ~malignant).mean())
    assert found["npv"] == pytest.approx((~malignant)[out].mean())
    assert found["ppv"] == pytest.approx(malignant[into].mean())
    assert found["ruled_out"] + found["deferred"] + found["ruled_in"] == pytest.approx(1)


def test_one_threshold_has_the_rates_of_performance_and_no_zone(use, accuracy):
    for cohort in ("training", "validation", "external"):
        one, known = of(use, cohort, rule="operating"), of(accuracy, cohort)
        for metric in ("sensitivity", "specificity"):
            for column in ("value", "low", "high"):
                assert one[column][metric] == pytest.approx(known[column][metric], abs=1e-12)
            assert one["method"][metric] == known["method"][metric]
        assert one["value"]["deferred_lesions"] == 0


def test_both_borders_are_chosen_again_in_training(own, thresholds, settings, use):
    # Fault: intervals of borders that are taken as given, though the same lesions chose them.
    training = of(use, "training", rule="zones")
    assert training["method"]["specificity"].startswith(CHOSEN_ANEW)
    cell = next(c for c in deployed_cells(own, settings) if c.names[1:] == ("cdlr", "training"))
    given = borders_of_cell(cell, thresholds_by_model(thresholds)["cdlr"], settings)["zones"]
    weights = resamples_of(cell, settings)
    known = measured_use(cell, given, 0.5, weights, settings)
    wider = 0
    for metric in ("sensitivity", "benign_ruled_out", "specificity", "malignant_ruled_in"):
        value, low, high, _ = known[metric]
        assert training["value"][metric] == pytest.approx(value)
        wider += training["high"][metric] - training["low"][metric] > high - low
    assert wider >= 3


def test_intervals_hold_their_estimates_and_stay_in_range(use):
    assert list(of(use, rule="zones").index) == list(METRICS)
    known = use.dropna(subset=["value"])
    assert (known["low"] <= known["value"]).all()
    assert (known["value"] <= known["high"]).all()
    counts = known["metric"].isin(METRICS[-5:])
    assert (known.loc[~counts, "high"] <= 1).all()
    assert (known.loc[counts, "high"] <= 1000).all()


def test_a_stated_prevalence_is_used_and_said(own, thresholds, use):
    stated = EvaluationSettings(n_bootstrap=100, prevalence=0.2)
    table = of(clinical_use_table(own, thresholds, stated), rule="zones")
    observed = of(use, rule="zones")
    assert set(table["prevalence_is"]) == {STATED}
    assert set(observed["prevalence_is"]) == {OWN}
    sensitivity = observed["value"]["sensitivity"]
    assert table["value"]["sensitivity"] == sensitivity
    assert table["value"]["missed"] == pytest.approx(1000 * 0.2 * (1 - sensitivity))
    by_prevalence = clinical_use_by_prevalence(
        clinical_use_table(own, thresholds, stated), stated
    ).query("model == 'cdlr' and cohort == 'validation' and rule == 'zones'")
    at = by_prevalence[np.isclose(by_prevalence["prevalence"], 0.2)].iloc[0]
    for name in ("avoided", "missed"):
        expected = table.loc[name, ["value", "low", "high"]].to_list()
        assert at[[name, f"{name}_low", f"{name}_high"]].to_list() == pytest.approx(expected)


def test_a_cohort_of_one_class_is_marked_and_sinks_nothing(own, thresholds, settings):
    chosen = (own["cohort"] != "external") | (own["label"] == 1)
    table = clinical_use_table(own[chosen], thresholds, settings)
    assert set(of(table, "external")["method"]) == {SINGLE_CLASS}
    assert of(table, "validation")["value"].notna().all()
    assert (
        clinical_use_by_prevalence(table, settings)
        .query("cohort == 'external'")["missed"]
        .isna()
        .all()
    )


def test_several_lesions_of_a_patient_are_drawn_together(own, thresholds, use, settings):
    shared = own.assign(patient_id=own["patient_id"].str[:-1])
    table = of(clinical_use_table(shared, thresholds, settings), rule="zones")
    assert table["value"].equals(of(use, rule="zones")["value"])
    assert "bootstrap" in table["method"]["specificity"]
