import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.evaluation import EvaluationError, operating_thresholds, performance
from spl_kedro.modeling.evaluation.comparisons import COLUMNS
from spl_kedro.modeling.evaluation.delong import auc_covariance, auc_difference
from spl_kedro.modeling.evaluation.multiplicity import holm
from spl_kedro.schemas import PROTOCOLS

from .conftest import compared


def pair(table, a="clinical", b="cdlr", cohort="validation", protocol="leak_free"):
    return table.set_index(["protocol", "cohort", "model_a", "model_b"]).loc[
        (protocol, cohort, a, b)
    ]


def scores_of(predictions, model, cohort="validation", protocol="leak_free"):
    chosen = predictions.query(
        "model == @model and cohort == @cohort and protocol == @protocol"
    ).sort_values("lesion_id")
    return chosen["label"].to_numpy(dtype=float), chosen["score"].to_numpy()


def test_every_pair_of_models_is_compared_in_every_cohort_and_protocol(comparisons):
    table = comparisons
    assert len(table) == len(PROTOCOLS) * 3 * 10
    assert tuple(table.columns) == (*COLUMNS, "unit", "confidence")
    assert table["p"].between(0, 1).all()
    assert (table["p_holm"] >= table["p"]).all()


def test_differences_are_what_the_second_model_gains(predictions, comparisons):
    row = pair(comparisons)
    label, old = scores_of(predictions, "clinical")
    _, new = scores_of(predictions, "cdlr")
    auc, covariance = auc_covariance(label, np.stack([old, new]))
    test = auc_difference(auc, covariance, 0, 1)
    assert row["auc_difference"] == pytest.approx(row["auc_b"] - row["auc_a"])
    assert row[["auc_difference", "z", "p"]].tolist() == pytest.approx(
        [test.difference, test.z, test.p]
    )
    slope = {1: (new - old)[label == 1].mean(), 0: (new - old)[label == 0].mean()}
    assert row["idi"] == pytest.approx(slope[1] - slope[0])


def test_holm_runs_within_one_cohort_and_protocol(comparisons):
    table = comparisons
    family = table.query("cohort == 'validation' and protocol == 'leak_free'")
    expected = holm(family["p"])
    np.testing.assert_allclose(family["p_holm"], expected, rtol=1e-12)


def test_two_category_nri_is_the_gain_in_sensitivity_plus_specificity(
    predictions, settings, comparisons
):
    # Pencina et al., Stat Med 2011;30:11: the NRI of two categories is the gain in Youden's index.
    row = pair(comparisons)
    table = performance(predictions, operating_thresholds(predictions, settings), settings)
    chosen = table.query("cohort == 'validation' and protocol == 'leak_free'")
    values = chosen.pivot_table(index="model", columns="metric", values="value")
    gain = values.loc["cdlr"] - values.loc["clinical"]
    assert row["nri_malignant"] == pytest.approx(gain["sensitivity"])
    assert row["nri_benign"] == pytest.approx(gain["specificity"])
    assert row["nri"] == pytest.approx(gain["sensitivity"] + gain["specificity"])


def test_risk_categories_may_be_stated(predictions, settings):
    stated = settings.model_copy(update={"risk_categories": (0.3, 0.7)})
    row = pair(compared(predictions, stated))
    label, old = scores_of(predictions, "clinical")
    _, new = scores_of(predictions, "cdlr")
    moved = np.sign(
        pd.cut(new, [-1, 0.3, 0.7, 2], labels=False, right=False)
        - pd.cut(old, [-1, 0.3, 0.7, 2], labels=False, right=False)
    )
    assert row["nri"] == pytest.approx(moved[label == 1].mean() - moved[label == 0].mean())


def test_intervals_hold_their_estimates_and_repeat_exactly(predictions, settings, comparisons):
    table = comparisons
    for name in ("auc_difference", "nri", "nri_continuous", "idi"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
    again = compared(predictions.sample(frac=1, random_state=5), settings)
    pd.testing.assert_frame_equal(table, again, check_exact=True)


def test_models_that_scored_different_lesions_are_refused(predictions, settings):
    first = predictions.query("model == 'dtl' and cohort == 'validation'").index[0]
    with pytest.raises(EvaluationError, match=r"same_lesions.*dtl"):
        compared(predictions.drop(index=first), settings)


def test_a_cohort_with_one_class_is_left_without_values(predictions, settings):
    table = predictions.copy()
    table.loc[table["cohort"] == "external", "label"] = 0
    row = pair(compared(table, settings), cohort="external")
    assert np.isnan([row["auc_difference"], row["p_holm"], row["nri"], row["idi_high"]]).all()
    assert row["events"] == 0


def test_a_model_alone_has_nothing_to_be_compared_with(predictions, settings):
    table = compared(predictions.query("model == 'rad'"), settings)
    assert table.empty
    assert tuple(table.columns) == (*COLUMNS, "unit", "confidence")
