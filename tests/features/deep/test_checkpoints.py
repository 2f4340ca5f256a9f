"""A stored state is the last whole one, whatever happened while the next was written."""

import os

import pytest
import torch

from spl_kedro.features.deep.checkpoints import CheckpointStore


@pytest.fixture
def store(tmp_path):
    return CheckpointStore(str(tmp_path), "key")


def state(value, size=1000):
    return {"weights": torch.full((size,), float(value)), "epoch": value}


def test_the_last_state_is_kept(store, tmp_path):
    for epoch, size in enumerate([1000, 1000, 5000, 10, 1000]):
        store.save("fold_0", state(epoch, size))
        kept = store.load("fold_0")
        assert kept["epoch"] == epoch
        assert torch.equal(kept["weights"], torch.full((size,), float(epoch)))
    store.clear()
    assert not any(tmp_path.iterdir())


def test_states_of_several_networks_do_not_share_space(store):
    for epoch in range(4):
        for number in range(3):
            store.save(f"fold_{number}", state(10 * number + epoch))
    assert [store.load(f"fold_{number}")["epoch"] for number in range(3)] == [3, 13, 23]


@pytest.mark.parametrize("saved_before", [1, 2, 3])
def test_a_write_cut_short_leaves_the_state_before(store, monkeypatch, saved_before):
    for epoch in range(saved_before):
        store.save("fold_0", state(epoch))

    def cut_short(content, file):
        file.write(b"half of it")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", cut_short)
        with pytest.raises(KeyboardInterrupt):
            store.save("fold_0", state(99))
    assert store.load("fold_0")["epoch"] == saved_before - 1
    store.save("fold_0", state(7))
    assert store.load("fold_0")["epoch"] == 7


def test_a_disk_without_hard_links_will_do(store, monkeypatch):
    def refuse(*_):
        raise OSError("not supported")

    monkeypatch.setattr(os, "link", refuse)
    for epoch in range(3):
        store.save("fold_0", state(epoch))
    assert store.load("fold_0")["epoch"] == 2


def test_two_processes_never_write_over_the_same_space(tmp_path, monkeypatch):
    """Both have seen the same file replaced and could take it as theirs."""
    store, numbers = CheckpointStore(str(tmp_path), "key"), iter([1, 2, 1, 2, 1, 2])
    for epoch in range(4):
        number = next(numbers)
        monkeypatch.setattr(os, "getpid", lambda number=number: number)
        store.save("fold_0", state(epoch))
    (folder,) = tmp_path.iterdir()
    spare = {path.name: path for path in folder.glob("*.spare")}
    assert set(spare) == {"1.spare", "2.spare"}
    spare["2.spare"].unlink()
    os.link(spare["1.spare"], folder / "2.spare")
    monkeypatch.setattr(os, "getpid", lambda: 1)
    before = (folder / "2.spare").read_bytes()
    store.save("fold_0", state(42))
    assert (folder / "2.spare").read_bytes() == before
    assert store.load("fold_0")["epoch"] == 42
