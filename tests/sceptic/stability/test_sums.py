import numpy as np
import pytest
from tests.fitted import fitted_study, patients, strangers
from tests.modeling.signatures.conftest import quick_settings

from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.sceptic.stability.sums import RefitSums, weighted_sum, weights_table


def sums_of(study, *names):
    rows = [
        row
        for name in names
        for row in weighted_sum(name, study.models[name], study.declared[name].score)
    ]
    return RefitSums(weights_table([rows]))


# Images that know nothing of the label make a signature that says so.
@pytest.mark.filterwarnings("ignore::spl_kedro.modeling.signatures.warning.SignatureWarning")
@pytest.mark.parametrize("image", [0.0, 1.0])
def test_weights_of_every_kind_of_answer_give_the_model_s_probability(image):
    # Numbers, booleans, categories, missing values; an image that earns no weight.
    study = fitted_study(image=image)
    sums = sums_of(study, *study.models)
    for X in (patients()[0], strangers()):
        for name, model in study.models.items():
            told = model.predict_proba(X)[:, 1]
            np.testing.assert_allclose(sums.probabilities(name, X)[:, 0], told, atol=1e-9)


def test_weights_of_components_give_the_model_s_probability(fitted, table):
    # The deep features are reduced to components inside each fit.
    assert fitted.models["dlr"].reduction_ is not None
    names = fitted.names("main")
    sums = sums_of(fitted, *names)
    for name in names:
        told = fitted.models[name].predict_proba(table.X)[:, 1]
        assert np.ptp(told) > 0.1
        np.testing.assert_allclose(sums.probabilities(name, table.X)[:, 0], told, atol=1e-9)


def test_a_model_that_falls_back_on_the_prevalence_is_a_sum_too(table):
    settings = quick_settings(selection={"univariate_p": 1e-9}, clinical={"univariate_p": 1e-9})
    study = run_protocol(table, settings)
    assert all(study.models[name].fallback_ for name in ("clinical", "rad", "cdlr"))
    sums = sums_of(study, *study.names("main"))
    for name in study.names("main"):
        told = study.models[name].predict_proba(table.X)[:, 1]
        np.testing.assert_allclose(sums.probabilities(name, table.X)[:, 0], told, atol=1e-12)


def test_a_harmonised_model_is_no_sum(table):
    settings = quick_settings(harmonisation={"method": "combat", "min_lesions": 5})
    study = run_protocol(table, settings, only=["rad"])
    assert weighted_sum("rad", study.models["rad"], None) is None


def test_a_lesion_has_the_same_bits_alone_and_among_others(refits, table):
    sums = RefitSums(refits.weights)
    for name in refits.scores["model"].unique():
        among = sums.probabilities(name, table.X)
        alone = [sums.probabilities(name, table.X.iloc[[i]])[0] for i in range(5)]
        np.testing.assert_array_equal(alone, among[:5])


def test_refits_side_by_side_keep_what_one_of_them_lacks_at_zero():
    one = [("rad", "intercept", "", "", 1.0), ("rad", "column", "a", "", 2.0)]
    two = [("rad", "intercept", "", "", 3.0), ("rad", "column", "b", "", 4.0)]
    table = weights_table([one, two]).set_index("name")
    assert table.loc["a", ["r0000", "r0001"]].tolist() == [2.0, 0.0]
    assert table.loc["b", ["r0000", "r0001"]].tolist() == [0.0, 4.0]
