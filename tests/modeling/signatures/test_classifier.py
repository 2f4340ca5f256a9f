import numpy as np
import pytest

from spl_kedro.modeling.signatures.classifier import GRIDS, KINDS, ProbabilityClassifier, raw_scores


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    y = np.arange(160) % 2
    return rng.normal(size=(160, 3)) + 1.2 * y[:, None], y


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_learns_and_gives_probabilities(data, kind):
    X, y = data
    model = ProbabilityClassifier(kind=kind, tune=False).fit(X[:120], y[:120])
    probability = model.predict_proba(X[120:])
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    assert (model.predict(X[120:]) == y[120:]).mean() > 0.7


@pytest.mark.parametrize("kind", ["linear_svm", "logistic", "radial_svm", "nystroem_svm", "knn"])
def test_tuning_chooses_from_the_grid(data, kind):
    model = ProbabilityClassifier(kind=kind, tune=True, cv=3).fit(*data)
    for name, value in model.best_params_.items():
        assert value in GRIDS[kind][name]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_learnt_from_noise_never_turns_the_scores_upside_down(seed):
    # A support vector machine separates noise in sample. Left-out scores of noise often
    # fall with the label; a sigmoid that follows them would call malignant benign.
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(100, 60)), np.arange(100) % 2
    model = ProbabilityClassifier().fit(X, y)
    probability = model.predict_proba(X)[:, 1]
    if model.fallback_:
        assert model.fallback_ == "scores of left-out lesions do not rise with the label"
        np.testing.assert_allclose(probability, 0.5)
    else:
        assert probability[y == 1].mean() > probability[y == 0].mean()


def test_calibration_is_fitted_on_lesions_the_scores_did_not_come_from():
    """In-sample scores ask for a steeper sigmoid: six times as steep over eight draws.

    The logarithm of the ratio has a mean of 1.8 and a standard error of 0.14; it is 0 if the
    calibration sees in-sample scores.
    """
    y, steeper = np.arange(100) % 2, []
    for seed in range(8):
        X = np.random.default_rng(seed).normal(size=(100, 60)) + 0.2 * y[:, None]
        model = ProbabilityClassifier(tune=False).fit(X, y)
        base = model.uncalibrated(len(y), {}).fit(X, y)
        in_sample = type(model.sigmoid())().fit(raw_scores(base, X), y)
        assert model.sigmoid().a_ < 0
        steeper.append(np.log(in_sample.a_ / model.sigmoid().a_))
    assert np.mean(steeper) > 1.2


def test_a_class_of_one_patient_gives_the_prevalence_and_the_reason(data):
    X, _ = data
    y = np.zeros(160, dtype=int)
    y[0] = 1
    model = ProbabilityClassifier().fit(X, y)
    assert model.fallback_.startswith("fewer than two patients in a class")
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], 1 / 160)


def test_an_unknown_kind_is_refused_with_the_known_ones(data):
    with pytest.raises(ValueError, match="'forest' is none of linear_svm, logistic"):
        ProbabilityClassifier(kind="forest").fit(*data)


def test_the_same_seed_gives_the_same_probabilities(data):
    one, two = (
        ProbabilityClassifier("mlp", tune=False, cv=2, random_state=3)
        .fit(*data)
        .predict_proba(data[0])
        for _ in range(2)
    )
    np.testing.assert_array_equal(one, two)
