import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA

from spl_kedro.features.deep.reduction import MOST_LESIONS, EmbeddingReducer, reduce_embeddings


@pytest.fixture
def embeddings():
    values = np.random.default_rng(0).normal(size=(30, 20)) * np.linspace(3, 1, 20)
    columns = [f"deep_{i:04d}" for i in range(20)]
    return pd.DataFrame(values, index=[f"L{i}" for i in range(30)], columns=columns)


@pytest.mark.parametrize("width", [8, 200])
def test_the_components_are_those_of_a_principal_component_analysis(width):
    values = np.random.default_rng(1).normal(size=(25, width))
    own = EmbeddingReducer(6).fit(values)
    theirs = PCA(6, svd_solver="full").fit(values)
    np.testing.assert_allclose(own.components_, theirs.components_, atol=1e-10)
    np.testing.assert_allclose(own.explained_variance_, theirs.explained_variance_)
    np.testing.assert_allclose(own.transform(values), theirs.transform(values), atol=1e-10)


def test_lesions_outside_training_have_no_say_in_the_components(embeddings):
    training = embeddings.index[:20]
    before = reduce_embeddings(embeddings, training, 5)
    changed = embeddings.copy()
    changed.iloc[20:] *= 100
    after = reduce_embeddings(changed, training, 5)
    pd.testing.assert_frame_equal(before.loc[training], after.loc[training])


def test_components_come_by_decreasing_variance_with_the_lesions_names(embeddings):
    reduced = reduce_embeddings(embeddings, embeddings.index, 6)
    assert (reduced.var().diff().dropna() < 0).all()
    assert list(reduced.columns) == [f"dtl_{i:03d}" for i in range(6)]
    assert list(reduced.index) == list(embeddings.index)
    assert (reduced.dtypes == np.float64).all()


def test_each_component_points_where_its_largest_loading_does(embeddings):
    rows = EmbeddingReducer(10).fit(embeddings).components_
    mirrored = EmbeddingReducer(10).fit(-embeddings).components_
    assert (rows[np.arange(10), np.abs(rows).argmax(axis=1)] > 0).all()
    np.testing.assert_allclose(rows, mirrored, atol=1e-12)


def test_few_lesions_give_as_many_components_as_they_allow_and_the_log_says_so(embeddings, caplog):
    reduced = reduce_embeddings(embeddings, embeddings.index[:10], 128)
    assert reduced.shape == (30, 9)
    assert "10 training lesions with 20 columns allow 9 principal components, not the 128" in (
        caplog.text
    )


def test_lesions_that_repeat_others_add_no_component(embeddings):
    twice = pd.concat([embeddings.iloc[:5]] * 4)
    assert EmbeddingReducer(20).fit(twice).n_components_ == 4


@pytest.mark.parametrize("width", [8, 200])
def test_where_divide_and_conquer_gives_up_the_older_algorithm_finds_the_same(width, monkeypatch):
    # As on one of 1,200 fits to bootstrap samples of the default study.
    from spl_kedro.features.deep import reduction

    values = np.random.default_rng(1).normal(size=(25, width))
    told = EmbeddingReducer(6).fit(values)
    usual, asked = reduction.svd, []

    def fails(matrix, lapack_driver="gesdd", **options):
        asked.append(lapack_driver)
        if lapack_driver == "gesdd":
            raise np.linalg.LinAlgError("SVD did not converge")
        return usual(matrix, lapack_driver=lapack_driver, **options)

    monkeypatch.setattr(reduction, "svd", fails)
    own = EmbeddingReducer(6).fit(values)
    assert asked == ["gesdd", "gesvd"]
    np.testing.assert_allclose(own.components_, told.components_, atol=1e-10)


def test_too_few_or_equal_lesions_are_refused(embeddings):
    with pytest.raises(ValueError, match="at least 2 training lesions; 1"):
        reduce_embeddings(embeddings, embeddings.index[:1], 3)
    with pytest.raises(ValueError, match="same embedding"):
        EmbeddingReducer(3).fit(np.ones((5, 4)))


def test_it_is_an_estimator_that_knows_its_columns(embeddings):
    reducer = clone(EmbeddingReducer(components=4)).fit(embeddings)
    assert reducer.n_features_in_ == 20
    with pytest.raises(ValueError, match="feature names"):
        reducer.transform(embeddings.rename(columns={"deep_0000": "other"}))


def test_the_reducer_needs_no_torch():
    code = (
        "import sys; from spl_kedro.features.deep.reduction import EmbeddingReducer; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_of_many_lesions_the_components_are_those_of_the_whole_decomposition():
    # From a thousand on, eigenvectors of products take the place of the decomposition.
    rng = np.random.default_rng(3)
    strength = np.linspace(10, 1, 40)
    for n, width in ((1300, 1100), (1100, 1300)):
        values = (rng.normal(size=(n, 40)) * strength) @ rng.normal(size=(40, width))
        values += 0.1 * rng.normal(size=(n, width))
        found = EmbeddingReducer(16).fit(values)
        _, known, rows = np.linalg.svd(values - values.mean(axis=0), full_matrices=False)
        cosines = np.abs(np.sum(found.components_ * rows[:16], axis=1))
        np.testing.assert_allclose(cosines, 1, atol=1e-9)
        np.testing.assert_allclose(found.explained_variance_, known[:16] ** 2 / (n - 1), rtol=1e-9)


def test_of_many_lesions_that_hardly_differ_no_rounding_becomes_a_component():
    rng = np.random.default_rng(4)
    values = np.outer(rng.normal(size=1300), rng.normal(size=1200))
    assert EmbeddingReducer(16).fit(values).n_components_ == 1


def test_of_very_many_lesions_a_sample_is_looked_at_and_all_are_projected():
    rng = np.random.default_rng(5)
    values = rng.normal(size=(MOST_LESIONS + 500, 6)) * [9, 5, 3, 2, 1, 1]
    found = EmbeddingReducer(2).fit(values)
    assert len(found.transform(values)) == len(values)
    whole = np.linalg.svd(values - values.mean(axis=0), full_matrices=False)[2][:2]
    # A direction's error is about the root of variance by lesions: 3 standard errors.
    cosines = np.abs(np.sum(found.components_ * whole, axis=1))
    assert (cosines > 1 - 9 * 6 / MOST_LESIONS).all()
