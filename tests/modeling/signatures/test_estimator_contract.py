import pytest
from sklearn.utils.estimator_checks import check_estimator

from spl_kedro.modeling.signatures.classifier import ProbabilityClassifier
from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.clinical_encoding import ClinicalEncoder
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.fusion import FusionSignature
from spl_kedro.modeling.signatures.harmonisation import SiteHarmonizer
from spl_kedro.modeling.signatures.selection import (
    CorrelationFilter,
    LassoSelector,
    MinimumRedundancySelector,
    SelectionSequence,
    StabilityFilter,
    UnivariateFilter,
    VarianceFilter,
)

QUICK = ProbabilityClassifier(cv=2)

ESTIMATORS = [
    StabilityFilter(),
    VarianceFilter(),
    UnivariateFilter(),
    CorrelationFilter(),
    MinimumRedundancySelector(n_features=3),
    LassoSelector(n_alphas=10, cv=3),
    SelectionSequence([("variance", VarianceFilter()), ("univariate", UnivariateFilter())]),
    SiteHarmonizer(),
    ClinicalEncoder(),
    ClinicalSignature(),
    ProbabilityClassifier(),
    ProbabilityClassifier(kind="logistic"),
    FeatureSignature(classifier=QUICK, cv=2),
    FusionSignature(image=FeatureSignature(classifier=QUICK, cv=2), classifier=QUICK),
]


# The checks fit on a handful of rows, where calibration and selection rightly complain.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_scikit_learn_accepts_the_estimator(estimator):
    # Checks that need an array-API library do not apply, and are no skipped tests of ours.
    results = check_estimator(estimator, on_skip=None, on_fail="raise")
    assert sum(result["status"] == "passed" for result in results) > 40
