import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.warning import SignatureWarning
from spl_kedro.schemas import NO_VARIABLE


def table(n=200, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    X = pd.DataFrame(
        {
            "age": 55 + 10 * rng.normal(size=n) + 8 * y,
            "pack_years": rng.exponential(20, n),
            "sex": pd.array(rng.choice(["female", "male"], n), dtype="string"),
            "rad_00": rng.normal(size=n) + y,
        }
    )
    return X, y


CLINICAL = ["age", "pack_years", "sex"]


def test_it_keeps_the_variable_that_matters_and_says_why_the_others_went():
    X, y = table()
    model = ClinicalSignature(columns=CLINICAL).fit(X, y)
    assert model.selected_features_ == ["age"]
    log = model.selection_log_.set_index("feature")
    assert set(log.index) == {"pack_years", "sex"}
    assert log.loc["pack_years", "reason"] == "univariate p not below 0.05"
    assert (log["statistic"] >= 0.05).all()


def test_odds_ratios_have_intervals_around_them_at_each_stage():
    X, y = table()
    odds = ClinicalSignature(columns=CLINICAL).fit(X, y).odds_ratios_
    assert set(odds["stage"]) == {"univariate", "multivariable", "final"}
    assert (odds["odds_ratio_low"] < odds["odds_ratio"]).all()
    assert (odds["odds_ratio"] < odds["odds_ratio_high"]).all()
    age = odds[(odds["variable"] == "age") & (odds["stage"] == "final")].iloc[0]
    assert age["odds_ratio_low"] > 1


def test_perfect_separation_is_handled_by_firth_and_said():
    X, y = table()
    X["age"] = 50.0 + 10 * y
    model = ClinicalSignature(columns=CLINICAL).fit(X, y)
    assert any(where.startswith("final: age") for where in model.separation_)
    final = model.odds_ratios_.query("stage == 'final'")
    assert (final["method"] == "Firth").all()
    assert np.isfinite(final["odds_ratio_high"]).all()
    assert (model.predict(X) == y).all()


def test_without_any_informative_variable_it_gives_the_prevalence_and_says_so():
    X, y = table()
    X["age"] = 50.0
    with pytest.warns(SignatureWarning, match="training prevalence: no clinical variable"):
        model = ClinicalSignature(columns=["age", "pack_years"]).fit(X, y)
    assert model.fallback_ == "no clinical variable passed the univariate test"
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], y.mean(), atol=1e-6)


def test_a_clinical_column_missing_at_prediction_is_refused_by_name():
    X, y = table()
    model = ClinicalSignature(columns=CLINICAL).fit(X, y)
    with pytest.raises(ValueError, match=r"missing: sex.*empty cell"):
        model.predict_proba(X.drop(columns="sex"))


def test_missing_values_at_prediction_are_imputed():
    X, y = table()
    model = ClinicalSignature(columns=CLINICAL).fit(X, y)
    score = model.predict_proba(X.assign(age=np.nan))[:, 1]
    assert np.ptp(score) == 0
    assert 0 < score[0] < 1


def test_the_image_features_of_the_wide_table_change_nothing():
    X, y = table()
    one = ClinicalSignature(columns=CLINICAL).fit(X, y).predict_proba(X)
    two = ClinicalSignature(columns=CLINICAL).fit(X.assign(rad_00=9.0), y).predict_proba(X)
    np.testing.assert_array_equal(one, two)


def test_five_lesions_can_be_fitted():
    X, y = table(5)
    model = ClinicalSignature(columns=CLINICAL, univariate_p=1, multivariable_p=1).fit(X, y)
    assert np.isfinite(model.predict_proba(X)).all()


def test_one_class_is_refused():
    X, y = table()
    with pytest.raises(ValueError, match=r"1 class\(es\)"):
        ClinicalSignature(columns=CLINICAL).fit(X, np.ones_like(y))


def test_variables_that_are_constant_or_empty_in_training_are_dropped_and_break_nothing():
    X, y = table()
    X["pack_years"] = np.nan
    X["sex"] = "female"
    model = ClinicalSignature(columns=CLINICAL).fit(X, y)
    assert model.selected_features_ == ["age"]
    log = model.selection_log_.set_index("feature")
    assert set(log["reason"]) == {"constant or repeats another"}
    assert np.isfinite(model.predict_proba(X.assign(pack_years=3.0))).all()


def test_without_any_variable_it_gives_the_prevalence_and_says_that_there_is_none():
    X, y = table()
    with pytest.warns(SignatureWarning, match="no clinical variable in this study"):
        model = ClinicalSignature(columns=[]).fit(X, y)
    assert model.fallback_ == NO_VARIABLE
    assert model.predict_proba(X)[:, 1] == pytest.approx(y.mean())
    assert model.clinical_features(X).shape == (len(X), 0)
    assert model.odds_ratios_.empty
