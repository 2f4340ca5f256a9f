"""Maps against pyradiomics' voxel-based extraction, against the engine, and by hand."""

import numpy as np
import pytest

from spl_kedro.features.measurement.stock_maps import stock_maps
from spl_kedro.features.radiomics import UnmeasurableError, measure
from spl_kedro.features.radiomics.maps import map_features, mappable_features
from spl_kedro.features.radiomics.presets import TEXTURE

#: Here a value may be what is left of two that cancel, or of a direction without a pair.
ROUNDED = "original_glcm_Imc2"


def speckle(shape=(26, 30), seed=0):
    """Grey values of few levels, so that kernels have runs, zones and equal neighbours."""
    rng = np.random.default_rng(seed)
    return np.round(rng.rayleigh(12, shape) + 40.0).clip(0, 255)


def lesion(shape=(26, 30), top=0, left=3):
    """A ragged lesion of some forty pixels that touches the image's first row."""
    mask = np.zeros(shape, dtype=bool)
    mask[top : top + 6, left : left + 7] = True
    mask[top + 2, left] = mask[top + 5, left + 6] = mask[top + 3, left + 3] = False
    mask[top + 7, left + 2] = True
    return mask


def names(image_type="original", classes=tuple(TEXTURE)):
    return [f"{image_type}_{kind}_{name}" for kind in classes for name in TEXTURE[kind]]


def assert_alike(ours, theirs, features):
    for name, own, other in zip(features, ours, theirs, strict=True):
        # pyradiomics has no JointAverage where one direction of a kernel has no pair.
        known = np.isfinite(other) if name.endswith("JointAverage") else slice(None)
        loose = 1e-6 if name.endswith(("Imc1", "Imc2")) else 1e-9
        scale = np.nanmax(np.abs(other))
        np.testing.assert_allclose(
            own[known], other[known], rtol=1e-9, atol=loose * max(scale, 1e-3), err_msg=name
        )


@pytest.mark.parametrize(
    ("radius", "masked", "preset"),
    [(1, True, "us2d-1561"), (2, True, "us2d-native"), (2, False, "us2d-1561")],
)
def test_maps_are_those_of_pyradiomics(radius, masked, preset):
    pytest.importorskip("radiomics")
    # Its first order asks for three dimensions.
    classes = tuple(TEXTURE) if preset == "us2d-1561" else tuple(TEXTURE)[1:]
    features = names(classes=classes)
    options = {"radius": radius, "masked": masked, "preset": preset, "spacing": (0.5, 0.25)}
    ours = map_features(speckle(), lesion(), features, **options)
    theirs = stock_maps(speckle(), lesion(), features, **options)
    assert ours.values.shape == (len(features), lesion().sum())
    assert_alike(ours.values, theirs, features)


@pytest.mark.parametrize("masked", [True, False])
def test_maps_of_derived_images_are_those_of_pyradiomics(masked):
    pytest.importorskip("radiomics")
    features = [
        f"{image}_{feature}"
        for image in ("gradient", "wavelet-HLL", "squareroot", *(["lbp-3D-m1"] if masked else []))
        for feature in ("firstorder_Median", "glcm_Contrast", "gldm_DependenceEntropy")
    ]
    mask = lesion(top=9, left=11)
    ours = map_features(speckle(), mask, features, masked=masked)
    assert_alike(ours.values, stock_maps(speckle(), mask, features, masked=masked), features)


def test_where_a_kernel_holds_the_whole_lesion_the_map_is_the_lesions_own_value():
    mask = np.zeros((26, 30), dtype=bool)
    mask[8:13, 9:15] = True
    mask[8, 9] = mask[12, 12] = False
    features = mappable_features("us2d-1561")
    maps = map_features(speckle(), mask, features, radius=6)
    own = measure(speckle(), mask)[-len(features) :]
    # Of images that are flat on one slice the engine keeps pyradiomics' rounding.
    flat = [name.split("_")[0] in {"wavelet-LLH", "wavelet-LHH"} for name in features]
    flat = np.array(flat) | np.array(
        [name.startswith(("wavelet-HLH", "wavelet-HHH")) for name in features]
    )
    expected = np.broadcast_to(own[:, None], maps.values.shape)
    np.testing.assert_allclose(maps.values[~flat], expected[~flat], rtol=1e-7, atol=1e-6)


def test_a_pixel_without_neighbours_in_its_kernel_has_no_cooccurrences_and_a_mean():
    mask = lesion(top=9, left=11)
    mask[16, 13] = False
    mask[20, 25] = True
    maps = map_features(speckle(), mask, ["original_glcm_Contrast", "original_firstorder_Mean"])
    contrast, mean = (maps.picture(name) for name in maps.names)
    assert np.isnan(contrast[20, 25])
    assert mean[20, 25] == speckle()[20, 25]
    assert np.isfinite(contrast[mask]).sum() == mask.sum() - 1
    assert np.isnan(mean[~mask]).all()


def test_a_flat_lesion_has_no_spread_anywhere():
    features = ["original_firstorder_Kurtosis", "original_firstorder_Variance",
                "original_glcm_JointEntropy", "original_glcm_Correlation",
                "original_ngtdm_Coarseness"]  # fmt: skip
    image = np.full((20, 20), 37.3)
    image[0, 0] = 255.0
    mask = np.zeros(image.shape, dtype=bool)
    mask[6:11, 6:14] = True
    maps = map_features(image, mask, features)
    np.testing.assert_array_equal(maps.values, np.repeat([[0], [0], [0], [1], [1e6]], 40, axis=1))


def test_what_lies_outside_counts_only_in_an_unmasked_kernel():
    mask, features = lesion(top=9, left=11), ["original_firstorder_Maximum"]
    image = speckle()
    image[8, 11:18] = 250.0
    inside = map_features(image, mask, features).values[0]
    around = map_features(image, mask, features, masked=False).values[0]
    assert inside.max() < 250
    assert (around[:7] == 250).all()


def test_a_class_asked_for_alone_is_the_same_as_among_others():
    mask, features = lesion(), names()
    whole = map_features(speckle(), mask, features, radius=2)
    for name in (ROUNDED, "original_glszm_ZoneEntropy", "original_glrlm_RunVariance"):
        alone = map_features(speckle(), mask, [name], radius=2)
        np.testing.assert_array_equal(alone.picture(name), whole.picture(name))


def test_a_map_that_there_cannot_be_is_refused():
    for wrong in ("original_shape_Sphericity", "original_glcm_MCC", "nonsense"):
        with pytest.raises(ValueError, match=f"no map of '{wrong}'"):
            map_features(speckle(), lesion(), [wrong])
    with pytest.raises(ValueError, match="1 to 15 pixels, not 16"):
        map_features(speckle(), lesion(), names()[:1], radius=16)
    with pytest.raises(UnmeasurableError, match="empty"):
        map_features(speckle(), np.zeros((26, 30), bool), names()[:1])
