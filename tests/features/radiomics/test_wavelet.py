import numpy as np
import pytest
import pywt

from spl_kedro.features.radiomics import wavelet


def _whole_image(image):
    height, width = image.shape
    padded = np.pad(image[None], ((0, 1), (0, height % 2), (0, width % 2)), "wrap")
    bands = pywt.swtn(padded, pywt.Wavelet("coif1"), level=1, axes=(2, 1, 0))[0]
    return {
        "wavelet-" + name.replace("a", "L").replace("d", "H"): band[0, :height, :width]
        for name, band in bands.items()
    }


@pytest.mark.parametrize("size", [(60, 70), (61, 70), (60, 71), (61, 71), (9, 64)])
def test_windowed_bands_equal_the_whole_images_bit_for_bit_at_every_border(size):
    image = np.random.default_rng(5).uniform(0, 255, size)
    whole = _whole_image(image)
    height, width = size
    for top in sorted({0, 1, height // 2, height - 7, height - 4}):
        for left in (0, 3, 20, width - 11, width - 5):
            box = (top, min(top + 6, height), left, min(left + 10, width))
            outline = np.ones((box[1] - box[0], box[3] - box[2]), dtype=bool)
            ours = wavelet.wavelet_values_3d(image, box, outline)
            for name, band in whole.items():
                theirs = band[box[0] : box[1], box[2] : box[3]].ravel()
                assert np.array_equal(ours[name], theirs), (name, box)


def test_the_window_is_smaller_than_a_large_image():
    index, offset = wavelet.axis_window(1000, 400, 450)
    assert len(index) < 70
    assert index[offset] == 400


def test_where_rounding_differs_pywavelets_filters_the_slices_itself(monkeypatch):
    values = np.random.default_rng(1).uniform(0, 255, 40)
    compiled = wavelet.slice_bands(values)
    monkeypatch.setattr(wavelet, "_rounds_alike", lambda: False)
    library = wavelet.slice_bands(values)
    np.testing.assert_allclose(compiled[0], library[0], rtol=1e-14)
    np.testing.assert_allclose(compiled[1], library[1], atol=1e-12)
