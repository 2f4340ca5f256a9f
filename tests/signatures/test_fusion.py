import numpy as np
import pytest

from spl_kedro.signatures.clinical import ClinicalSignature
from spl_kedro.signatures.feature import FeatureSignature
from spl_kedro.signatures.fusion import FusionSignature
from spl_kedro.signatures.models import five_models
from spl_kedro.signatures.selection import SelectionSequence, StabilityFilter, UnivariateFilter
from spl_kedro.signatures.warning import SignatureWarning


@pytest.fixture
def cdlr(study, settings):
    return five_models(study, settings)["cdlr"]


@pytest.fixture
def training(study):
    rows = study.rows("training")
    return study.X.iloc[rows], study.label.to_numpy()[rows]


def test_it_fuses_the_image_score_with_the_clinical_features(cdlr, training):
    X, y = training
    cdlr.fit(X, y)
    assert cdlr.selected_features_ == ["dlr_score", "age"]
    inputs = cdlr.fusion_inputs(X)
    assert list(inputs.columns) == ["dlr_score", "age"]
    np.testing.assert_allclose(inputs["age"], X["age"])
    np.testing.assert_allclose(inputs["dlr_score"], cdlr.image_.predict_proba(X)[:, 1])


def test_training_scores_come_from_signatures_that_have_not_seen_the_lesion():
    # On noise an in-sample score is informative and a cross-fitted one is not: its gap has a mean
    # of 0.03 and a standard deviation of 0.05 over draws.
    rng = np.random.default_rng(0)
    y = np.arange(120) % 2
    X = np.column_stack([rng.normal(size=(120, 300)), rng.normal(size=120) + 0.8 * y])
    selection = SelectionSequence([("univariate", UnivariateFilter())])

    def gap(cross_fit):
        image = FeatureSignature(selection=selection, cv=5 if cross_fit else None)
        scores = FusionSignature(image, cross_fit=cross_fit).fit(X, y).training_scores_
        return scores[y == 1].mean() - scores[y == 0].mean()

    assert gap(cross_fit=False) > 0.5
    assert abs(gap(cross_fit=True)) < 0.3


def test_cross_fitting_needs_an_image_signature_that_cross_fits(training):
    image = FeatureSignature(["rad_00"], cv=None)
    with pytest.raises(ValueError, match="cross-fits its scores"):
        FusionSignature(image, ClinicalSignature(["age"])).fit(*training)


def test_without_a_usable_score_only_the_clinical_features_are_fused(training):
    X, y = training
    nothing = SelectionSequence([("stability", StabilityFilter({"rad_00": 0.0}))])
    model = FusionSignature(
        image=FeatureSignature(["rad_00"], nothing), clinical=ClinicalSignature(["age", "crp"])
    )
    with pytest.warns(SignatureWarning):
        model.fit(X, y)
    assert model.selected_features_ == ["age"]
    assert model.fallback_ is None
    assert np.ptp(model.predict_proba(X)[:, 1]) > 0.1


@pytest.mark.filterwarnings("ignore::spl_kedro.signatures.warning.SignatureWarning")
def test_with_nothing_to_fuse_it_gives_the_prevalence_and_says_so(training):
    X, y = training
    nothing = SelectionSequence([("stability", StabilityFilter({"rad_00": 0.0}))])
    model = FusionSignature(
        image=FeatureSignature(["rad_00"], nothing), clinical=ClinicalSignature(["age"])
    )
    with pytest.warns(SignatureWarning, match="neither an image feature nor a clinical variable"):
        model.fit(X.assign(age=40.0), y)
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], y.mean())


def test_a_missing_clinical_column_at_prediction_is_refused_by_name(cdlr, training):
    X, y = training
    cdlr.fit(X, y)
    with pytest.raises(ValueError, match="missing: crp"):
        cdlr.predict_proba(X.drop(columns="crp"))


def test_missing_clinical_values_are_imputed_at_prediction(cdlr, training):
    X, y = training
    score = cdlr.fit(X, y).predict_proba(X.assign(age=np.nan))[:, 1]
    assert np.isfinite(score).all()


def test_it_travels_alone_through_pickle(cdlr, training):
    import pickle

    X, y = training
    cdlr.fit(X, y)
    loaded = pickle.loads(pickle.dumps(cdlr))
    np.testing.assert_array_equal(loaded.predict_proba(X), cdlr.predict_proba(X))
