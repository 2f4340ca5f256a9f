import numpy as np
import pytest
from scipy.stats import ortho_group

from spl_kedro.features.deep.alignment import fit_axes, procrustes


@pytest.fixture
def embedding():
    rng = np.random.default_rng(1)
    return rng.normal(size=(60, 12)) * np.linspace(3, 0.5, 12)


def test_a_turned_and_stretched_embedding_is_brought_back(embedding):
    turn = ortho_group.rvs(12, random_state=2)
    turned = 7.5 * embedding @ turn + 3
    axes = fit_axes(turned, embedding, "procrustes")
    expected = fit_axes(embedding, embedding, "procrustes").transform(embedding)
    assert axes.transform(turned) == pytest.approx(expected, abs=1e-9)


def test_distances_between_lesions_survive_the_turn(embedding):
    other = np.random.default_rng(3).normal(size=embedding.shape)
    axes = fit_axes(embedding, other, "procrustes")
    before = np.linalg.norm(embedding[0] - embedding[1]) / axes.scale
    after = axes.transform(embedding)
    assert np.linalg.norm(after[0] - after[1]) == pytest.approx(before)


def test_with_fewer_lesions_than_columns_the_map_is_orthogonal_on_their_span():
    rng = np.random.default_rng(0)
    embedding, target = rng.normal(size=(10, 40)), rng.normal(size=(10, 40))
    rotation = procrustes(embedding - embedding.mean(0), target - target.mean(0))
    strengths = np.linalg.svd(rotation, compute_uv=False)
    assert strengths[:9] == pytest.approx(1)
    assert strengths[9:] == pytest.approx(0, abs=1e-9)


def test_the_map_fits_better_than_leaving_the_axes(embedding):
    turned = embedding @ ortho_group.rvs(12, random_state=5)
    rotation = procrustes(turned, embedding)
    assert np.linalg.norm(turned @ rotation - embedding) < 1e-9
    assert np.linalg.norm(turned - embedding) > 10


def test_without_alignment_the_embedding_is_only_centred_and_scaled(embedding):
    axes = fit_axes(embedding + 4, embedding, "none")
    result = axes.transform(embedding + 4)
    assert result.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert np.sqrt(np.mean(result**2)) == pytest.approx(1)


def test_a_constant_embedding_is_refused(embedding):
    with pytest.raises(ValueError, match="same embedding"):
        fit_axes(np.ones((60, 12)), embedding, "procrustes")
