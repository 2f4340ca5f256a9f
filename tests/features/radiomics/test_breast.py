"""Equality on real lesions: the 252 BrEaST cases and their reference table."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spl_kedro.features.measurement import (
    ExecutionSettings,
    RadiomicsSettings,
    extract_features,
    lesion_features,
)
from spl_kedro.features.radiomics import feature_names, feature_schema

from .lesions import breast_lesion, relative_difference, stock_values

pytestmark = pytest.mark.breast

# Pixels as bright as the 10th or 90th percentile count in or out by the last bit of the map; and
# Imc2, the root of one minus the exponential of a difference near 0, magnifies that bit.
LAST_BIT = "lbp-3D-m2_firstorder_RobustMeanAbsoluteDeviation"


class ReadCase:
    """Reads a case; a class, so that it can be sent to a process."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name

    def __call__(self):
        return breast_lesion(self.folder, self.name)


def _reference(folder):
    path = Path(
        os.environ.get("BREAST_REFERENCE", folder.parent / "reference" / "breast_radiomics.parquet")
    )
    if not path.is_file():
        pytest.skip("no table of pyradiomics' values of BrEaST (set BREAST_REFERENCE)")
    return pd.read_parquet(path)


def test_all_252_lesions_equal_the_reference_table(breast_dir):
    reference = _reference(breast_dir)
    lesions = {name: ReadCase(breast_dir, name) for name in reference.index}
    result = extract_features(
        lesions,
        RadiomicsSettings(),
        ExecutionSettings(backend="threads", workers=2, progress=False),
    )
    assert result.quarantine.empty
    assert list(result.features.columns) == list(reference.columns)
    # What the last bit decides differs between processors; below it is held to stock here.
    kept = ~feature_schema("us2d-1561")["degenerate"].to_numpy()
    kept &= reference.columns != LAST_BIT
    difference = pd.DataFrame(
        relative_difference(
            result.features.loc[:, kept], reference.loc[result.features.index, kept]
        ),
        columns=reference.columns[kept],
    )
    cancels = difference.columns.str.endswith("_glcm_Imc2")
    assert difference.loc[:, ~cancels].to_numpy().max() < 1e-9
    assert difference.loc[:, cancels].to_numpy().max() < 1e-6


def test_what_the_last_bit_decides_equals_stock_in_this_process(breast_dir, pyradiomics):
    chosen = RadiomicsSettings()
    column = feature_names("us2d-1561").index(LAST_BIT)
    for name in ("case002", "case041"):
        lesion = breast_lesion(breast_dir, name)
        ours, stock = lesion_features(lesion, chosen), stock_values(lesion, chosen)
        assert ours[column] == pytest.approx(stock[column], rel=1e-9)


@pytest.mark.parametrize("name", ["case036", "case049"])
@pytest.mark.parametrize("preset", ["us2d-1561", "us2d-native"])
def test_small_lesions_equal_stock_in_this_process_with_the_degenerate_bands(
    breast_dir, pyradiomics, name, preset
):
    lesion = breast_lesion(breast_dir, name)
    chosen = RadiomicsSettings(preset=preset)
    difference = relative_difference(lesion_features(lesion, chosen), stock_values(lesion, chosen))
    assert difference.max() < 1e-12


def test_noise_bands_are_the_noise_of_pyradiomics_bit_for_bit(breast_dir):
    import pywt

    from spl_kedro.features.radiomics.roi import prepare
    from spl_kedro.features.radiomics.wavelet import wavelet_values_3d

    lesion = breast_lesion(breast_dir, "case049")
    roi = prepare(lesion.image, lesion.mask, (1.0, 1.0))
    height, width = roi.image.shape
    padded = np.pad(roi.image[None], ((0, 1), (0, height % 2), (0, width % 2)), "wrap")
    bands = pywt.swtn(padded, pywt.Wavelet("coif1"), level=1, axes=(2, 1, 0))[0]
    ours = wavelet_values_3d(roi.image, roi.box, roi.outline)
    for name, band in bands.items():
        theirs = band[0, :height, :width][roi.crop][roi.outline]
        letters = name.replace("a", "L").replace("d", "H")
        assert np.array_equal(ours[f"wavelet-{letters}"], theirs), letters
