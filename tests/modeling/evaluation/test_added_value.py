import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import logit
from sklearn.metrics import roc_auc_score

from spl_kedro.modeling.evaluation import (
    EvaluationSettings,
    added_value_table,
    compare_models,
    operating_thresholds,
)
from spl_kedro.modeling.evaluation.additions import Addition
from spl_kedro.modeling.evaluation.comparisons import PART_PAIRS
from spl_kedro.modeling.evaluation.figures.added_value import added_value_figure
from spl_kedro.schemas import COHORTS

from .conftest import compared

# Which model's scores stand in for those of a model the shared fixture does not have.
STANDS_IN = {
    "clinical_rad": "dlr",
    "clinical_dtl": "dtl",
    "clinical_before": "rad",
    "cdlr_before": "dlr",
}


@pytest.fixture(scope="module")
def with_parts(predictions):
    copies = [
        predictions[predictions["model"] == source].assign(model=name)
        for name, source in STANDS_IN.items()
    ]
    return pd.concat([predictions, *copies], ignore_index=True)


@pytest.fixture(scope="module")
def table(with_parts):
    return added_value_table(with_parts, EvaluationSettings(n_bootstrap=100))


def scores(predictions, model, cohort, repeat=0):
    rows = predictions.query(
        "protocol == 'leak_free' and model == @model and cohort == @cohort and repeat == @repeat"
    ).sort_values("lesion_id")
    return rows["label"].to_numpy(), rows["score"].to_numpy()


def test_what_a_step_adds_is_the_difference_of_scikit_learns_areas(table, with_parts):
    for row in table[table["cohort"] != "training"].itertuples():
        area = roc_auc_score(*scores(with_parts, row.model, row.cohort))
        assert row.auc == pytest.approx(area, abs=1e-12)
        if row.base:
            before = roc_auc_score(*scores(with_parts, row.base, row.cohort))
            assert row.added == pytest.approx(area - before, abs=1e-12)
            assert row.added_low <= row.added <= row.added_high
        else:
            assert np.isnan(row.added)


def test_the_order_is_clinical_then_rad_then_dtl_in_every_cohort(table):
    in_order = table[table["view"] == "in order"]
    for cohort in COHORTS:
        rows = in_order[in_order["cohort"] == cohort]
        assert rows["model"].tolist() == ["clinical", "clinical_rad", "cdlr"]
        assert rows["base"].tolist() == ["", "clinical", "clinical_rad"]


def test_the_likelihood_ratio_is_that_of_statsmodels_in_training_and_nowhere_else(
    table, with_parts
):
    assert table.loc[table["cohort"] != "training", "lr_chi2"].isna().all()
    row = table.query("cohort == 'training' and view == 'in order' and model == 'cdlr'").iloc[0]
    ratios = []
    for repeat in range(3):
        parts = [scores(with_parts, m, "training", repeat) for m in ("clinical", "rad", "dtl")]
        design = sm.add_constant(logit(np.column_stack([score for _, score in parts])))
        fits = [sm.Logit(parts[0][0], X).fit(disp=0) for X in (design, design[:, :-1])]
        ratios.append(2 * (fits[0].llf - fits[1].llf))
    assert row["lr_chi2"] == pytest.approx(np.mean(ratios), abs=1e-6)


def test_steps_whose_models_the_study_lacks_are_left_out(predictions):
    table = added_value_table(predictions, EvaluationSettings(n_bootstrap=100))
    assert set(table["view"]) == {"in order", "alone", "both groups"}
    assert set(table["model"]) <= {"clinical", "rad", "dtl", "cdlr"}


def test_a_cohort_of_one_class_has_rows_without_numbers(with_parts):
    one_class = with_parts[(with_parts["cohort"] != "external") | (with_parts["label"] == 1)]
    table = added_value_table(one_class, EvaluationSettings(n_bootstrap=100))
    external = table[table["cohort"] == "external"]
    assert len(external)
    assert external[["auc", "added", "lr_chi2"]].isna().all(axis=None)


def test_pairs_that_show_parts_are_compared_in_a_family_of_their_own(with_parts, settings):
    table = compared(with_parts, settings)
    five = compared(with_parts[~with_parts["model"].isin(STANDS_IN)], settings)
    models = table[table["question"] == "models"].reset_index(drop=True)
    same = ["model_a", "model_b", "auc_difference", "z", "p", "p_holm"]
    pd.testing.assert_frame_equal(models[same], five[same])
    parts = table.query("question == 'parts' and protocol == 'leak_free' and cohort == 'external'")
    assert list(zip(parts["model_a"], parts["model_b"], strict=True)) == list(PART_PAIRS)


ADDED = (
    Addition("rad", "rad_more", "rings", ("Rad", "Rad with rings")),
    Addition("rad", "absent", "nothing", ("Rad", "Absent")),
)


@pytest.fixture(scope="module")
def with_more(predictions):
    more = predictions[predictions["model"] == "dlr"].assign(model="rad_more")
    return pd.concat([predictions, more], ignore_index=True)


def test_a_declared_addition_is_measured_against_the_model_without_it(with_more, predictions):
    settings = EvaluationSettings(n_bootstrap=100)
    table = added_value_table(with_more, settings, ADDED)
    own = table[table["view"] == "additions"]
    for cohort in COHORTS:
        rows = own[own["cohort"] == cohort]
        assert rows["step"].tolist() == ["Rad", "Rad with rings"]
        assert rows["base"].tolist() == ["", "rad"]
        means = [
            np.mean([roc_auc_score(*scores(with_more, m, cohort, k)) for k in range(repeats)])
            for m in ("rad", "rad_more")
            for repeats in [3 if cohort == "training" else 1]
        ]
        assert rows["added"].iloc[1] == pytest.approx(means[1] - means[0], abs=1e-9)
    # What is there without declared additions stays as it was.
    rest = table[table["view"] != "additions"].reset_index(drop=True)
    pd.testing.assert_frame_equal(rest, added_value_table(predictions, settings))


def test_declared_additions_are_compared_in_a_family_of_their_own(with_more, settings):
    thresholds = operating_thresholds(with_more, settings)
    table = compare_models(with_more, thresholds, settings, ADDED)
    own = table[table["question"] == "additions"]
    assert set(zip(own["model_a"], own["model_b"], strict=True)) == {("rad", "rad_more")}
    training = own.query("protocol == 'leak_free' and cohort == 'training'").iloc[0]
    assert training["p_holm"] == training["p"]
    assert training["test"] == "corrected resampled t"
    columns = ["protocol", "cohort", "model_a", "model_b", "p_holm"]
    rest = table.loc[table["question"] != "additions", columns].reset_index(drop=True)
    without = compared(with_more, settings)
    pd.testing.assert_frame_equal(rest, without[columns])


def test_the_figure_draws_declared_additions(with_more):
    table = added_value_table(with_more, EvaluationSettings(n_bootstrap=100), ADDED)
    figure = added_value_figure(table, "validation", simulated=True)
    words = [text.get_text() for text in figure.axes[0].texts]
    assert {"Additions", "Rad with rings"} <= set(words)
