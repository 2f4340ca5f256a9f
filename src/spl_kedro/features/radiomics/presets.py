"""The two feature sets, as names known beforehand.

pyradiomics drops image types without an error when something is missing. The names are
therefore written down here, and :func:`require_dependencies` checks what the filters need.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import pandas as pd

from spl_kedro.features.radiomics.ibsi import ibsi_code, ibsi_departure

PresetName = Literal["us2d-1561", "us2d-native"]

SHAPE_3D = [
    "Elongation",
    "Flatness",
    "LeastAxisLength",
    "MajorAxisLength",
    "Maximum2DDiameterColumn",
    "Maximum2DDiameterRow",
    "Maximum2DDiameterSlice",
    "Maximum3DDiameter",
    "MeshVolume",
    "MinorAxisLength",
    "Sphericity",
    "SurfaceArea",
    "SurfaceVolumeRatio",
    "VoxelVolume",
]
SHAPE_2D = [
    "Elongation",
    "MajorAxisLength",
    "MaximumDiameter",
    "MeshSurface",
    "MinorAxisLength",
    "Perimeter",
    "PerimeterSurfaceRatio",
    "PixelSurface",
    "Sphericity",
]
FIRST_ORDER = [
    "10Percentile",
    "90Percentile",
    "Energy",
    "Entropy",
    "InterquartileRange",
    "Kurtosis",
    "Maximum",
    "MeanAbsoluteDeviation",
    "Mean",
    "Median",
    "Minimum",
    "Range",
    "RobustMeanAbsoluteDeviation",
    "RootMeanSquared",
    "Skewness",
    "TotalEnergy",
    "Uniformity",
    "Variance",
]
# All but SumAverage and MCC, in the order of the recipe's parameter file.
GLCM = [
    "Autocorrelation",
    "JointAverage",
    "ClusterProminence",
    "ClusterShade",
    "ClusterTendency",
    "Contrast",
    "Correlation",
    "DifferenceAverage",
    "DifferenceEntropy",
    "DifferenceVariance",
    "JointEnergy",
    "JointEntropy",
    "Imc1",
    "Imc2",
    "Idm",
    "Idmn",
    "Id",
    "Idn",
    "InverseVariance",
    "MaximumProbability",
    "SumEntropy",
    "SumSquares",
]
GLRLM = [
    "GrayLevelNonUniformity",
    "GrayLevelNonUniformityNormalized",
    "GrayLevelVariance",
    "HighGrayLevelRunEmphasis",
    "LongRunEmphasis",
    "LongRunHighGrayLevelEmphasis",
    "LongRunLowGrayLevelEmphasis",
    "LowGrayLevelRunEmphasis",
    "RunEntropy",
    "RunLengthNonUniformity",
    "RunLengthNonUniformityNormalized",
    "RunPercentage",
    "RunVariance",
    "ShortRunEmphasis",
    "ShortRunHighGrayLevelEmphasis",
    "ShortRunLowGrayLevelEmphasis",
]
GLSZM = [
    "GrayLevelNonUniformity",
    "GrayLevelNonUniformityNormalized",
    "GrayLevelVariance",
    "HighGrayLevelZoneEmphasis",
    "LargeAreaEmphasis",
    "LargeAreaHighGrayLevelEmphasis",
    "LargeAreaLowGrayLevelEmphasis",
    "LowGrayLevelZoneEmphasis",
    "SizeZoneNonUniformity",
    "SizeZoneNonUniformityNormalized",
    "SmallAreaEmphasis",
    "SmallAreaHighGrayLevelEmphasis",
    "SmallAreaLowGrayLevelEmphasis",
    "ZoneEntropy",
    "ZonePercentage",
    "ZoneVariance",
]
GLDM = [
    "DependenceEntropy",
    "DependenceNonUniformity",
    "DependenceNonUniformityNormalized",
    "DependenceVariance",
    "GrayLevelNonUniformity",
    "GrayLevelVariance",
    "HighGrayLevelEmphasis",
    "LargeDependenceEmphasis",
    "LargeDependenceHighGrayLevelEmphasis",
    "LargeDependenceLowGrayLevelEmphasis",
    "LowGrayLevelEmphasis",
    "SmallDependenceEmphasis",
    "SmallDependenceHighGrayLevelEmphasis",
    "SmallDependenceLowGrayLevelEmphasis",
]
NGTDM = ["Busyness", "Coarseness", "Complexity", "Contrast", "Strength"]
TEXTURE = {
    "firstorder": FIRST_ORDER,
    "glcm": GLCM,
    "glrlm": GLRLM,
    "glszm": GLSZM,
    "gldm": GLDM,
    "ngtdm": NGTDM,
}
# Rounding noise on a single slice: the high-pass along the slice axis of two equal slices.
DEGENERATE_BANDS = ("wavelet-LLH", "wavelet-LHH", "wavelet-HLH", "wavelet-HHH")
# Always 0: a single slice is flat.
DEGENERATE_SHAPE = ("original_shape_Flatness", "original_shape_LeastAxisLength")


@dataclass(frozen=True)
class Preset:
    """A feature set.

    Attributes
    ----------
    name : str
    volume : bool
        Whether the slice is measured as a (1, H, W) volume.
    image_types : tuple of str
        Derived images in the order of the columns.
    shape_class : str
        ``shape`` or ``shape2D``.
    shape_names : tuple of str
    sigmas : tuple of float
        Laplacian of Gaussian widths; empty where not used.
    class_counts : dict of str to int
        Features per class, as published.
    """

    name: str
    volume: bool
    image_types: tuple[str, ...]
    shape_class: str
    shape_names: tuple[str, ...]
    sigmas: tuple[float, ...]
    class_counts: dict[str, int]


_SCALED = ("square", "squareroot", "logarithm", "exponential", "gradient")
PRESETS: dict[str, Preset] = {
    "us2d-1561": Preset(
        "us2d-1561",
        True,
        (
            "original",
            *(f"wavelet-{b}" for b in ("LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH", "LLL")),
            *_SCALED,
            "lbp-3D-m1",
            "lbp-3D-m2",
            "lbp-3D-k",
        ),
        "shape",
        tuple(SHAPE_3D),
        (),
        {
            "firstorder": 306,
            "glcm": 374,
            "glrlm": 272,
            "glszm": 272,
            "gldm": 238,
            "ngtdm": 85,
            "shape": 14,
        },
    ),
    "us2d-native": Preset(
        "us2d-native",
        False,
        (
            "original",
            *(f"log-sigma-{s}-0-mm-3D" for s in (1, 2, 3)),
            *(f"wavelet-{b}" for b in ("LH", "HL", "HH", "LL")),
            *_SCALED,
            "lbp-2D",
        ),
        "shape2D",
        tuple(SHAPE_2D),
        (1.0, 2.0, 3.0),
        {
            "firstorder": 252,
            "glcm": 308,
            "glrlm": 224,
            "glszm": 224,
            "gldm": 196,
            "ngtdm": 70,
            "shape2D": 9,
        },
    ),
}


@lru_cache(maxsize=4)
def feature_names(preset: PresetName) -> tuple[str, ...]:
    """Columns of the feature table, named and ordered as pyradiomics does.

    Parameters
    ----------
    preset : {"us2d-1561", "us2d-native"}

    Returns
    -------
    tuple of str, length 1561 or 1283
    """
    chosen = PRESETS[preset]
    names = [f"original_{chosen.shape_class}_{name}" for name in chosen.shape_names]
    for image_type in chosen.image_types:
        for feature_class, features in TEXTURE.items():
            names += [f"{image_type}_{feature_class}_{feature}" for feature in features]
    return tuple(names)


def feature_schema(preset: PresetName) -> pd.DataFrame:
    """Tell what each column is, and whether it carries information on a single slice.

    Parameters
    ----------
    preset : {"us2d-1561", "us2d-native"}

    Returns
    -------
    DataFrame
        Index `feature`; columns `feature_class`, `image_type`, `degenerate` (bool), and of the
        standard (IBSI) `ibsi`, its code of the feature or an empty text, and `ibsi_departure`, in
        words where the definition is another.

    Raises
    ------
    RuntimeError
        When the counts per class are not the published ones.
    """
    names = feature_names(preset)
    parts = [name.split("_") for name in names]
    schema = pd.DataFrame(
        {
            "feature_class": [part[1] for part in parts],
            "image_type": [part[0] for part in parts],
            "degenerate": [
                part[0] in DEGENERATE_BANDS or name in DEGENERATE_SHAPE
                for name, part in zip(names, parts, strict=True)
            ],
            "ibsi": [ibsi_code(*part[1:]) for part in parts],
            "ibsi_departure": [ibsi_departure(*part[1:]) for part in parts],
        },
        index=pd.Index(names, name="feature"),
    )
    counts = schema["feature_class"].value_counts().to_dict()
    if counts != PRESETS[preset].class_counts:
        raise RuntimeError(
            f"preset {preset} counts {counts} features per class, "
            f"expected {PRESETS[preset].class_counts}"
        )
    return schema


class MissingDependencyError(ImportError):
    """A library without which features could not be measured."""


def require_dependencies(preset: PresetName) -> None:
    """Fail before anything is measured where a library of the local binary patterns is missing.

    Parameters
    ----------
    preset : {"us2d-1561", "us2d-native"}

    Raises
    ------
    MissingDependencyError
        Naming the library and how to install it.
    """
    try:
        if PRESETS[preset].volume:
            from scipy.special import sph_harm_y  # noqa: F401
            from trimesh.creation import icosphere  # noqa: F401
        else:
            from skimage.feature import local_binary_pattern  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError(
            f"preset {preset} needs SciPy 1.15 or later, trimesh and scikit-image for its local "
            f"binary patterns ({error}). Install them with: pip install 'scipy>=1.15' trimesh "
            f"scikit-image"
        ) from error
