"""Networks of folds: the same each time, kept, and blind to what they outline."""

import numpy as np
import pytest
import torch
from tests.segmentation.conftest import SMALL

from spl_kedro.features.deep import assign_folds
from spl_kedro.segmentation import network_name, train_outline_networks
from spl_kedro.segmentation.network import load_network, network_input, probabilities
from spl_kedro.segmentation.settings import NetworkSettings


@pytest.fixture(scope="module")
def folds(cohort):
    return assign_folds(cohort, 2, SMALL.seed)


@pytest.fixture(scope="module")
def trained(lesions, folds):
    return train_outline_networks(lesions, folds, SMALL)


def equal(one, other):
    return all(torch.equal(one[key], other[key]) for key in one)


def test_there_is_a_network_for_each_prompt_and_fold_and_one_of_all(trained):
    names = {network_name(k, f) for k in ("box", "click") for f in (0, 1, None)}
    assert set(trained) == names


def test_no_patient_is_on_both_sides_of_a_fold(cohort, folds):
    patients = cohort.loc[folds.index, "patient_id"]
    assert folds["fold"].groupby(patients).nunique().eq(1).all()
    assert folds["fold"].nunique() == 2


def test_the_same_seed_trains_the_same_networks_and_another_seed_others(lesions, folds, trained):
    box = SMALL.model_copy(update={"prompt": SMALL.prompt.model_copy(update={"kinds": ("box",)})})
    again = train_outline_networks(lesions, folds, box)
    assert all(equal(again[name], trained[name]) for name in again)
    other = train_outline_networks(lesions, folds, box.model_copy(update={"seed": 8}))
    assert not equal(other["box_refit"], trained["box_refit"])


def test_a_fold_network_does_not_depend_on_the_outlines_it_is_to_draw(lesions, folds, trained):
    # Fault: a network that sees the lesions of its own fold.
    held_out = folds.index[folds["fold"] == 0]

    def blank(load):
        def read():
            lesion = load()
            mask = np.zeros_like(lesion.mask)
            mask[2:30, 3:70] = True
            return type(lesion)(lesion.lesion_id, lesion.image[::-1], mask, lesion.spacing_mm)

        return read

    changed = {n: blank(load) if n in held_out else load for n, load in lesions.items()}
    again = train_outline_networks(changed, folds, SMALL)
    assert equal(again["box_fold_0"], trained["box_fold_0"])
    assert not equal(again["box_fold_1"], trained["box_fold_1"])
    assert not equal(again["box_refit"], trained["box_refit"])


def test_a_finished_network_is_kept_and_an_interrupted_run_goes_on(
    lesions, folds, trained, tmp_path, monkeypatch
):
    kept = SMALL.model_copy(update={"cache": str(tmp_path)})
    from spl_kedro.segmentation import crossfit

    begun, real = [], crossfit.train

    def interrupted(squares, rows, name, *others):
        begun.append(name)
        if len(begun) == 3:
            raise KeyboardInterrupt
        return real(squares, rows, name, *others)

    monkeypatch.setattr(crossfit, "train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train_outline_networks(lesions, folds, kept)
    again = train_outline_networks(lesions, folds, kept)
    assert begun[3:] == [begun[2], "click_fold_0", "click_fold_1", "click_refit"]
    assert all(equal(again[name], trained[name]) for name in trained)


def test_what_the_network_sees_does_not_change_with_gain():
    square = np.random.default_rng(0).integers(20, 100, (1, 2, 32, 32)).astype(np.uint8)
    louder = square.copy()
    louder[:, 0] = 2 * square[:, 0]
    one, other = (network_input(torch.from_numpy(s)) for s in (square, louder))
    torch.testing.assert_close(one, other)


def test_probabilities_are_of_the_squares_size(trained):
    network = load_network(trained["box_refit"], SMALL.network)
    found = probabilities(network, np.zeros((2, 32, 32), dtype=np.uint8))
    assert found.shape == (32, 32)
    assert ((found >= 0) & (found <= 1)).all()


def test_a_side_that_cannot_be_halved_is_refused():
    with pytest.raises(ValueError, match="multiple of 16"):
        NetworkSettings(size=100)
