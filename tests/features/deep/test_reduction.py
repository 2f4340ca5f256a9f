import numpy as np
import pandas as pd
import pytest

from spl_kedro.features.deep import reduce_embeddings


@pytest.fixture
def embeddings():
    values = np.random.default_rng(0).normal(size=(30, 20))
    return pd.DataFrame(values, index=[f"L{i}" for i in range(30)])


def test_lesions_outside_training_have_no_say_in_the_components(embeddings):
    training = embeddings.index[:20]
    before = reduce_embeddings(embeddings, training, 5)
    changed = embeddings.copy()
    changed.iloc[20:] *= 100
    after = reduce_embeddings(changed, training, 5)
    pd.testing.assert_frame_equal(before.loc[training], after.loc[training])


def test_components_come_by_decreasing_variance(embeddings):
    spread = reduce_embeddings(embeddings, embeddings.index, 6).var()
    assert (spread.diff().dropna() < 0).all()
    assert list(spread.index) == [f"dtl_{i:03d}" for i in range(6)]


def test_more_components_than_training_lesions_can_give_are_refused(embeddings):
    with pytest.raises(ValueError, match="set it to 9 or less"):
        reduce_embeddings(embeddings, embeddings.index[:10], 10)
