import dataclasses
import logging

import numpy as np
import pandas as pd
import pytest
import torch

from spl_kedro.features.deep import crossfit, embed_cohort, train_networks
from spl_kedro.features.deep.checkpoints import CheckpointStore, content_key
from spl_kedro.features.deep.training import NetworkTrainer
from spl_kedro.imaging.crops import LesionCrops


@pytest.fixture(scope="module")
def trained(study, tiny):
    return train_networks(*study, tiny)


def states(networks):
    return {network.name: network.state for network in networks}


def same(first, second) -> bool:
    return all(
        torch.equal(a.state[name], b.state[name])
        for a, b in zip(first, second, strict=True)
        for name in a.state
    )


def change_pixels(crops: LesionCrops, lesion_ids) -> LesionCrops:
    pixels = crops.pixels.copy()
    pixels[[crops.lesion_ids.index(i) for i in lesion_ids]] = 255 - pixels[0]
    return dataclasses.replace(crops, pixels=pixels)


def test_training_twice_gives_the_same_weights(study, tiny, trained):
    assert same(trained, train_networks(*study, tiny))


def test_another_seed_gives_other_weights(study, tiny, trained):
    assert not same(trained, train_networks(*study, tiny.model_copy(update={"seed": 1})))


def test_the_label_of_a_held_out_lesion_cannot_reach_its_own_features(study, tiny, trained):
    crops, cohort, folds = study
    lesion = folds.index[0]
    changed = cohort.copy()
    changed.loc[lesion, "label"] = 1 - changed.loc[lesion, "label"]
    retrained = train_networks(crops, changed, folds, tiny)
    before, _ = embed_cohort(crops, cohort, folds, states(trained), tiny)
    after, published = embed_cohort(crops, changed, folds, states(retrained), tiny)
    pd.testing.assert_series_equal(before.loc[lesion], after.loc[lesion])
    others = folds.index[folds["fold"] != folds.loc[lesion, "fold"]]
    assert not np.allclose(before.loc[others], after.loc[others])
    assert not np.allclose(published.loc[lesion], after.loc[lesion])


def test_validation_images_have_no_part_in_training(study, tiny, trained):
    crops, cohort, folds = study
    unseen = cohort.index[cohort["cohort"] != "training"]
    assert same(trained, train_networks(change_pixels(crops, unseen), cohort, folds, tiny))


def test_the_image_of_a_held_out_lesion_has_no_part_in_its_network(study, tiny, trained):
    """Fault: statistics of batch normalisation from all training images."""
    crops, cohort, folds = study
    held_out = folds.index[folds["fold"] == 0]
    again = train_networks(change_pixels(crops, held_out), cohort, folds, tiny)
    assert same(trained[:1], again[:1])
    assert not same(trained[1:2], again[1:2])


def test_unseen_lesions_are_embedded_by_the_refit_or_by_the_mean_of_the_folds(study, tiny, trained):
    crops, cohort, folds = study
    unseen = cohort.index[cohort["cohort"] != "training"]
    refit_settings = tiny.model_copy(update={"unseen_embedding": "refit"})
    refit, _ = embed_cohort(crops, cohort, folds, states(trained), refit_settings)
    mean_settings = tiny.model_copy(update={"unseen_embedding": "mean"})
    mean, _ = embed_cohort(crops, cohort, folds, states(trained), mean_settings)
    pd.testing.assert_frame_equal(refit.loc[folds.index], mean.loc[folds.index])
    assert not np.allclose(refit.loc[unseen], mean.loc[unseen])


def test_the_embedding_of_a_lesion_does_not_depend_on_who_shares_its_batch(study, tiny, trained):
    crops, cohort, folds = study
    fewer = cohort.index[cohort["cohort"] != "external"]
    everyone, _ = embed_cohort(crops, cohort, folds, states(trained), tiny)
    part, _ = embed_cohort(crops.select(fewer), cohort, folds, states(trained), tiny)
    np.testing.assert_allclose(part, everyone.loc[fewer], rtol=1e-4, atol=1e-4)


class Killed(BaseException):
    """Stands for a kill signal: nothing catches it."""


@pytest.mark.parametrize("die_at", [1, 3])
def test_a_killed_training_goes_on_to_bit_identical_weights(
    study, tiny, trained, tmp_path, monkeypatch, die_at
):
    resumable = tiny.model_copy(update={"checkpoints": str(tmp_path)})
    run_epoch, epochs = NetworkTrainer.run_epoch, []

    def dying(self):
        if len(epochs) == die_at:
            raise Killed
        epochs.append((self.name, self.epoch))
        run_epoch(self)

    monkeypatch.setattr(NetworkTrainer, "run_epoch", dying)
    with pytest.raises(Killed):
        train_networks(*study, resumable)

    def counting(self):
        epochs.append((self.name, self.epoch))
        run_epoch(self)

    monkeypatch.setattr(NetworkTrainer, "run_epoch", counting)
    assert same(trained, train_networks(*study, resumable))
    everything = [(n, e) for n in ("fold_0", "fold_1", "refit") for e in range(tiny.epochs)]
    assert epochs == everything, "an epoch was trained twice or left out"
    assert not any(tmp_path.iterdir()), "checkpoints of a finished training remain"


def test_checkpoints_of_other_data_are_not_used(study, tiny, tmp_path, monkeypatch):
    resumable = tiny.model_copy(update={"checkpoints": str(tmp_path)})
    monkeypatch.setattr(CheckpointStore, "clear", lambda self: None)
    crops, cohort, folds = study
    first = train_networks(crops, cohort, folds, resumable)
    changed = change_pixels(crops, folds.index[:3])
    assert not same(first, train_networks(changed, cohort, folds, resumable))
    assert same(first, train_networks(crops, cohort, folds, resumable))


def test_what_is_done_with_the_networks_afterwards_leaves_their_checkpoints_valid(tiny):
    pixels = np.zeros((2, 2, 32, 32), np.uint8)
    key = content_key(tiny, pixels)
    afterwards = {"unseen_embedding": "refit", "alignment": "none", "components": 3}
    for name, value in (afterwards | {"checkpoints": "elsewhere"}).items():
        assert content_key(tiny.model_copy(update={name: value}), pixels) == key
    for name, value in {"epochs": 3, "learning_rate": 0.5, "weights": "imagenet"}.items():
        assert content_key(tiny.model_copy(update={name: value}), pixels) != key


def test_a_damaged_checkpoint_is_trained_again(study, tiny, trained, tmp_path, monkeypatch):
    resumable = tiny.model_copy(update={"checkpoints": str(tmp_path)})
    with monkeypatch.context() as patch:
        patch.setattr(CheckpointStore, "clear", lambda self: None)
        train_networks(*study, resumable)
    for file in tmp_path.rglob("*.pt"):
        file.write_bytes(file.read_bytes()[:100])
    assert same(trained, train_networks(*study, resumable))


def test_out_of_memory_halves_the_batch_once_and_says_so(study, tiny, monkeypatch, caplog):
    step = NetworkTrainer._step

    def greedy(self, images, labels):
        if len(images) > 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return step(self, images, labels)

    monkeypatch.setattr(NetworkTrainer, "_step", greedy)
    with caplog.at_level(logging.WARNING):
        networks = train_networks(*study, tiny)
    assert [network.batch_size for network in networks] == [4, 4, 4]
    assert "Out of memory at batch size 8" in caplog.text
    assert caplog.text.count("Out of memory") == 1


def test_memory_that_stays_too_small_is_an_error(study, tiny, monkeypatch):
    def hopeless(self, images, labels):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(NetworkTrainer, "_step", hopeless)
    with pytest.raises(torch.OutOfMemoryError):
        train_networks(*study, tiny)


def test_random_weights_on_real_patients_are_warned_about(study, tiny, monkeypatch, caplog):
    crops, cohort, folds = study
    monkeypatch.setattr(crossfit, "train_network", lambda *args: None)
    with caplog.at_level(logging.WARNING):
        train_networks(crops, cohort, folds, tiny)
        assert "random weights" not in caplog.text
        train_networks(crops, cohort.assign(simulated=False), folds, tiny)
    assert "random weights on a cohort of real patients" in caplog.text


def test_frozen_blocks_keep_their_weights_and_the_upper_ones_learn(study, tiny):
    crops, cohort, folds = study
    frozen = tiny.model_copy(update={"trained_blocks": 1, "cached_views": 2})
    torch.set_num_threads(frozen.threads)  # sums of other thread counts differ in the last digits
    known = folds.sort_index()
    pixels = crops.select(known.index).pixels
    common = crossfit.common_start(crops.select(known.index), frozen)
    networks = train_networks(crops, cohort, folds, frozen)
    for fold, network in zip((0, 1, None), networks, strict=True):
        own = pixels[(known["fold"] != fold).to_numpy()]
        start = crossfit.start_without(common, own, frozen).state_dict()
        assert torch.equal(network.state["layer3.0.conv1.weight"], start["layer3.0.conv1.weight"])
        assert torch.equal(network.state["bn1.running_mean"], start["bn1.running_mean"])
        assert not torch.equal(
            network.state["layer4.0.conv1.weight"], start["layer4.0.conv1.weight"]
        )


def test_early_stopping_keeps_the_weights_of_the_lowest_inner_loss(study, tiny):
    crops, cohort, folds = study
    stopping = tiny.model_copy(
        update={"inner_fraction": 0.3, "patience": 1, "epochs": 12, "schedule": "constant"}
    )
    networks = train_networks(crops, cohort, folds, stopping)
    for network in networks:
        losses = network.curves["inner_loss"]
        best = int(np.argmin(losses))
        assert len(losses) in (best + 2, stopping.epochs)
    assert any(len(network.curves["inner_loss"]) < stopping.epochs for network in networks)


def test_a_loss_that_is_no_number_stops_the_training_with_advice(study, tiny, monkeypatch):
    module = "spl_kedro.features.deep.training.cross_entropy"
    monkeypatch.setattr(module, lambda logits, *rest, **options: logits.sum() * float("nan"))
    with pytest.raises(FloatingPointError, match="learning_rate"):
        train_networks(*study, tiny)
