import numpy as np
import pytest
import torch

from spl_kedro.features.deep import DeepSettings, crop_all, network_input
from spl_kedro.features.deep.backbones import BACKBONES, IMAGENET, Backbone, Normalisation
from spl_kedro.features.deep.preprocessing import to_input
from spl_kedro.imaging.lesion import Lesion

from .conftest import make_lesion


@pytest.fixture
def lesion():
    return make_lesion("SPL0001", 120, np.random.default_rng(0))


def denormalised(tensor, by=IMAGENET):
    mean, sd = (torch.tensor(v).view(1, 3, 1, 1) for v in (by.mean, by.sd))
    return tensor * sd + mean


def test_a_lesion_becomes_three_normalised_channels_of_the_size_asked_for(lesion):
    tensor = network_input(lesion, DeepSettings(image_size=40))
    assert tensor.shape == (1, 3, 40, 40)
    channels = denormalised(tensor)[0]
    torch.testing.assert_close(channels[0], channels[1])
    torch.testing.assert_close(channels[0], channels[2])
    assert channels.min() >= -1e-6
    assert channels.max() <= 1 + 1e-6


def test_the_outline_can_be_the_third_channel_or_black_out_what_lies_outside():
    unit = torch.rand(2, 2, 8, 8)
    unit[:, 1] = 0
    unit[:, 1, 2:5, 2:5] = 1
    channel = denormalised(to_input(unit, DeepSettings(outline="channel")))
    torch.testing.assert_close(channel[:, 2], unit[:, 1])
    background = denormalised(to_input(unit, DeepSettings(outline="background")))
    torch.testing.assert_close(background[:, 0], unit[:, 0] * unit[:, 1])


def test_each_backbone_gets_the_normalisation_of_its_weights(monkeypatch):
    unit = torch.rand(2, 2, 8, 8)
    other = Normalisation((0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
    monkeypatch.setitem(BACKBONES, "resnet18", Backbone("resnet18", other))
    grey = denormalised(to_input(unit, DeepSettings(architecture="resnet18")), other)
    torch.testing.assert_close(grey, unit[:, :1].expand(-1, 3, -1, -1))
    grey = denormalised(to_input(unit, DeepSettings()))
    torch.testing.assert_close(grey, unit[:, :1].expand(-1, 3, -1, -1))


def test_a_lesion_that_cannot_be_cropped_is_reported_and_the_others_stay(lesion):
    empty = Lesion("SPL0002", lesion.image, np.zeros_like(lesion.mask))
    crops, failures = crop_all(
        {"SPL0002": lambda: empty, "SPL0001": lambda: lesion}, DeepSettings(image_size=32)
    )
    assert crops.lesion_ids == ("SPL0001",)
    assert [row["lesion_id"] for row in failures] == ["SPL0002"]
    assert all(failures[0][key] for key in ("stage", "rule", "message", "remedy"))


def test_a_cohort_of_broken_lesions_gives_no_crop_and_no_crash(lesion):
    empty = Lesion("SPL0002", lesion.image, np.zeros_like(lesion.mask))
    crops, failures = crop_all({"SPL0002": lambda: empty}, DeepSettings(image_size=32))
    assert len(crops) == 0
    assert len(failures) == 1
