import pickle

import numpy as np
import pytest

from spl_kedro.features.measurement.outlines import (
    PERTURBATIONS,
    PerturbedLesion,
    perturb_outline,
)

from ..radiomics.lesions import ellipse, speckle_lesion

DISC = ellipse(120, 140, (60, 70), (30, 40))


def _dice(a, b):
    return 2 * (a & b).sum() / (a.sum() + b.sum())


@pytest.mark.parametrize("kind", PERTURBATIONS)
def test_perturbed_outlines_differ_about_as_much_as_two_readers(kind):
    moved = perturb_outline(DISC, kind, np.random.default_rng(4))
    assert 0.88 < _dice(DISC, moved) < 1


def test_dilation_grows_and_erosion_shrinks():
    rng = np.random.default_rng(0)
    assert (perturb_outline(DISC, "dilated", rng) & DISC).sum() == DISC.sum()
    eroded = perturb_outline(DISC, "eroded", rng)
    assert eroded.sum() < DISC.sum()
    assert not (eroded & ~DISC).any()


def test_an_outline_that_would_vanish_stays():
    tiny = np.zeros((20, 20), dtype=bool)
    tiny[5:7, 5:7] = True
    assert np.array_equal(perturb_outline(tiny, "eroded", np.random.default_rng(0)), tiny)


def test_the_same_seed_perturbs_alike_in_any_process():
    reader = PerturbedLesion(speckle_lesion, "speckle", "wavering", 7)
    again = pickle.loads(pickle.dumps(reader))
    assert np.array_equal(reader().mask, again().mask)
    other = PerturbedLesion(speckle_lesion, "speckle", "wavering", 8)
    assert not np.array_equal(reader().mask, other().mask)
