import numpy as np
import pandas as pd
import pytest

from spl_kedro.explainability.scores import score_function
from spl_kedro.explainability.shapley import shapley_values
from spl_kedro.explainability.trace import background_sample, explain, hand_on


@pytest.fixture(scope="module")
def explained(study):
    return {
        name: explain(
            score_function(model),
            study.table.loc[study.validation],
            background_sample(study.table.loc[study.training], study.label, 40, 0),
        )
        for name, model in study.models.items()
    }


def test_every_signature_adds_up_to_its_probability(study, explained):
    for name, (inputs, traced) in explained.items():
        expected = study.models[name].predict_proba(study.table.loc[study.validation])[:, 1]
        for explanation in (inputs, traced):
            if explanation is None:
                continue
            total = explanation.base + explanation.shap.sum(axis=1)
            np.testing.assert_allclose(total, expected, atol=1e-6)
            assert explanation.additivity_error < 1e-9


def test_only_the_fusion_is_traced_further(explained):
    assert [name for name, (_, traced) in explained.items() if traced is not None] == ["cdlr"]


def test_the_image_features_share_out_exactly_what_the_inner_score_moved(study, explained):
    inputs, traced = explained["cdlr"]
    image = study.models["cdlr"].image_.selected_features_
    clinical = study.models["cdlr"].clinical_.selected_features_
    np.testing.assert_allclose(traced.shap[image].sum(axis=1), inputs.shap["dlr_score"], atol=1e-12)
    pd.testing.assert_frame_equal(traced.shap[clinical], inputs.shap[clinical])


def test_features_keep_their_original_scale(study, explained):
    _, traced = explained["cdlr"]
    pd.testing.assert_series_equal(traced.features["age"], study.table.loc[study.validation, "age"])
    assert traced.features["age"].isna().sum() == 1


def test_tracing_a_linear_chain_gives_the_chain_rule():
    random = np.random.default_rng(4)
    rows, references = random.normal(size=(5, 3)), random.normal(size=(9, 3))
    weights = np.array([0.5, -2.0, 1.0])
    inner = shapley_values(lambda r: r @ weights, rows, references)
    contribution = 3 * (inner.outputs[:, None] - inner.references[None, :])
    expected = 3 * weights * (rows - references.mean(axis=0))
    np.testing.assert_allclose(hand_on(contribution, inner), expected, atol=1e-12)


def test_equal_inner_scores_hand_nothing_on():
    rows = np.ones((1, 2))
    inner = shapley_values(lambda r: r[:, 0] - r[:, 1], rows, 2 * np.ones((1, 2)))
    np.testing.assert_array_equal(hand_on(np.zeros((1, 1)), inner), 0)


def test_the_background_keeps_the_mix_of_diagnoses_and_the_seed_decides():
    index = pd.Index([f"L{i}" for i in range(100)])
    labels = pd.Series(np.arange(100) < 30, index=index).astype(int)
    table = pd.DataFrame({"x": range(100)}, index=index)
    drawn = background_sample(table, labels, 20, 1)
    assert labels[drawn.index].sum() == 6
    assert list(drawn["x"]) == sorted(drawn["x"])
    assert list(drawn.index) == list(background_sample(table, labels, 20, 1).index)
    assert list(drawn.index) != list(background_sample(table, labels, 20, 2).index)
    assert background_sample(table, labels, 200, 1) is table


def test_an_explanation_is_drawn_by_the_shap_library(explained):
    import matplotlib.pyplot as plt
    import shap

    explanation = next(iter(explained.values()))
    theirs = (explanation[0] if isinstance(explanation, tuple) else explanation).to_shap()
    shap.plots.beeswarm(theirs, show=False)
    assert len(plt.gca().get_yticklabels()) >= min(theirs.shape[1], 2)
    plt.close("all")
