import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.signatures.classifier import ProbabilityClassifier
from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.fusion import FusionSignature
from spl_kedro.modeling.signatures.selection import (
    SelectionSequence,
    StabilityFilter,
    UnivariateFilter,
)
from spl_kedro.modeling.signatures.study_models import study_models
from spl_kedro.modeling.signatures.warning import SignatureWarning


@pytest.fixture
def cdlr(study, settings):
    return study_models(study, settings, settings.protocols["leak_free"]).models["cdlr"]


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

    assert gap(cross_fit=False) > 0.4
    assert abs(gap(cross_fit=True)) < 0.3


def test_cross_fitting_needs_an_image_signature_that_cross_fits(training):
    image = FeatureSignature(["rad_00"], cv=None)
    with pytest.raises(ValueError, match="cross-fits its scores"):
        FusionSignature(image, ClinicalSignature(["age"])).fit(*training)


def test_without_a_usable_score_only_the_clinical_features_are_fused(training):
    X, y = training
    nothing = SelectionSequence([("stability", StabilityFilter(["rad_00"], [0.0]))])
    model = FusionSignature(
        image=FeatureSignature(["rad_00"], nothing), clinical=ClinicalSignature(["age", "crp"])
    )
    with pytest.warns(SignatureWarning):
        model.fit(X, y)
    assert model.selected_features_ == ["age"]
    assert model.fallback_ is None
    assert np.ptp(model.predict_proba(X)[:, 1]) > 0.1


@pytest.mark.parametrize("kind", ["linear_svm", "logistic", "radial_svm"])
def test_where_no_clinical_variable_is_kept_it_returns_the_image_signatures_probability(
    training, study, settings, kind
):
    # A classifier of one score could only reorder it: a radial one did.
    X, y = training
    noise = X.assign(crp=np.random.default_rng(3).normal(size=len(X)))
    model = FusionSignature(
        image=study_models(study, settings, settings.protocols["leak_free"]).models["dlr"],
        clinical=ClinicalSignature(["crp"]),
        classifier=ProbabilityClassifier(kind=kind, tune=False),
    )
    with pytest.warns(SignatureWarning, match="no clinical variable passed"):
        model.fit(noise, y)
    assert model.clinical_.selected_features_ == []
    assert model.made_of_ == "image"
    np.testing.assert_array_equal(model.predict_proba(noise), model.image_.predict_proba(noise))


@pytest.mark.parametrize("kind", ["linear_svm", "logistic"])
def test_its_probability_never_falls_when_the_image_score_rises(cdlr, training, kind):
    X, y = training
    cdlr.set_params(classifier__kind=kind).fit(X, y)
    assert cdlr.made_of_ == "image and clinical"
    inputs = np.repeat(cdlr.fusion_inputs(X).to_numpy()[:20], 50, axis=0)
    inputs[:, 0] = np.tile(np.linspace(0, 1, 50), 20)
    assert (np.diff(cdlr.probability_of(inputs).reshape(20, 50), axis=1) >= 0).all()


def test_a_score_that_earns_no_positive_weight_is_left_out():
    # Both carry the same disturbance: alone either tells the classes apart, but of two lesions of
    # one age the benign one has the higher feature. A fusion free to do so would turn the score.
    rng = np.random.default_rng(0)
    y = np.arange(200) % 2
    disturbance = rng.normal(size=200)
    X = pd.DataFrame(
        {
            "age": 3 * y + disturbance,
            "rad_00": y + disturbance + 0.5 * rng.normal(size=200),
        }
    )
    model = FusionSignature(FeatureSignature(["rad_00"]), ClinicalSignature(["age"])).fit(X, y)
    assert model.image_.fallback_ is None
    assert model.made_of_ == "clinical"
    assert model.selected_features_ == ["age"]
    np.testing.assert_array_equal(model.predict_proba(X), model.clinical_.predict_proba(X))


@pytest.mark.filterwarnings("ignore::spl_kedro.modeling.signatures.warning.SignatureWarning")
def test_with_nothing_to_fuse_it_gives_the_prevalence_and_says_so(training):
    X, y = training
    nothing = SelectionSequence([("stability", StabilityFilter(["rad_00"], [0.0]))])
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
