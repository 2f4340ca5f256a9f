import numpy as np
import pytest

from spl_kedro.explainability.energy import energy_shares

MASK = np.zeros((40, 40), dtype=bool)
MASK[15:25, 15:25] = True


def test_an_even_map_has_the_shares_of_the_area():
    shares = energy_shares(np.ones((40, 40)), MASK, spacing_mm=(0.5, 0.5), rim_mm=2.0)
    assert shares.inside == pytest.approx(shares.inside_area) == pytest.approx(100 / 1600)
    assert shares.rim == pytest.approx(shares.rim_area)
    assert shares.inside + shares.rim + shares.outside == pytest.approx(1)


def test_the_rim_is_measured_in_millimetres_in_both_directions():
    saliency = np.zeros((40, 40))
    saliency[20, 25 + 3] = 1.0
    near = energy_shares(saliency, MASK, spacing_mm=(0.5, 1.0), rim_mm=5.0)
    assert near.rim == 1
    far = energy_shares(saliency, MASK, spacing_mm=(0.5, 1.3), rim_mm=5.0)
    assert far.outside == 1
    assert near.rim_px == 10


def test_without_spacing_the_rim_follows_the_lesions_size():
    shares = energy_shares(np.ones((40, 40)), MASK, spacing_mm=None, rim_fraction=0.25)
    assert shares.rim_px == pytest.approx(0.25 * 2 * np.sqrt(100 / np.pi))


def test_a_map_inside_the_lesion_is_inside():
    shares = energy_shares(MASK.astype(float), MASK, spacing_mm=(1.0, 1.0))
    assert (shares.inside, shares.rim, shares.outside) == (1, 0, 0)


def test_an_empty_map_has_no_shares_but_areas():
    shares = energy_shares(np.zeros((40, 40)), MASK, spacing_mm=(1.0, 1.0))
    assert np.isnan([shares.inside, shares.rim, shares.outside]).all()
    assert shares.inside_area == pytest.approx(100 / 1600)


def test_unusable_maps_and_masks_are_refused():
    with pytest.raises(ValueError, match="differ in shape"):
        energy_shares(np.ones((3, 3)), MASK, spacing_mm=None)
    with pytest.raises(ValueError, match="mask is empty"):
        energy_shares(np.ones((40, 40)), np.zeros_like(MASK), spacing_mm=None)
    with pytest.raises(ValueError, match="negative or missing"):
        energy_shares(-np.ones((40, 40)), MASK, spacing_mm=None)
