import numpy as np
import pytest
from scipy import ndimage

from spl_kedro.features.radiomics import filters, lbp, spline
from spl_kedro.features.radiomics.roi import prepare

from .lesions import speckle_image

OFFSETS = np.array([[0.0, 1.0], [-1.0, 0.0], [0.5257311121191336, -0.85065080835204]])


def _roi(box, size=(61, 54)):
    image = np.round(speckle_image(8, *size) / 16) * 16  # many equal neighbours
    mask = np.zeros(size, dtype=bool)
    mask[box[0] : box[1], box[2] : box[3]] = True
    mask[box[0] + 1, box[2] + 1] = False
    return prepare(image, mask, (1.0, 1.0))


@pytest.mark.parametrize("box", [(20, 30, 20, 40), (0, 9, 0, 12), (50, 61, 40, 54)])
def test_samples_equal_scipys_bit_for_bit_where_rounding_agrees_and_nearly_elsewhere(box):
    roi = _roi(box)
    ours, theirs = spline.sample_around(roi, OFFSETS), spline.sample_around_with_scipy(roi, OFFSETS)
    if spline.rounds_alike():
        assert np.array_equal(ours, theirs)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-9)


def test_column_filter_equals_scipys():
    image = speckle_image(2, 80, 33)
    theirs = ndimage.spline_filter1d(image, 3, axis=0, mode="mirror")
    np.testing.assert_allclose(spline.filter_columns(image), theirs, rtol=1e-13, atol=1e-11)


def test_the_library_paths_give_the_same_images_where_rounding_differs(monkeypatch):
    roi = _roi((20, 30, 20, 40))
    compiled, gradient = lbp.lbp_values_3d(roi), filters.gradient_image(roi)
    monkeypatch.setattr(spline, "rounds_alike", lambda: False)
    monkeypatch.setattr(filters, "_rounds_alike", lambda: False)
    library = lbp.lbp_values_3d(roi)
    for name, values in compiled.items():
        np.testing.assert_allclose(values, library[name], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(filters.gradient_image(roi), gradient, rtol=1e-6)


def test_the_pattern_table_is_real_and_grows_with_the_number_of_points():
    table = lbp.pattern_table()
    assert table.shape == (512, 2)
    assert table[0, 0] == 0
    assert table[511, 0] == table[:, 0].max()
