"""What each feature is called in the standard, and where its definition departs from it.

The standard is that of the Image Biomarker Standardisation Initiative (IBSI), reference manual,
arXiv:1612.07003, with its four-character codes of features. The codes here are also those of
DICOM's register (PS3.16, coding scheme IBSI) and of MIRP's documentation; small zone emphasis is
called P001 by some tools. Departures are as pyradiomics documents them (its frequently asked
questions and the docstrings of its features), and as measured on the standard's digital phantom:
docs/ibsi.md.
"""

from __future__ import annotations

#: Codes by class of features and by name.
CODES: dict[str, dict[str, str]] = {
    "shape": {
        "MeshVolume": "RNU0", "VoxelVolume": "YEKZ", "SurfaceArea": "C0JK",
        "SurfaceVolumeRatio": "2PR5", "Sphericity": "QCFX", "Maximum3DDiameter": "L0JK",
        "MajorAxisLength": "TDIC", "MinorAxisLength": "P9VJ", "LeastAxisLength": "7J51",
        "Elongation": "Q3CK", "Flatness": "N17B",
    },
    "firstorder": {
        "Mean": "Q4LE", "Variance": "ECT3", "Skewness": "KE2A", "Kurtosis": "IPH6",
        "Median": "Y12H", "Minimum": "1GSF", "10Percentile": "QG58", "90Percentile": "8DWT",
        "Maximum": "84IY", "InterquartileRange": "SALO", "Range": "2OJQ",
        "MeanAbsoluteDeviation": "4FUA", "RobustMeanAbsoluteDeviation": "1128", "Energy": "N8CA",
        "RootMeanSquared": "5ZWQ", "Entropy": "TLU2", "Uniformity": "BJ5W",
    },
    "glcm": {
        "MaximumProbability": "GYBY", "JointAverage": "60VM", "SumSquares": "UR99",
        "JointEntropy": "TU9B", "DifferenceAverage": "TF7R", "DifferenceVariance": "D3YU",
        "DifferenceEntropy": "NTRS", "SumEntropy": "P6QZ", "JointEnergy": "8ZQL",
        "Contrast": "ACUI", "Id": "IB1Z", "Idn": "NDRX", "Idm": "WF0Z", "Idmn": "1QCO",
        "InverseVariance": "E8JP", "Correlation": "NI2N", "Autocorrelation": "QWB0",
        "ClusterTendency": "DG8W", "ClusterShade": "7NFM", "ClusterProminence": "AE86",
        "Imc1": "R8DG", "Imc2": "JN9H",
    },
    "glrlm": {
        "ShortRunEmphasis": "22OV", "LongRunEmphasis": "W4KF", "LowGrayLevelRunEmphasis": "V3SW",
        "HighGrayLevelRunEmphasis": "G3QZ", "ShortRunLowGrayLevelEmphasis": "HTZT",
        "ShortRunHighGrayLevelEmphasis": "GD3A", "LongRunLowGrayLevelEmphasis": "IVPO",
        "LongRunHighGrayLevelEmphasis": "3KUM", "GrayLevelNonUniformity": "R5YN",
        "GrayLevelNonUniformityNormalized": "OVBL", "RunLengthNonUniformity": "W92Y",
        "RunLengthNonUniformityNormalized": "IC23", "RunPercentage": "9ZK5",
        "GrayLevelVariance": "8CE5", "RunVariance": "SXLW", "RunEntropy": "HJ9O",
    },
    "glszm": {
        "SmallAreaEmphasis": "5QRC", "LargeAreaEmphasis": "48P8",
        "LowGrayLevelZoneEmphasis": "XMSY", "HighGrayLevelZoneEmphasis": "5GN9",
        "SmallAreaLowGrayLevelEmphasis": "5RAI", "SmallAreaHighGrayLevelEmphasis": "HW1V",
        "LargeAreaLowGrayLevelEmphasis": "YH51", "LargeAreaHighGrayLevelEmphasis": "J17V",
        "GrayLevelNonUniformity": "JNSA", "GrayLevelNonUniformityNormalized": "Y1RO",
        "SizeZoneNonUniformity": "4JP3", "SizeZoneNonUniformityNormalized": "VB3A",
        "ZonePercentage": "P30P", "GrayLevelVariance": "BYLV", "ZoneVariance": "3NSA",
        "ZoneEntropy": "GU8N",
    },
    "gldm": {
        "SmallDependenceEmphasis": "SODN", "LargeDependenceEmphasis": "IMOQ",
        "LowGrayLevelEmphasis": "TL9H", "HighGrayLevelEmphasis": "OAE7",
        "SmallDependenceLowGrayLevelEmphasis": "EQ3F",
        "SmallDependenceHighGrayLevelEmphasis": "JA6D",
        "LargeDependenceLowGrayLevelEmphasis": "NBZI",
        "LargeDependenceHighGrayLevelEmphasis": "9QMG", "GrayLevelNonUniformity": "FP8K",
        "DependenceNonUniformity": "Z87G", "DependenceNonUniformityNormalized": "OKJI",
        "GrayLevelVariance": "1PFV", "DependenceVariance": "DNX2", "DependenceEntropy": "FCBV",
    },
    "ngtdm": {
        "Coarseness": "QCDE", "Contrast": "65HE", "Busyness": "NQ30", "Complexity": "HDEZ",
        "Strength": "1X9X",
    },
}  # fmt: skip

_BY_N = "the axes' covariance is divided by n, the standard's by n - 1"
#: Where a feature that the standard has is defined otherwise here, by class and name.
DEPARTURES: dict[str, dict[str, str]] = {
    "firstorder": {"Kurtosis": "3 more: the standard's is the excess over a normal distribution"},
    "shape": {
        "MajorAxisLength": _BY_N,
        "MinorAxisLength": _BY_N,
        "LeastAxisLength": _BY_N,
    },
}
_ONE_SLICE = "of a volume of one slice"
#: Features that the standard does not have.
ABSENT: dict[str, dict[str, str]] = {
    "firstorder": {"TotalEnergy": "energy times the volume of a voxel"},
    "shape": {
        f"Maximum2DDiameter{plane}": "the largest distance within a plane"
        for plane in ("Column", "Row", "Slice")
    },
}
_NOT_THERE = "not in the standard"


def ibsi_code(feature_class: str, feature: str) -> str:
    """Return the standard's code of a feature, or an empty text where the standard has none.

    Parameters
    ----------
    feature_class : str
        As in a feature's name: ``shape``, ``shape2D``, ``firstorder``, ``glcm``, ...
    feature : str
        For example ``Kurtosis``.

    Examples
    --------
    >>> ibsi_code("glcm", "JointEntropy"), ibsi_code("firstorder", "TotalEnergy")
    ('TU9B', '')
    """
    return CODES.get(feature_class, {}).get(feature, "")


def ibsi_departure(feature_class: str, feature: str) -> str:
    """Return in words how a feature departs from the standard, or an empty text.

    Parameters
    ----------
    feature_class, feature : str
        As for :func:`ibsi_code`.

    Examples
    --------
    >>> ibsi_departure("shape2D", "Perimeter")
    'not in the standard: its shapes are of volumes'
    >>> ibsi_departure("glcm", "JointEntropy")
    ''
    """
    if feature_class == "shape2D":
        return f"{_NOT_THERE}: its shapes are of volumes"
    absent = ABSENT.get(feature_class, {}).get(feature)
    if absent is not None:
        return f"{_NOT_THERE}: {absent}"
    stated = DEPARTURES.get(feature_class, {}).get(feature, "")
    if feature_class == "shape":
        return f"{_ONE_SLICE}; {stated}" if stated else _ONE_SLICE
    return stated
