"""Golden values: the digital phantom of the Image Biomarker Standardisation Initiative.

Phantom and consensus values: IBSI reference manual (arXiv:1612.07003, chapters 3 and 5.1). The
engine measures single slices, so texture is held to the manual's "2D, averaged" (matrices per
direction) or "2D" (one matrix per slice) tables: the mean over the phantom's four slices.
First-order features do not depend on slices and are taken over the whole phantom.
"""

import csv
import re

import numpy as np
import pytest
from pydicom.sr._concepts_dict import concepts
from tests.projects import ROOT

from spl_kedro.features.radiomics import feature_names, feature_schema
from spl_kedro.features.radiomics.first_order import first_order_features
from spl_kedro.features.radiomics.ibsi import ABSENT, CODES, DEPARTURES
from spl_kedro.features.radiomics.roi import prepare
from spl_kedro.features.radiomics.texture import texture_features
from spl_kedro.features.radiomics.texture_matrices import lines_with_two_pixels

# Slices from top to bottom; 0 lies outside the region of interest.
PHANTOM = np.array(
    [
        [[1, 4, 4, 1, 1], [1, 4, 6, 1, 1], [4, 1, 6, 4, 1], [4, 4, 6, 4, 1]],
        [[1, 4, 4, 1, 1], [1, 1, 6, 1, 1], [0, 1, 3, 1, 1], [4, 4, 6, 1, 1]],
        [[1, 4, 4, 0, 0], [1, 1, 1, 1, 1], [1, 1, 0, 1, 1], [1, 1, 6, 1, 1]],
        [[1, 4, 4, 0, 0], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 6, 1, 1]],
    ],
    dtype=float,
)

FIRST_ORDER = {
    "Mean": "2.15", "Variance": "3.05", "Skewness": "1.08", "Median": "1", "Minimum": "1",
    "10Percentile": "1", "90Percentile": "4", "Maximum": "6", "InterquartileRange": "3",
    "Range": "5", "MeanAbsoluteDeviation": "1.55", "RobustMeanAbsoluteDeviation": "1.11",
    "Energy": "567", "RootMeanSquared": "2.77", "Entropy": "1.27", "Uniformity": "0.512",
}  # fmt: skip
EXCESS_KURTOSIS = "-0.355"

TEXTURE = {
    "glcm": {
        "MaximumProbability": "0.519", "JointAverage": "2.14", "SumSquares": "2.69",
        "JointEntropy": "2.05", "DifferenceAverage": "1.42", "DifferenceVariance": "2.90",
        "DifferenceEntropy": "1.40", "SumEntropy": "1.60", "JointEnergy": "0.368",
        "Contrast": "5.28", "Id": "0.678", "Idn": "0.851", "Idm": "0.619", "Idmn": "0.899",
        "InverseVariance": "0.0567", "Correlation": "-0.0121", "Autocorrelation": "5.09",
        "ClusterTendency": "5.47", "ClusterShade": "7.00", "ClusterProminence": "79.1",
        "Imc1": "-0.155", "Imc2": "0.487",
    },
    "glrlm": {
        "ShortRunEmphasis": "0.641", "LongRunEmphasis": "3.78",
        "LowGrayLevelRunEmphasis": "0.604", "HighGrayLevelRunEmphasis": "9.82",
        "ShortRunLowGrayLevelEmphasis": "0.294", "ShortRunHighGrayLevelEmphasis": "8.57",
        "LongRunLowGrayLevelEmphasis": "3.14", "LongRunHighGrayLevelEmphasis": "17.4",
        "GrayLevelNonUniformity": "5.20", "GrayLevelNonUniformityNormalized": "0.460",
        "RunLengthNonUniformity": "6.12", "RunLengthNonUniformityNormalized": "0.492",
        "RunPercentage": "0.627", "GrayLevelVariance": "3.35", "RunVariance": "0.761",
        "RunEntropy": "2.17",
    },
    "glszm": {
        "SmallAreaEmphasis": "0.363", "LargeAreaEmphasis": "43.9",
        "LowGrayLevelZoneEmphasis": "0.371", "HighGrayLevelZoneEmphasis": "16.4",
        "SmallAreaLowGrayLevelEmphasis": "0.0259", "SmallAreaHighGrayLevelEmphasis": "10.3",
        "LargeAreaLowGrayLevelEmphasis": "40.4", "LargeAreaHighGrayLevelEmphasis": "113",
        "GrayLevelNonUniformity": "1.41", "GrayLevelNonUniformityNormalized": "0.323",
        "SizeZoneNonUniformity": "1.49", "SizeZoneNonUniformityNormalized": "0.333",
        "ZonePercentage": "0.240", "GrayLevelVariance": "3.97", "ZoneVariance": "21.0",
        "ZoneEntropy": "1.93",
    },
    "gldm": {
        "SmallDependenceEmphasis": "0.158", "LargeDependenceEmphasis": "19.2",
        "LowGrayLevelEmphasis": "0.702", "HighGrayLevelEmphasis": "7.49",
        "SmallDependenceLowGrayLevelEmphasis": "0.0473",
        "SmallDependenceHighGrayLevelEmphasis": "3.06",
        "LargeDependenceLowGrayLevelEmphasis": "17.6",
        "LargeDependenceHighGrayLevelEmphasis": "49.5",
        "GrayLevelNonUniformity": "10.2", "DependenceNonUniformity": "3.96",
        "DependenceNonUniformityNormalized": "0.212", "GrayLevelVariance": "2.70",
        "DependenceVariance": "2.73", "DependenceEntropy": "2.71",
    },
    "ngtdm": {
        "Coarseness": "0.121", "Contrast": "0.925", "Busyness": "2.99", "Complexity": "10.4",
        "Strength": "2.88",
    },
}  # fmt: skip
NAMES = [name for name in feature_names("us2d-native") if name.startswith("original_")]


def _rounds_to(value, published):
    """Whether a value is the published one within half a unit of its last digit."""
    digits = len(published.partition(".")[2])
    return abs(value - float(published)) <= 0.5 * 10.0**-digits * (1 + 1e-9)


def _mean_over_slices():
    rows = []
    for image in PHANTOM:
        roi = prepare(image, image > 0, (1.0, 1.0))
        values = roi.image[roi.crop][roi.outline]
        runs = lines_with_two_pixels(roi.outline)
        rows.append(texture_features({"original": values}, roi, runs, 1.0, 1.0)[0])
    names = [name.removeprefix("original_") for name in NAMES if "shape" not in name]
    return dict(zip(names, np.mean(rows, axis=0), strict=True))


def _first_order():
    values = PHANTOM[PHANTOM > 0]
    pixels = np.unique(values, return_counts=True)[1]
    levels = np.array([0]), np.array([len(pixels)])
    measured = first_order_features(values[None], np.sort(values)[None], pixels, *levels, 1.0)[0]
    names = [name for name in NAMES if "firstorder" in name]
    return {name.split("_")[-1]: v for name, v in zip(names, measured, strict=True)}


@pytest.mark.parametrize("feature", FIRST_ORDER)
def test_first_order_features_of_the_phantom_are_those_of_the_standard(feature):
    assert _rounds_to(_first_order()[feature], FIRST_ORDER[feature])


def test_kurtosis_is_the_excess_kurtosis_of_the_standard_plus_three():
    assert _rounds_to(_first_order()["Kurtosis"] - 3, EXCESS_KURTOSIS)


@pytest.mark.parametrize("group", TEXTURE)
def test_texture_features_of_the_phantom_are_those_of_the_standard(group):
    measured = _mean_over_slices()
    wrong = {
        name: (measured[f"{group}_{name}"], published)
        for name, published in TEXTURE[group].items()
        if not _rounds_to(measured[f"{group}_{name}"], published)
    }
    assert not wrong


def test_every_texture_feature_has_a_published_value():
    ours = {name.removeprefix("original_") for name in NAMES if "shape" not in name}
    texture = {name for name in ours if not name.startswith("firstorder")}
    assert texture == {f"{group}_{name}" for group, names in TEXTURE.items() for name in names}


# Value and tolerance of the whole phantom, voxels of 2 mm (chapter 3, morphological features).
SHAPE = {
    "MeshVolume": (556, 4), "VoxelVolume": (592, 4), "SurfaceArea": (388, 3),
    "SurfaceVolumeRatio": (0.698, 0.004), "Sphericity": (0.843, 0.005),
    "Maximum3DDiameter": (13.1, 0.1), "Elongation": (0.816, 0.005), "Flatness": (0.749, 0.005),
    "MajorAxisLength": (11.4, 0.1), "MinorAxisLength": (9.31, 0.06),
    "LeastAxisLength": (8.54, 0.05),
}  # fmt: skip


def test_shapes_of_the_phantom_are_the_standards_but_for_the_divisor_of_the_axes(pyradiomics):
    # Of volumes, which the engine does not measure: its shapes of a slice are held to pyradiomics.
    import SimpleITK as sitk
    from radiomics.shape import RadiomicsShape

    volume, inside = (sitk.GetImageFromArray(a) for a in (PHANTOM, (PHANTOM > 0).astype(np.uint8)))
    for image in (volume, inside):
        image.SetSpacing((2.0, 2.0, 2.0))
    shape = RadiomicsShape(volume, inside)
    shape.enableAllFeatures()
    measured = {name: float(value) for name, value in shape.execute().items()}
    count = int((PHANTOM > 0).sum())
    for name in DEPARTURES["shape"]:
        assert not _rounds_to(measured[name], str(SHAPE[name][0]))
        measured[name] *= np.sqrt(count / (count - 1))
        assert _rounds_to(measured[name], str(SHAPE[name][0]))
    assert set(SHAPE) == set(CODES["shape"])
    for name, (published, tolerance) in SHAPE.items():
        assert abs(measured[name] - published) <= tolerance, name


@pytest.mark.parametrize("preset", ["us2d-1561", "us2d-native"])
def test_every_feature_has_the_standards_code_or_a_reason_why_not(preset):
    schema = feature_schema(preset)
    without = schema[schema["ibsi"] == ""]
    assert without["ibsi_departure"].str.startswith("not in the standard").all()
    named = schema[schema["ibsi"] != ""]
    assert named["ibsi"].str.fullmatch("[0-9A-Z]{4}").all()
    assert not named["ibsi_departure"].str.startswith("not in the standard").any()
    original = named[named["image_type"] == "original"]
    assert original["ibsi"].is_unique
    # What the phantom's values are equal for departs in nothing, and the reverse.
    plain = {
        name.removeprefix("original_") for name in original.index[original["ibsi_departure"] == ""]
    }
    equal = {f"firstorder_{name}" for name in FIRST_ORDER}
    equal |= {f"{group}_{name}" for group, names in TEXTURE.items() for name in names}
    assert plain == equal


def test_codes_are_those_of_dicoms_register_and_of_the_benchmarks_names():
    # DICOM has codes of its own for mean, variance and the like.
    register = {code for known in concepts["IBSI"].values() for code in known}
    ours = {
        f"{group}_{name}": code for group, names in CODES.items() for name, code in names.items()
    }
    statistics = {f"firstorder_{name}" for name in CODES["firstorder"]}
    statistics -= {"firstorder_Entropy", "firstorder_Uniformity"}
    assert {name for name, code in ours.items() if code not in register} == statistics
    with (ROOT / "benchmarks/peers_names.csv").open() as file:
        theirs = {row["ours"]: row["ibsi"] for row in csv.DictReader(file)}
    other = {name for name in ours if ours[name] != theirs[name]}
    assert set(theirs) == set(ours)
    assert other == {"glszm_SmallAreaEmphasis"}  # P001 to one of the tools


def test_the_page_lists_every_code_and_every_departure():
    page = (ROOT / "docs/ibsi.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| ([0-9A-Z]{4}) \|", page, re.MULTILINE)
    assert dict(rows) == {
        f"{group}_{name}": code for group, names in CODES.items() for name, code in names.items()
    }
    for group, names in [*DEPARTURES.items(), *ABSENT.items()]:
        for name in names:
            assert f"{group}_{name}" in page
    assert f"{len(rows)} of 105" in page
