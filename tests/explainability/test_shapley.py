import numpy as np
import pytest
import shap

from spl_kedro.explainability.shapley import shapley_values


def curved(rows):
    return 1 / (1 + np.exp(-(rows[:, 0] * rows[:, 1] + np.sin(rows[:, 2]) - rows[:, 3] ** 2)))


def interacting_in_pairs(rows):
    return rows[:, 0] * rows[:, 1] + rows[:, 2] * rows[:, 3] - 2 * rows[:, 0] * rows[:, 4]


@pytest.fixture
def rows():
    return np.random.default_rng(0).normal(size=(7, 5))


@pytest.fixture
def references():
    return np.random.default_rng(1).normal(size=(20, 5))


def test_exact_values_equal_those_of_the_shap_library(rows, references):
    # With 5 features it enumerates all 30 coalitions, so its regression is exact.
    published = shap.KernelExplainer(curved, references).shap_values(
        rows, nsamples=64, l1_reg=0, silent=True
    )
    ours = shapley_values(curved, rows, references)
    np.testing.assert_allclose(ours.values, published, atol=1e-8)


@pytest.mark.parametrize("exact_up_to", [8, 1])
def test_base_and_values_add_up_to_the_score(rows, references, exact_up_to):
    found = shapley_values(curved, rows, references, exact_up_to=exact_up_to)
    assert found.additivity_error < 1e-12
    gaps = found.outputs[:, None] - found.references[None, :]
    np.testing.assert_allclose(found.by_reference.sum(axis=2), gaps, atol=1e-12)


def test_one_permutation_walked_both_ways_is_exact_for_pairwise_interactions(rows, references):
    exact = shapley_values(interacting_in_pairs, rows, references)
    sampled = shapley_values(
        interacting_in_pairs, rows, references, exact_up_to=1, permutations=1, seed=5
    )
    np.testing.assert_allclose(sampled.values, exact.values, atol=1e-12)


def test_more_permutations_come_closer_to_the_exact_values(rows, references):
    exact = shapley_values(curved, rows, references).values

    def error(permutations):
        sampled = shapley_values(curved, rows, references, exact_up_to=1, permutations=permutations)
        return np.abs(sampled.values - exact).mean()

    assert error(200) < 0.5 * error(1)


def test_columns_of_one_feature_enter_together(rows, references):
    found = shapley_values(curved, rows, references, players=[[0, 1], [2], [3], [4]])
    assert found.values.shape == (7, 4)
    assert found.additivity_error < 1e-12
    np.testing.assert_allclose(found.values[:, 3], 0, atol=1e-12)


def test_a_feature_the_score_ignores_gets_nothing(rows, references):
    np.testing.assert_allclose(shapley_values(curved, rows, references).values[:, 4], 0, atol=1e-12)


def test_a_score_without_features_has_its_base_only():
    found = shapley_values(lambda r: np.full(len(r), 0.3), np.empty((4, 0)), np.empty((6, 0)))
    assert found.values.shape == (4, 0)
    assert found.base == pytest.approx(0.3)


def test_rows_and_background_must_have_the_same_columns(rows, references):
    with pytest.raises(ValueError, match="rows have 4 columns, the background 5"):
        shapley_values(curved, rows[:, :4], references)
    with pytest.raises(ValueError, match="background is empty"):
        shapley_values(curved, rows, references[:0])
