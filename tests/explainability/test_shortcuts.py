import numpy as np
import pytest

from spl_kedro.explainability.kernel_svm import rbf_probability
from spl_kedro.explainability.linear_probability import linear_probability
from spl_kedro.explainability.shapley import shapley_values
from spl_kedro.modeling.signatures.classifier import ProbabilityClassifier


@pytest.fixture(scope="module")
def lesions():
    random = np.random.default_rng(2)
    X = random.normal(size=(90, 4)) * [1, 10, 0.1, 3] + [0, 50, 1, -2]
    return X, (X[:, 0] + 0.1 * X[:, 1] + random.normal(size=90) > 5).astype(int)


@pytest.fixture(scope="module", params=["linear_svm", "logistic", "radial_svm", "nystroem_svm"])
def fitted(lesions, request):
    """Return a classifier and its shortcut."""
    classifier = ProbabilityClassifier(kind=request.param, tune=False).fit(*lesions)
    radial = request.param in ("radial_svm", "nystroem_svm")
    shortcut = rbf_probability if radial else linear_probability
    return classifier, shortcut(classifier)


def test_the_shortcut_gives_scikit_learns_probabilities(fitted, lesions):
    classifier, shortcut = fitted
    X, _ = lesions
    np.testing.assert_allclose(shortcut(X), classifier.predict_proba(X)[:, 1], atol=1e-12)


def test_mixed_scores_equal_the_scores_of_written_out_mixtures(fitted, lesions):
    classifier, shortcut = fitted
    X, _ = lesions
    masks = np.random.default_rng(0).random((12, 4)) < 0.5
    mixed = shortcut.mixed_scores(X[:5], X[5:12], masks)
    for row, mask, reference in np.ndindex(mixed.shape):
        lesion = np.where(masks[mask], X[row], X[5 + reference])
        expected = classifier.predict_proba(lesion[None])[0, 1]
        assert mixed[row, mask, reference] == pytest.approx(expected, abs=1e-12)


def test_shapley_values_do_not_depend_on_the_shortcut(fitted, lesions):
    classifier, shortcut = fitted
    X, _ = lesions
    fast = shapley_values(shortcut, X[:6], X[10:30])
    slow = shapley_values(lambda rows: classifier.predict_proba(rows)[:, 1], X[:6], X[10:30])
    np.testing.assert_allclose(fast.values, slow.values, atol=1e-12)


def test_a_shortcut_is_not_taken_for_a_classifier_of_another_kind(lesions):
    linear, radial, neighbours = (
        ProbabilityClassifier(kind=kind, tune=False).fit(*lesions)
        for kind in ("logistic", "radial_svm", "knn")
    )
    assert rbf_probability(linear) is None
    assert linear_probability(radial) is None
    assert rbf_probability(neighbours) is linear_probability(neighbours) is None
