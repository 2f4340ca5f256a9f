import numpy as np
import pytest
import torch
from torch import nn

from spl_kedro.explainability.gradcam import (
    METHODS,
    EvidenceNetwork,
    find_layer,
    mean_maps,
    saliency_maps,
)


class BrightSpot(nn.Module):
    """One channel passes the image on, the other its negative; the head weighs them."""

    def __init__(self, outputs: int = 2) -> None:
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(3, 2, 3, padding=1, bias=False), nn.ReLU(inplace=True))
        self.head = nn.Linear(2, outputs)
        with torch.no_grad():
            self.block[0].weight.zero_()
            self.block[0].weight[0, 0, 1, 1] = 1.0
            self.block[0].weight[1, 0, 1, 1] = -1.0
            self.head.weight.zero_()
            self.head.weight[-1, 0] = 2.0
            self.head.weight[0, 1] = 1.0
            self.head.bias.zero_()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.block(images).mean(dim=(2, 3)))


@pytest.fixture
def images():
    pixels = torch.zeros(3, 3, 16, 16)
    pixels[:, :, 4, 5] = 5.0
    pixels[:, :, 11, 9] = -3.0
    return pixels * torch.arange(1, 4).reshape(3, 1, 1, 1)


@pytest.mark.parametrize("method", METHODS)
def test_each_class_is_mapped_where_its_evidence_is(images, method):
    network = BrightSpot()
    malignant = saliency_maps(network, "block", images, np.ones(3), method=method)
    benign = saliency_maps(network, "block", images, np.zeros(3), method=method)
    assert malignant.shape == (3, 16, 16)
    for bright, dark in zip(malignant, benign, strict=True):
        assert np.unravel_index(bright.argmax(), bright.shape) == (4, 5)
        if method != "guided":
            assert np.unravel_index(dark.argmax(), dark.shape) == (11, 9)
    assert malignant.min() >= 0


def test_grad_cam_is_the_activation_weighted_by_the_mean_gradient(images):
    found = saliency_maps(BrightSpot(), "block", images, np.ones(3))
    bright, dark = images[:, 0].clamp(min=0).numpy(), (-images[:, 0]).clamp(min=0).numpy()
    expected = np.maximum(2 * bright - 1 * dark, 0) / 256
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_maps_do_not_depend_on_the_batch_nor_change_the_network(images):
    network = BrightSpot()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    one_by_one = saliency_maps(network, "block", images, np.array([1, 0, 1]), batch_size=1)
    together = saliency_maps(network, "block", images, np.array([1, 0, 1]), batch_size=8)
    np.testing.assert_allclose(one_by_one, together, atol=1e-6)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert network.block[1].inplace
    assert network.training


def test_one_logit_is_evidence_for_malignant(images):
    evidence = EvidenceNetwork(BrightSpot(outputs=1))(images)
    np.testing.assert_allclose(evidence[:, 0].detach(), -evidence[:, 1].detach())
    with pytest.raises(ValueError, match="3 outputs"):
        EvidenceNetwork(BrightSpot(outputs=3))(images)


def test_unknown_layers_and_methods_are_named(images):
    with pytest.raises(ValueError, match=r"no layer 'layer9'; it has block, head"):
        find_layer(BrightSpot(), "layer9")
    with pytest.raises(ValueError, match="none of gradcam"):
        saliency_maps(BrightSpot(), "block", images, np.ones(3), method="cam")


def test_networks_count_alike_in_a_mean_map_however_large_their_logits(images):
    first, second = BrightSpot(), BrightSpot()
    with torch.no_grad():
        second.head.weight.mul_(100)
    alone = saliency_maps(first, "block", images, np.ones(3))
    np.testing.assert_array_equal(mean_maps([first], "block", images, np.ones(3)), alone)
    together = mean_maps([first, second], "block", images, np.ones(3))
    np.testing.assert_allclose(together, alone / alone.sum(axis=(1, 2), keepdims=True), rtol=1e-5)


def test_a_network_without_evidence_adds_nothing_to_a_mean_map(images):
    blind = BrightSpot()
    with torch.no_grad():
        blind.head.weight.zero_()
    alone = saliency_maps(BrightSpot(), "block", images, np.ones(3))
    together = mean_maps([BrightSpot(), blind], "block", images, np.ones(3))
    np.testing.assert_allclose(
        together, alone / alone.sum(axis=(1, 2), keepdims=True) / 2, rtol=1e-5
    )
