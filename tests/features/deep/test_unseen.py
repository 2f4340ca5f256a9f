"""A study that travels embeds a new lesion as its own run did, by trained networks too."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.features.deep import (
    embed_cohort,
    embed_frozen,
    embed_nested,
    embed_unseen,
    frozen_network,
    names_of_unseen,
    train_networks,
    unseen_axes,
)
from spl_kedro.modeling.signatures.nested import outer_folds
from spl_kedro.modeling.signatures.settings import SignatureSettings


@pytest.fixture(scope="module")
def states(study, tiny):
    crops, cohort, folds = study
    one_epoch = tiny.model_copy(update={"epochs": 1})
    return {own.name: own.state for own in train_networks(crops, cohort, folds, one_epoch)}


@pytest.mark.parametrize("how", ["mean", "refit"])
def test_networks_trained_across_folds(study, tiny, states, how):
    crops, cohort, folds = study
    settings = tiny.model_copy(update={"unseen_embedding": how, "nested": False})
    whole, _ = embed_cohort(crops, cohort, folds, states, settings)
    axes = unseen_axes(crops, cohort, folds, states, settings)
    new = cohort.index[cohort["cohort"] != "training"][:3]
    assert set(axes) == set(names_of_unseen(states, settings))
    (found,) = embed_unseen(crops.select(new), states, axes, settings)
    pd.testing.assert_frame_equal(found, whole.loc[new], check_exact=True)


def test_networks_nested_in_the_signatures_folds(study, tiny, states):
    crops, cohort, folds = study
    settings = tiny.model_copy(update={"epochs": 1, "nested": True})
    modeling = SignatureSettings.model_validate({"protocol": {"n_splits": 2, "n_repeats": 1}})
    outside = outer_folds(cohort, modeling)
    rows = embed_nested(crops, cohort, folds, outside, states, settings)
    new = cohort.index[cohort["cohort"] == "external"]
    told = rows[(rows["context"] == "all") & rows.index.isin(new)]
    axes = unseen_axes(crops, cohort, folds, states, settings)
    found = embed_unseen(crops.select(new), states, axes, settings)
    assert len(found) == settings.folds
    for (_, part), own in zip(told.groupby("network", sort=True), found, strict=True):
        values = part.drop(columns=["context", "network"]).loc[new]
        np.testing.assert_array_equal(own.to_numpy(), values.to_numpy(dtype=float))


def test_a_frozen_network(study, tiny):
    crops, cohort, _ = study
    settings = tiny.model_copy(update={"trained_blocks": 0})
    network = frozen_network(crops, cohort, settings)
    whole = embed_frozen(crops, cohort, network, settings)
    new = cohort.index[-2:]
    (found,) = embed_unseen(crops.select(new), {"frozen": network.state_dict()}, {}, settings)
    pd.testing.assert_frame_equal(found, whole.loc[new], check_exact=True)
    assert unseen_axes(crops, cohort, pd.DataFrame(), {}, settings) == {}
