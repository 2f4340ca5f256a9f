"""Which pixels make a ring."""

from dataclasses import replace

import numpy as np
import pytest
from tests.features.rings.conftest import make_lesion

from spl_kedro.features.rings import RingDistances, rings_of
from spl_kedro.imaging import Lesion

MM = RingDistances("mm", ((0.0, 2.0), (2.0, 5.0)))


def by_hand(lesion, inner, outer, size):
    """The pixels of a ring, by the distance to every pixel of the lesion."""
    inside = np.argwhere(lesion.mask) * size
    found = np.zeros_like(lesion.mask)
    for place in np.argwhere(~lesion.mask):
        nearest = np.sqrt((((place * size) - inside) ** 2).sum(axis=1).min())
        found[tuple(place)] = inner < nearest <= outer + 1e-9
    return found


@pytest.mark.parametrize("size", [(0.5, 0.5), (0.25, 0.75), (1.0, 0.4)])
def test_a_ring_is_all_that_lies_between_two_distances_by_the_pixels_own_sides(size):
    # Fault: distances in pixels, where a pixel is not square.
    lesion = make_lesion(shape=(60, 64), centre=(30, 32), radius=7, spacing=size)
    for ring, (inner, outer) in zip(rings_of(lesion, MM), MM.pairs, strict=True):
        expected = by_hand(lesion, inner, outer, np.array(size))
        np.testing.assert_array_equal(ring.mask, expected)
        assert ring.pixels == expected.sum() > 0


def test_rings_side_by_side_share_no_pixel_and_none_with_the_lesion(lesion):
    first, second = rings_of(lesion, MM)
    assert not (first.mask & second.mask).any()
    assert not ((first.mask | second.mask) & lesion.mask).any()
    whole = rings_of(lesion, RingDistances("mm", ((0.0, 5.0),)))[0].mask
    np.testing.assert_array_equal(first.mask | second.mask, whole)


@pytest.mark.parametrize("centre", [(2, 3), (40, 88), (79, 45)])
def test_a_ring_that_leaves_the_image_is_cut_there_and_its_share_in_view_is_known(centre):
    cut = make_lesion(centre=centre)
    rings = rings_of(cut, MM)
    padded = Lesion(
        "P", np.pad(cut.image, 60, constant_values=50), np.pad(cut.mask, 60), cut.spacing_mm
    )
    for ring, whole in zip(rings, rings_of(padded, MM), strict=True):
        np.testing.assert_array_equal(ring.mask, whole.mask[60:-60, 60:-60])
        assert whole.in_view == 1
        assert ring.in_view == pytest.approx(ring.pixels / whole.pixels)
        assert 0.1 < ring.in_view < 1


def test_what_was_not_scanned_is_in_no_ring_and_a_dark_cyst_is(lesion):
    image = lesion.image.copy()
    image[:, :40] = 0  # hangs together with the image's border
    image[36:44, 60:64] = 0  # does not
    first, second = rings_of(replace(lesion, image=image), MM)
    uncut = rings_of(lesion, MM)
    assert not (first.mask | second.mask)[:, :40].any()
    assert second.mask[40, 62]
    for ring, whole in zip((first, second), uncut, strict=True):
        assert ring.in_view == pytest.approx(whole.mask[:, 40:].sum() / whole.pixels)


def test_a_ring_wholly_outside_of_the_sector_has_no_pixel(lesion):
    away = rings_of(lesion, RingDistances("mm", ((0.0, 7.0),)))[0].mask | lesion.mask
    blind = replace(lesion, image=np.where(lesion.mask, lesion.image, 0))
    for ring in rings_of(blind, MM):
        assert ring.pixels == 0
        assert ring.in_view == 0
    # As far as the sector reaches, all is in view.
    sector = replace(lesion, image=np.where(away, lesion.image, 0))
    assert [ring.in_view for ring in rings_of(sector, MM)] == [1, 1]


def test_another_lesion_in_the_image_is_in_no_ring(lesion):
    other = make_lesion(centre=(40, 66), radius=6).mask
    alone, beside = rings_of(lesion, MM), rings_of(lesion, MM, [other])
    assert (alone[1].mask & other).any()
    for before, after in zip(alone, beside, strict=True):
        np.testing.assert_array_equal(after.mask, before.mask & ~other)
        assert after.in_view <= before.in_view


def test_a_lesion_in_two_parts_has_a_ring_around_both():
    parts = [make_lesion(centre=(40, 30), radius=6), make_lesion(centre=(40, 60), radius=6)]
    both = replace(parts[0], mask=parts[0].mask | parts[1].mask)
    near = RingDistances("mm", ((0.0, 2.0),))
    (ring,) = rings_of(both, near)
    own = [rings_of(part, near)[0].mask for part in parts]
    np.testing.assert_array_equal(ring.mask, own[0] | own[1])


def test_shares_of_the_diameter_grow_with_the_lesion_and_not_with_the_pixel():
    share = RingDistances("diameter", ((0.0, 0.25),))
    for radius in (6, 12):
        lesion = make_lesion(radius=radius)
        (ring,) = rings_of(lesion, share)
        (unknown,) = rings_of(replace(lesion, spacing_mm=None), share)
        np.testing.assert_array_equal(ring.mask, unknown.mask)
        farthest = np.sqrt(4 * lesion.mask.sum() / np.pi) * 0.25
        np.testing.assert_array_equal(ring.mask, by_hand(lesion, 0, farthest, np.ones(2)))


def test_pixels_are_counted_where_the_pixel_size_is_unknown():
    lesion = make_lesion(spacing=None)
    (ring,) = rings_of(lesion, RingDistances("pixels", ((0.0, 3.0),)))
    np.testing.assert_array_equal(ring.mask, by_hand(lesion, 0, 3, np.ones(2)))


def test_millimetres_without_a_pixel_size_give_no_ring():
    assert rings_of(make_lesion(spacing=None), MM) is None


def test_a_tiny_lesion_has_a_ring_in_millimetres_and_hardly_one_by_its_diameter():
    tiny = make_lesion(radius=1)
    assert rings_of(tiny, MM)[0].pixels > 30
    (ring,) = rings_of(tiny, RingDistances("diameter", ((0.0, 0.25),)))
    assert ring.pixels == 0


def test_a_ring_far_wider_than_the_image_ends_with_it(lesion):
    (ring,) = rings_of(
        replace(lesion, spacing_mm=(0.01, 0.01)), RingDistances("mm", ((0.0, 50.0),))
    )
    np.testing.assert_array_equal(ring.mask, ~lesion.mask)
    assert ring.in_view < 0.5
