import pytest
import torch

from spl_kedro.features.deep.augmentation import build_augmentation
from spl_kedro.features.deep.settings import AugmentationSettings

STILL = dict.fromkeys(
    ("horizontal_flip", "rotation", "scale", "shift", "gain", "contrast", "speckle"), 0.0
)


def augment(batch, seed=0, **changes):
    torch.manual_seed(seed)
    return build_augmentation(AugmentationSettings(**{**STILL, **changes}))(batch)


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(1)
    images = torch.rand(6, 2, 16, 16, generator=generator) * 0.5 + 0.25
    images[:, 1] = (images[:, 1] > 0.5).float()
    return images


def test_with_every_limit_at_zero_nothing_changes(batch):
    torch.testing.assert_close(augment(batch), batch)


def test_a_flip_mirrors_columns_and_never_rows(batch):
    torch.testing.assert_close(augment(batch, horizontal_flip=1.0), batch.flip(-1))


def test_images_of_a_batch_are_changed_by_different_amounts(batch):
    same = batch[:1].repeat(6, 1, 1, 1)
    changed = augment(same, rotation=10.0, gain=0.1)
    differences = (changed[1:] - changed[:1]).abs().amax(dim=(1, 2, 3))
    assert (differences > 0.01).all()


def test_the_outline_moves_with_the_image_but_keeps_its_values_under_gain(batch):
    torch.testing.assert_close(
        augment(batch, gain=0.2, contrast=0.3, speckle=0.5)[:, 1], batch[:, 1]
    )
    moved = augment(torch.cat([batch[:, 1:], batch[:, 1:]], dim=1), rotation=15.0, shift=0.1)
    torch.testing.assert_close(moved[:, 0], moved[:, 1])


def test_gain_stays_within_its_limit(batch):
    change = (augment(batch, gain=0.1) - batch)[:, 0]
    assert change.abs().max() <= 0.1 + 1e-6
    assert change.abs().max() > 0.01


def test_black_beyond_the_sector_stays_black_under_speckle(batch):
    batch[:, 0, :4] = 0
    assert augment(batch, speckle=0.5)[:, 0, :4].abs().max() < 1e-5


def test_the_same_seed_gives_the_same_augmentation(batch):
    settings = {"rotation": 10.0, "speckle": 0.3, "shift": 0.05}
    assert torch.equal(augment(batch, seed=3, **settings), augment(batch, seed=3, **settings))
    assert not torch.equal(augment(batch, seed=3, **settings), augment(batch, seed=4, **settings))
