import copy

import numpy as np
import pytest
import torch
import torchvision

from spl_kedro.explainability import sanity
from spl_kedro.explainability.sanity import cascading_randomisation, head_agreement, map_correlation


def spots(n: int, seed: int) -> tuple[torch.Tensor, np.ndarray]:
    """Return noise images with a spot somewhere, wide in one class and narrow in the other."""
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    rows, columns = np.mgrid[:32, :32]
    images = random.normal(scale=0.15, size=(n, 32, 32))
    for image, label in zip(images, labels, strict=True):
        row, column = random.integers(8, 24, size=2)
        spread = 9.0 if label else 2.0
        image += 2 * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / spread)
    pixels = np.repeat(images[:, None], 3, axis=1)
    return torch.tensor(pixels, dtype=torch.float32), labels


@pytest.fixture(scope="module")
def trained():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = torchvision.models.resnet18(num_classes=2)
        optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
        images, labels = spots(64, seed=0)
        for _ in range(10):
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(network(images), torch.tensor(labels))
            loss.backward()
            optimiser.step()
    yield network.eval()
    torch.set_num_threads(threads)


def test_random_weights_destroy_the_map(trained):
    images, labels = spots(12, seed=1)
    steps = cascading_randomisation([trained], "layer2", images, labels)
    assert list(steps["randomised"]) == [
        "none", "head", "layer4", "layer3", "layer2", "layer1", "stem",
    ]  # fmt: skip
    correlation = steps.set_index("randomised")["correlation"]
    assert correlation["none"] == pytest.approx(1)
    assert correlation.iloc[1:].max() < 0.75
    assert abs(correlation["stem"]) < 0.4
    assert (steps["correlation_low"] <= steps["correlation_high"]).all()
    np.testing.assert_allclose(steps["excess"], steps["correlation"] - steps["other_lesion"])
    assert (steps["excess_low"] < steps["excess"]).all()
    assert (steps["excess"] < steps["excess_high"]).all()
    assert steps["excess_low"].iloc[0] > 0


def test_the_same_seed_draws_the_same_random_weights(trained):
    images, labels = spots(4, seed=1)
    first = cascading_randomisation([trained], "layer2", images, labels, seed=3)
    second = cascading_randomisation([trained], "layer2", images, labels, seed=3)
    assert first.equals(second)


def test_heads_that_learned_shuffled_labels_agree_less_in_their_maps(trained):
    images, labels = spots(64, seed=2)
    unseen, truth = spots(16, seed=3)
    random = np.random.default_rng(0)
    labellings = [labels, *(random.permutation(labels) for _ in range(3))]
    heads = head_agreement(trained, "layer2", images, labellings, unseen, truth)
    true, shuffled = heads.iloc[0], heads.iloc[1:]
    assert true["auc"] > 0.9
    assert shuffled["auc"].mean() < true["auc"] - 0.2
    assert shuffled["agreement"].mean() < true["agreement"] - 0.2


def test_networks_that_map_together_are_all_randomised(trained, monkeypatch):
    images, labels = spots(4, seed=1)
    redrawn = []
    redraw = sanity._redraw
    monkeypatch.setattr(sanity, "_redraw", lambda block: (redrawn.append(block), redraw(block)))
    other = copy.deepcopy(trained)
    steps = cascading_randomisation([trained, other], "layer2", images, labels)
    assert len({id(block) for block in redrawn}) == 2 * (len(steps) - 1)
    first, second = redrawn[:2]
    assert not torch.equal(first[-1].weight, second[-1].weight)
    assert torch.equal(trained.fc.weight, other.fc.weight)


def test_a_constant_map_shares_no_structure():
    maps = np.random.default_rng(0).random((2, 5, 5))
    np.testing.assert_allclose(map_correlation(maps, maps), 1)
    np.testing.assert_allclose(map_correlation(maps, -maps), -1)
    np.testing.assert_array_equal(map_correlation(maps, np.zeros_like(maps)), 0)


def test_lesions_without_any_map_cannot_be_tested(trained):
    with pytest.raises(ValueError, match="every map is empty"):
        cascading_randomisation(
            [_without_head(trained)], "layer2", torch.zeros(2, 3, 32, 32), np.ones(2)
        )


def _without_head(network):
    clone = copy.deepcopy(network)
    with torch.no_grad():
        clone.fc.weight.zero_()
    return clone
