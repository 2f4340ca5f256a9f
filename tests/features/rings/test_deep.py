"""Deep features of rings: a frozen network's maps, averaged over each ring."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from tests.features.rings.conftest import make_lesion

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep import DeepSettings, build_network
from spl_kedro.features.deep.pooling import pool_batch
from spl_kedro.features.measurement import StabilitySettings
from spl_kedro.features.rings import (
    RingDistances,
    RingParameters,
    deep_ring_stability,
    embed_rings,
    rings_of,
)
from spl_kedro.features.rings.crops import area_shares, ring_window
from spl_kedro.features.rings.embedding import ring_network_settings
from spl_kedro.features.rings.geometry import rings_reach
from spl_kedro.features.rings.pooling import RingPooling, ring_means
from spl_kedro.imaging.crops import cut
from spl_kedro.rules import Rule
from spl_kedro.schemas import Findings, RingColumns

MM = RingDistances("mm", ((0.0, 2.0), (2.0, 5.0)))
DEEP = DeepSettings(
    image_size=32, architecture="efficientnet_lite0", weights="packaged", trained_blocks=0,
    pooling="depths", device="cpu", threads=1,
)  # fmt: skip
NETWORK = build_network(DEEP).eval()


def embedded(lesions, groups=(), parameters=None, settings=DEEP, **options):
    loaders = {name: (lambda lesion=lesion: lesion) for name, lesion in lesions.items()}
    return embed_rings(loaders, groups, MM, parameters or RingParameters(), settings, **options)


@pytest.mark.parametrize(("side", "size"), [(12, 12), (12, 4), (37, 16), (20, 32)])
def test_a_cell_is_in_a_ring_by_its_area(side, size):
    mask = np.random.default_rng(0).random((side, side)) < 0.3
    # On a grid that both share.
    fine = np.kron(mask, np.ones((size, size)))
    expected = fine.reshape(size, side, size, side).mean(axis=(1, 3))
    np.testing.assert_allclose(area_shares(mask, size), expected, atol=1e-12)


@pytest.mark.parametrize("size", [(0.5, 0.5), (0.3, 0.8)])
@pytest.mark.parametrize("centre", [(40, 45), (2, 80)])
def test_the_crop_holds_the_outermost_ring(size, centre):
    lesion = make_lesion(spacing=size, centre=centre)
    window = ring_window(lesion.mask, rings_reach(lesion, MM), 0.05)
    for ring in rings_of(lesion, MM):
        assert cut(ring.mask, window).sum() == ring.pixels > 0
    rows, columns = (np.flatnonzero(lesion.mask.any(axis=axis)) for axis in (1, 0))
    outer = np.array([np.ptp(rows), np.ptp(columns)]) + 1 + 2 * rings_reach(lesion, MM)
    assert outer.max() < window.side <= 1.1 * outer.max() + 1


def test_a_map_is_averaged_over_each_ring_however_thin():
    values = torch.arange(16.0).reshape(1, 1, 4, 4)
    shares = torch.zeros(1, 3, 8, 8)
    shares[0, 0, 0, :2] = 0.001  # a sliver of the first cell
    shares[0, 1, :, 2:4] = 1.0  # the second column
    shares[0, 1, 0, 2:4] = 0.5
    found = ring_means(values, shares)[0, :, 0]
    assert found[0] == 0
    weights = np.array([0.75, 1, 1, 1])
    assert found[1].item() == pytest.approx(np.average([1, 5, 9, 13], weights=weights))
    assert torch.isnan(found[2])


def test_the_tokens_of_a_transformer_are_a_map_without_the_class_token():
    tokens = torch.tensor([[[99.0], [1.0], [2.0], [3.0], [4.0]]])
    shares = torch.zeros(1, 1, 4, 4)
    shares[0, 0, 2:, :2] = 1.0
    assert ring_means(tokens, shares).item() == 3.0


@pytest.mark.parametrize("pooling", ["last", "depths"])
def test_over_the_whole_crop_they_are_the_lesions_own_deep_features(pooling):
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        with RingPooling(NETWORK, pooling) as pool:
            means, blocks = pool(images, torch.ones(2, 1, 32, 32))
        own, _ = pool_batch(NETWORK, images, pooling)
    assert len(blocks) == own.shape[1]
    torch.testing.assert_close(means[:, 0], own, rtol=1e-4, atol=1e-5)


def test_what_lies_farther_out_is_in_the_outer_ring_alone(lesion):
    # Fault: the mean of the whole map. The first block sees no more than a pixel or two around.
    far = rings_of(lesion, RingDistances("mm", ((4.0, 5.0),)))[0].mask
    lit = replace(lesion, image=np.where(far, 250.0, lesion.image))
    finer = DEEP.model_copy(update={"image_size": 64})
    first, second = (embedded({"a": one}, settings=finer) for one in (lesion, lit))
    schema = first.schema.query("image_type == 'features.0'")
    inner, outer = (schema.index[schema["ring"] == ring] for ring in (1, 2))
    pd.testing.assert_frame_equal(first.features[inner], second.features[inner])
    assert (first.features[outer] != second.features[outer]).to_numpy().mean() > 0.8


def test_every_lesion_keeps_its_row_and_its_features_do_not_depend_on_the_others():
    whole = make_lesion("whole")
    seen = whole.mask | rings_of(whole, RingDistances("mm", ((0.0, 2.0),)))[0].mask
    lesions = {
        "near": replace(whole, image=np.where(seen, whole.image, 0)),
        "none": replace(whole, image=np.where(whole.mask, whole.image, 0)),
        "nan": replace(whole, image=np.where(seen, np.nan, whole.image)),
        "size": make_lesion("size", spacing=None),
        "whole": whole,
    }
    found = embedded(lesions)
    RingColumns.validate(found.schema)
    Findings.validate(found.findings)
    assert list(found.features.index) == sorted(lesions)
    assert list(found.features.columns) == list(found.schema.index)
    rings = found.features.notna().T.groupby(found.schema["ring"]).agg(["all", "any"]).T.unstack()
    assert rings.loc["whole"].tolist() == [True] * 4
    assert rings.loc["near"].tolist() == [True, True, False, False]
    assert not rings.loc[["none", "nan", "size"]].any(axis=None)
    rules = found.findings.groupby("lesion_id")["rule"].agg(list).to_dict()
    assert rules == {
        "near": [str(Rule.RING_IN_VIEW)],
        "none": [str(Rule.RING_IN_VIEW)] * 2,
        "nan": [str(Rule.FINITE_GREY)],
        "size": [str(Rule.RING_PIXEL_SIZE)],
    }
    pd.testing.assert_frame_equal(embedded({"whole": whole}).features, found.features.tail(1))


def test_another_lesion_in_the_image_is_in_no_ring():
    lesions = {"left": make_lesion(centre=(40, 34)), "right": make_lesion(centre=(40, 62))}
    alone, together = embedded(lesions), embedded(lesions, [["left", "right"]])
    outer = alone.schema.index[alone.schema["ring"] == 2]
    assert not np.allclose(alone.features[outer], together.features[outer])


def test_a_trained_network_is_not_used_and_random_weights_are_refused():
    # Fault: networks that have seen the labels of the lesions whose rings they embed.
    trained = DEEP.model_copy(update={"trained_blocks": "all", "pooling": "last"})
    assert ring_network_settings(trained).frozen
    blind = DEEP.model_copy(update={"outline": "background"})
    assert ring_network_settings(blind).outline == "ignore"
    with pytest.raises(UnusableStudyError, match=r"deep_features\.weights is none"):
        embedded({}, settings=DEEP.model_copy(update={"weights": "none"}))


def test_switched_off_it_is_a_table_without_columns(lesion):
    found = embedded({"a": lesion}, parameters=RingParameters(deep={"enabled": False}))
    assert found.features.shape == (1, 0)
    RingColumns.validate(found.schema)
    assert found.findings.empty


def test_stability_compares_the_rings_around_each_outline():
    lesions = {f"L{k}": make_lesion(f"L{k}", radius=8 + k, seed=k) for k in range(6)}
    wider = {name: make_lesion(name, radius=10 + k, seed=k) for k, name in enumerate(lesions)}
    load, second = (
        {name: (lambda lesion=lesion: lesion) for name, lesion in some.items()}
        for some in (lesions, wider)
    )
    features = embedded(lesions).features
    about = (list(lesions), [], MM, RingParameters(), DEEP, StabilitySettings())
    same = deep_ring_stability(features, load, load, *about)
    varies = features.std() > 1e-4
    assert list(same.index) == list(features.columns)
    assert same.loc[varies, "icc"].min() == pytest.approx(1)
    moved = deep_ring_stability(features, load, second, *about)
    assert set(moved["source"]) == {"second reader"}
    assert (moved["icc"] < 0.99).sum() > 1000
