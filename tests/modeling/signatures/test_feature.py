import numpy as np
import pandas as pd
import pytest
import skops.io

from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.selection import SelectionSequence, StabilityFilter
from spl_kedro.modeling.signatures.study_models import study_models
from spl_kedro.modeling.signatures.warning import SignatureWarning

from .conftest import quick_settings


@pytest.fixture
def rad(study, settings):
    return study_models(study, settings, settings.protocols["leak_free"]).models["rad"]


@pytest.fixture
def training(study):
    rows = study.rows("training")
    return study.X.iloc[rows], study.label.to_numpy()[rows]


def test_it_finds_the_informative_feature_and_logs_every_other_one(rad, training):
    rad.fit(*training)
    assert {"rad_00", "rad_01"} & set(rad.selected_features_)
    assert not {"rad_00", "rad_01"} <= set(rad.selected_features_)
    logged = set(rad.selection_log_["feature"])
    assert logged | set(rad.selected_features_) == set(rad.columns)
    assert rad.selection_log_.set_index("feature").loc["rad_02", "step"] == "stability"


def test_columns_that_are_not_its_own_change_nothing(rad, training):
    X, y = training
    score = rad.fit(X, y).predict_proba(X)
    other = X.assign(age=-1.0, dtl_000=5.0)[X.columns[::-1]]
    np.testing.assert_array_equal(rad.fit(other, y).predict_proba(other), score)


def test_when_all_features_are_dropped_it_gives_the_prevalence_and_says_so(training):
    X, y = training
    none_stable = SelectionSequence([("stability", StabilityFilter(["rad_00"], [0.1]))])
    model = FeatureSignature(["rad_00"], none_stable)
    with pytest.warns(SignatureWarning, match="prevalence: no feature left after the stability"):
        model.fit(X, y)
    assert model.selected_features_ == []
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], y.mean())


def test_constant_features_end_in_the_prevalence(rad, training):
    X, y = training
    with pytest.warns(SignatureWarning, match="no feature left after the variance step"):
        rad.fit(X.assign(**dict.fromkeys(rad.columns, 1.0)), y)
    assert np.ptp(rad.predict_proba(X)[:, 1]) == 0


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_values_that_are_not_finite_are_refused_by_feature_and_lesion(rad, training, value):
    X, y = training
    broken = X.copy()
    broken.loc["SPL0004", "rad_05"] = value
    with pytest.raises(ValueError, match=r"'rad_05' of lesion 'SPL0004'.*quarantine"):
        rad.fit(broken, y)
    rad.fit(X, y)
    with pytest.raises(ValueError, match="'rad_05' of lesion 'SPL0004'"):
        rad.predict_proba(broken)


def test_a_missing_feature_is_refused_by_name(rad, training):
    X, y = training
    rad.fit(X, y)
    with pytest.raises(ValueError, match="missing: rad_07"):
        rad.predict_proba(X.drop(columns="rad_07"))


def test_named_columns_need_a_table_with_names():
    with pytest.raises(ValueError, match="needs a DataFrame"):
        FeatureSignature(["a"]).fit(np.ones((4, 1)), [0, 1, 0, 1])


@pytest.mark.filterwarnings("ignore::spl_kedro.modeling.signatures.warning.SignatureWarning")
def test_five_lesions_can_be_fitted(rad, training):
    X, y = training
    rad.fit(X.head(5), y[:5])
    assert np.isfinite(rad.predict_proba(X)).all()


def test_one_class_is_refused(rad, training):
    X, y = training
    with pytest.raises(ValueError, match=r"1 class\(es\)"):
        rad.fit(X, np.zeros_like(y))


def test_the_fitted_signature_survives_storage_without_pickle(rad, training):
    # A stored ICC of every feature is most of the time it takes; two are enough.
    rad.set_params(selection=SelectionSequence([("stability", StabilityFilter(["rad_02"], [0.3]))]))
    rad.fit(*training)
    stored = skops.io.dumps(rad)
    types = skops.io.get_untrusted_types(data=stored)
    loaded = skops.io.loads(stored, trusted=types)
    X = training[0]
    np.testing.assert_array_equal(loaded.predict_proba(X), rad.predict_proba(X))
    pd.testing.assert_frame_equal(loaded.selection_log_, rad.selection_log_)


@pytest.fixture
def harmonised(study):
    settings = quick_settings(harmonisation={"method": "combat"})
    return study_models(study, settings, settings.protocols["leak_free"]).models["rad"]


def test_with_harmonisation_it_reads_the_site_and_undoes_what_a_scanner_does(harmonised, training):
    X, y = training
    plain = harmonised.fit(X, y).predict_proba(X)
    assert harmonised.input_columns()[-1] == "site"
    scanner = X.copy()
    second = X["site"] == "B"
    scanner.loc[second, harmonised.columns] = 3 * X.loc[second, harmonised.columns] + 5
    undone = harmonised.fit(scanner, y).predict_proba(scanner)
    # The common scale of the features is another; who is more suspicious than whom is not.
    assert np.corrcoef(undone[:, 1], plain[:, 1])[0, 1] > 0.98


def test_without_the_site_a_harmonised_signature_asks_for_it(harmonised, training):
    X, y = training
    with pytest.raises(ValueError, match="missing: site"):
        harmonised.fit(X.drop(columns="site"), y)


def test_a_harmonised_signature_is_stored_and_loaded_without_pickle(harmonised, training):
    X, y = training
    stored = skops.io.dumps(harmonised.fit(X, y))
    loaded = skops.io.loads(stored, trusted=skops.io.get_untrusted_types(data=stored))
    np.testing.assert_array_equal(loaded.predict_proba(X), harmonised.predict_proba(X))
