"""A frozen network embeds everybody in one pass and has seen nothing of the study."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from spl_kedro.features.deep import (
    DeepSettings,
    build_network,
    embed,
    embed_frozen,
    frozen_network,
    frozen_record,
    machine,
)
from spl_kedro.features.deep.network import block_sequence
from spl_kedro.features.deep.pooling import depth_blocks, global_mean, pool_batch

FROZEN = DeepSettings(
    architecture="efficientnet_lite0",
    weights="packaged",
    trained_blocks=0,
    pooling="depths",
    image_size=32,
    threads=1,
    device="cpu",
)


@pytest.fixture(scope="module")
def embedded(study):
    crops, cohort, _ = study
    network = frozen_network(crops, cohort, FROZEN)
    return network, embed_frozen(crops, cohort, network, FROZEN)


def test_the_packaged_network_gives_a_mean_for_every_block(study, embedded):
    _, cohort, _ = study
    _, table = embedded
    # Stem, 16 blocks and the last convolution of EfficientNet-Lite0.
    channels = [32, 16, *[24] * 2, *[40] * 2, *[80] * 3, *[112] * 3, *[192] * 4, 320, 1280]
    assert table.shape == (len(cohort), sum(channels))
    assert list(table.index) == sorted(cohort.index)
    assert np.isfinite(table.to_numpy()).all()
    assert table.columns[-1] == f"deep_{sum(channels) - 1:04d}"


def test_labels_and_split_have_no_say_where_the_weights_come_pretrained(study, embedded):
    crops, cohort, _ = study
    network, table = embedded
    other = cohort.assign(label=1 - cohort["label"], cohort="training")
    again = frozen_network(crops, other, FROZEN)
    assert all(torch.equal(a, b) for a, b in zip(
        network.state_dict().values(), again.state_dict().values(), strict=True
    ))  # fmt: skip
    pd.testing.assert_frame_equal(embed_frozen(crops, other, again, FROZEN), table)


def test_the_number_of_threads_does_not_change_a_byte(study, embedded, monkeypatch):
    crops, cohort, _ = study
    network, table = embedded
    monkeypatch.setattr(machine, "free_cores", lambda: 2)
    again = embed_frozen(crops, cohort, network, FROZEN.model_copy(update={"threads": 2}))
    assert again.to_numpy().tobytes() == table.to_numpy().tobytes()


@pytest.mark.parametrize("pooling", ["last", "depths"])
def test_a_lesions_embedding_is_its_own_whoever_comes_with_it(pooling):
    # Faults: threads that read each other's features; a smaller last batch, summed otherwise.
    settings = FROZEN.model_copy(update={"pooling": pooling, "threads": 4})
    pixels = np.random.default_rng(0).integers(0, 256, (150, 2, 32, 32), dtype=np.uint8)
    network = build_network(settings)
    with machine.torch_threads(4):
        together = embed(network, pixels, settings)[0]
        alone = np.concatenate(
            [embed(network, pixels[i : i + 1], settings)[0] for i in (0, 77, 149)]
        )
    assert alone.tobytes() == together[[0, 77, 149]].tobytes()


def test_no_more_threads_are_taken_than_cores_are_free(monkeypatch):
    monkeypatch.setattr(machine.psutil, "cpu_percent", lambda *_, **__: [100.0, 3.0, 96.0, 2.0])
    monkeypatch.setattr(machine.os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    assert machine.free_cores() == 2
    with machine.reproducible(FROZEN.model_copy(update={"threads": 4}), spare_cores=True):
        assert torch.get_num_threads() == 2
    monkeypatch.setattr(machine.psutil, "cpu_percent", lambda *_, **__: [100.0] * 4)
    assert machine.free_cores() == 1


def test_random_weights_get_their_statistics_from_training_images_alone(study):
    crops, cohort, _ = study
    random = DeepSettings(
        architecture="resnet18", weights="none", trained_blocks=0, image_size=32, threads=1
    )
    before = frozen_network(crops, cohort, random).bn1.running_mean
    pixels = crops.pixels.copy()
    unseen = [
        i for i, name in enumerate(crops.lesion_ids) if cohort.loc[name, "cohort"] != "training"
    ]
    pixels[unseen] = 255
    changed = dataclasses.replace(crops, pixels=pixels)
    assert torch.equal(frozen_network(changed, cohort, random).bn1.running_mean, before)
    pixels[:] = 255
    changed = dataclasses.replace(crops, pixels=pixels)
    assert not torch.allclose(frozen_network(changed, cohort, random).bn1.running_mean, before)


@pytest.mark.parametrize(
    ("name", "count", "adds_last"),
    [("resnet18", 9, False), ("densenet121", 12, True), ("vit_b_32", 12, True)],
)
@torch.no_grad()
def test_every_depth_is_pooled_and_the_end_once(name, count, adds_last):
    settings = DeepSettings(architecture=name, image_size=32)
    network = build_network(settings).eval()
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert len(depth_blocks(network)) == count
    embedding, logits = pool_batch(network, images, "depths")
    last, same_logits = pool_batch(network, images, "last")
    torch.testing.assert_close(embedding[:, -last.shape[1] :], last)
    torch.testing.assert_close(logits, same_logits)
    values, widths = images, []
    for block_name, block in block_sequence(network)[:-1]:
        inside = [part for n, part in depth_blocks(network) if n.startswith(f"{block_name}.")]
        for part in inside or [block]:
            values = part(values)
            widths += [global_mean(values)] if isinstance(part, nn.Module) else []
    expected = torch.cat(widths, dim=1)
    torch.testing.assert_close(embedding[:, : expected.shape[1]], expected)
    assert embedding.shape[1] == expected.shape[1] + adds_last * last.shape[1]


def test_an_architecture_without_known_blocks_is_told_to_pool_the_last():
    network = build_network(DeepSettings(architecture="swin_t", image_size=32))
    with pytest.raises(ValueError, match=r"SwinTransformer are not known.*pooling to last"):
        depth_blocks(network)


def test_the_tracker_is_told_where_the_weights_come_from():
    record = frozen_record(FROZEN)
    assert record.params["backbone.licence"] == "Apache-2.0"
    assert len(record.params["backbone.sha256"]) == 64
    assert record.params["pooling"] == "depths"
    assert record.tags["network"] == "frozen"
    assert record.curves == {}
