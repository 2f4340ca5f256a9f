import numpy as np
import pandas as pd
import pytest

from spl_kedro.explainability.lesion_maps import choose_layer, energy_table, map_lesions
from spl_kedro.explainability.map_sources import FoldNetworks
from spl_kedro.explainability.settings import GradCamSettings
from spl_kedro.features.deep import DeepSettings, build_network
from spl_kedro.imaging.lesion import Lesion

DEEP = DeepSettings(
    architecture="resnet18", image_size=32, threads=1, unseen_embedding="refit", nested=False
)
MEAN = DEEP.model_copy(update={"unseen_embedding": "mean"})
SETTINGS = GradCamSettings(min_grid=4)


@pytest.fixture(scope="module")
def lesions():
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:60, :80]
    made = {}
    for i in range(4):
        mask = ((rows - 30) / 12) ** 2 + ((columns - 40) / 18) ** 2 < 1
        image = random.rayleigh(30, size=mask.shape).clip(0, 255)
        spacing = (0.4, 0.4) if i else None
        made[f"SPL{i}"] = Lesion(f"SPL{i}", image, mask, spacing)
    return {name: (lambda lesion=lesion: lesion) for name, lesion in made.items()}


@pytest.fixture(scope="module")
def networks():
    """Three networks that differ, so that using the wrong one shows."""
    return {
        name: build_network(DEEP.model_copy(update={"seed": seed})).eval().state_dict()
        for seed, name in enumerate(("fold_0", "fold_1", "refit"))
    }


FOLDS = pd.Series({"SPL0": 0, "SPL1": 1})


def test_a_training_lesion_is_mapped_by_the_network_that_left_it_out(lesions, networks):
    targets = pd.Series(1, index=["SPL2", "SPL0", "SPL1"])
    maps = map_lesions(lesions, targets, FoldNetworks(networks, FOLDS, DEEP), DEEP, SETTINGS)
    assert [m.lesion_id for m in maps] == ["SPL2", "SPL0", "SPL1"]
    assert [m.network for m in maps] == ["refit", "fold_0", "fold_1"]
    by_refit = map_lesions(
        lesions, targets, FoldNetworks(networks, pd.Series(dtype=int), DEEP), DEEP, SETTINGS
    )
    np.testing.assert_allclose(maps[0].saliency, by_refit[0].saliency, rtol=1e-4)
    assert not np.allclose(maps[1].saliency, by_refit[1].saliency)
    assert FoldNetworks(networks, FOLDS, DEEP).names("SPL3") == ("refit",)
    assert FoldNetworks(networks, FOLDS, MEAN).names("SPL3") == ("fold_0", "fold_1")


def test_a_lesion_embedded_by_all_folds_is_mapped_by_their_mean(lesions, networks):
    targets = pd.Series({"SPL3": 1})
    together = FoldNetworks(networks, FOLDS, MEAN)
    (found,) = map_lesions(lesions, targets, together, MEAN, SETTINGS)
    sources = [FoldNetworks(networks, pd.Series({"SPL3": fold}), DEEP) for fold in (0, 1)]
    alone = [map_lesions(lesions, targets, s, DEEP, SETTINGS)[0].saliency for s in sources]
    expected = sum(saliency / saliency.sum() for saliency in alone)
    assert found.network == "fold_0 + fold_1"
    np.testing.assert_allclose(
        found.saliency / found.saliency.sum(), expected / expected.sum(), rtol=1e-3, atol=1e-7
    )


def test_maps_lie_on_the_pixels_of_the_image(lesions, networks):
    (found,) = map_lesions(
        lesions, pd.Series({"SPL3": 0}), FoldNetworks(networks, FOLDS, DEEP), DEEP, SETTINGS
    )
    assert found.image.shape == found.mask.shape == found.saliency.shape
    assert found.mask.sum() == lesions["SPL3"]().mask.sum()
    assert found.spacing_mm == (0.4, 0.4)
    assert found.target == 0


def test_the_energy_table_holds_a_row_per_lesion_whose_shares_add_up(lesions, networks):
    targets = pd.Series({"SPL0": 1, "SPL1": 0, "SPL2": 1, "SPL3": 0})
    maps = map_lesions(lesions, targets, FoldNetworks(networks, FOLDS, DEEP), DEEP, SETTINGS)
    table = energy_table(maps, SETTINGS)
    assert list(table.index) == list(targets.index)
    assert table.index.name == "lesion_id"
    seen = table.dropna()
    assert len(seen) > 0
    np.testing.assert_allclose(seen[["inside", "rim", "outside"]].sum(axis=1), 1)
    np.testing.assert_allclose(table[["inside_area", "rim_area", "outside_area"]].sum(axis=1), 1)
    np.testing.assert_allclose(seen["inside_enrichment"], seen["inside"] / seen["inside_area"])


@pytest.mark.parametrize(
    ("min_grid", "layer"),
    [(1, "layer4"), (2, "layer3"), (4, "layer2"), (8, "layer1"), (64, "layer1")],
)
def test_auto_takes_the_deepest_block_with_a_grid_fine_enough(min_grid, layer):
    network = build_network(DEEP).eval()
    assert choose_layer(network, GradCamSettings(min_grid=min_grid), 32) == layer


def test_a_layer_named_is_taken_and_one_that_is_missing_refused():
    network = build_network(DEEP).eval()
    assert choose_layer(network, GradCamSettings(layer="layer4.1"), 32) == "layer4.1"
    with pytest.raises(ValueError, match="no layer 'layer7'"):
        choose_layer(network, GradCamSettings(layer="layer7"), 32)


def test_a_missing_network_is_named_with_the_remedy(networks):
    with pytest.raises(ValueError, match=r"'fold_9' is not among .* run the deep_features"):
        FoldNetworks(networks, FOLDS, DEEP).load("fold_9")


def test_the_lesions_a_network_left_out_are_those_of_its_fold(networks):
    source = FoldNetworks(networks, FOLDS, DEEP)
    assert list(source.left_out("fold_1")) == ["SPL1"]
    assert source.left_out("refit").empty
