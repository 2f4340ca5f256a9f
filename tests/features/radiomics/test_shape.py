import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from spl_kedro.features.radiomics.shape import (
    diameters_3d,
    mesh_3d,
    shape_features_2d,
    shape_features_3d,
)

from .lesions import relative_difference


def _boxed(rng, density):
    mask = rng.random(tuple(rng.integers(2, 15, 2))) < density
    mask[0, 0] = mask[-1, -1] = True
    return mask


def _stock(name, mask, spacing):
    from radiomics.shape import RadiomicsShape
    from radiomics.shape2D import RadiomicsShape2D

    nodes = [sitk.GetImageFromArray(a) for a in (np.zeros(mask.shape), mask.astype(np.uint8))]
    for node in nodes:
        node.SetSpacing(spacing[::-1])
    shape_class = RadiomicsShape if name == "shape" else RadiomicsShape2D
    values = shape_class(*nodes).execute()
    return [float(values[key]) for key in sorted(values)]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    density=st.floats(0.05, 1),
    spacing=st.sampled_from([(1.0, 1.0), (0.07, 0.21), (1.9, 0.31)]),
)
def test_any_one_slice_mask_has_the_shape_of_pyradiomics(pyradiomics, seed, density, spacing):
    mask = _boxed(np.random.default_rng(seed), density)
    volume_spacing = (1.0, *spacing)
    ours = shape_features_3d(mask, np.array(volume_spacing))
    assert relative_difference(ours, _stock("shape", mask[None], volume_spacing)).max() < 1e-12
    ours = shape_features_2d(mask, np.array(spacing))
    assert relative_difference(ours, _stock("shape2D", mask, spacing)).max() < 1e-12


def test_a_single_pixel_is_an_octahedron():
    surface, volume = mesh_3d(np.pad(np.ones((1, 1), dtype=bool), 1), np.ones(3))
    assert volume == pytest.approx(1 / 6)
    assert surface == pytest.approx(np.sqrt(3))


def test_the_diameter_of_a_long_bar_is_its_length():
    in_slice, same_row, same_column, overall = diameters_3d(
        np.pad(np.ones((2, 40), dtype=bool), 1), np.ones(3)
    )
    assert same_row == 40
    assert same_column == 2
    assert overall == in_slice == pytest.approx(np.hypot(40, 1))
