"""ResNet-50 from a file in the layout of ImageNet's: frozen, fine-tuned, killed and resumed.

The values are random, so that no file need be had; names, shapes and the 1000 classes are those
of torchvision's own.
"""

import os
import pickle
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch
import torchvision

from spl_kedro.features.deep import (
    FROZEN,
    DeepSettings,
    assign_folds,
    crop_all,
    embed_cohort,
    train_networks,
)
from spl_kedro.features.deep.training import NetworkTrainer
from spl_kedro.pipelines.deep_features import nodes

from .conftest import make_cohort

# Trains until the second network has its first epoch behind it, and is killed as by the system.
KILLED = """
import os, pickle, signal, sys
from spl_kedro.features.deep import train_networks
from spl_kedro.features.deep.training import NetworkTrainer

run_epoch = NetworkTrainer.run_epoch

def dying(self):
    if (self.name, self.epoch) == ("fold_1", 1):
        os.kill(os.getpid(), signal.SIGKILL)
    run_epoch(self)

NetworkTrainer.run_epoch = dying
with open(sys.argv[1], "rb") as file:
    study, settings = pickle.load(file)
train_networks(*study, settings)
"""


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A state dict as torchvision's resnet50 has it for ImageNet's 1000 classes."""
    torch.manual_seed(0)
    state = torchvision.models.resnet50(weights=None).state_dict()
    assert state["fc.weight"].shape == (1000, 2048)
    path = tmp_path_factory.mktemp("weights") / "resnet50-local.pth"
    torch.save(state, path)
    return path


def settings_of(weights, **chosen) -> DeepSettings:
    return DeepSettings(
        architecture="resnet50",
        weights=str(weights),
        image_size=32,
        components=4,
        threads=1,
        device="cpu",
        **chosen,
    )


@pytest.fixture(scope="module")
def lesions_and_cohort():
    return make_cohort(training=12, others=2)


@pytest.mark.parametrize(("pooling", "width"), [("last", 2048), ("depths", 15168)])
def test_frozen_it_embeds_every_lesion(weights, lesions_and_cohort, pooling, width):
    lesions, cohort = lesions_and_cohort
    settings = settings_of(weights, trained_blocks=0, pooling=pooling)
    crops, left_out = nodes.crop_lesions(lesions, cohort, settings)
    folds = nodes.assign_deep_folds(cohort, settings)
    networks, trained = nodes.train_deep_networks(crops, cohort, folds, settings)
    assert left_out.empty
    assert trained == []
    kept = torch.load(weights, weights_only=True)
    assert torch.equal(networks[FROZEN]["layer4.2.conv3.weight"], kept["layer4.2.conv3.weight"])
    assert torch.equal(networks[FROZEN]["bn1.running_var"], kept["bn1.running_var"])
    embeddings, same = nodes.embed_lesions(crops, cohort, folds, networks, settings)
    assert embeddings is same
    assert embeddings.shape == (len(cohort), width)
    assert np.isfinite(embeddings.to_numpy()).all()
    features, _ = nodes.reduce_to_dtl(embeddings, same, cohort, settings)
    assert features.shape == (len(cohort), 4)
    assert np.isfinite(features.to_numpy()).all()
    (record,) = nodes.record_deep_networks([], crops, cohort, folds, settings)
    assert record.params["backbone.weights"] == weights.name


@pytest.fixture(scope="module")
def tuned(weights):
    """Settings of fine-tuning, what is trained on, and the networks of an uninterrupted run."""
    settings = settings_of(
        weights, trained_blocks=1, epochs=2, batch_size=8, folds=2, cached_views=1
    )
    lesions, cohort = make_cohort(training=12, others=2)
    crops, _ = crop_all(lesions, settings)
    study = crops, cohort, assign_folds(cohort, settings.folds, settings.seed)
    return settings, study, train_networks(*study, settings)


def test_fine_tuned_it_changes_its_last_block_alone(weights, tuned):
    settings, (crops, cohort, folds), networks = tuned
    kept = torch.load(weights, weights_only=True)
    assert [network.name for network in networks] == ["fold_0", "fold_1", "refit"]
    for network in networks:
        assert torch.equal(network.state["layer3.5.conv3.weight"], kept["layer3.5.conv3.weight"])
        assert not torch.equal(
            network.state["layer4.0.conv1.weight"], kept["layer4.0.conv1.weight"]
        )
        assert network.state["fc.weight"].shape == (2, 2048)
    states = {network.name: network.state for network in networks}
    for table in embed_cohort(crops, cohort, folds, states, settings):
        assert table.shape == (len(cohort), 2048)
        assert np.isfinite(table.to_numpy()).all()


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL on Windows")
def test_killed_it_goes_on_to_the_same_bytes(tuned, tmp_path, monkeypatch):
    settings, study, uninterrupted = tuned
    resumable = settings.model_copy(update={"checkpoints": str(tmp_path / "checkpoints")})
    (tmp_path / "study.pkl").write_bytes(pickle.dumps((study, resumable)))
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "study.pkl")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    stored = {path.name for path in (tmp_path / "checkpoints").glob("*/fold_*.pt")}
    assert stored == {"fold_0-batch6-finished.pt", "fold_1-batch6.pt"}
    run_epoch, trained = NetworkTrainer.run_epoch, []

    def counting(self):
        trained.append((self.name, self.epoch))
        run_epoch(self)

    monkeypatch.setattr(NetworkTrainer, "run_epoch", counting)
    resumed = train_networks(*study, resumable)
    assert trained == [("fold_1", 1), ("refit", 0), ("refit", 1)]
    for before, after in zip(uninterrupted, resumed, strict=True):
        assert before.state.keys() == after.state.keys()
        for name, tensor in before.state.items():
            assert tensor.numpy().tobytes() == after.state[name].numpy().tobytes(), name
    assert not any((tmp_path / "checkpoints").iterdir())
