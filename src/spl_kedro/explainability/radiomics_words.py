"""Plain words for what each pyradiomics feature, class and image filter measures.

The wording condenses the definitions at
https://pyradiomics.readthedocs.io/en/latest/features.html (pyradiomics 3.0.1) for a reader
who knows ultrasound and not texture analysis.
"""

from __future__ import annotations

# What a class calls the thing it counts, used to make a label unambiguous.
CLASS_WORDS = {
    "firstorder": "grey levels",
    "glcm": "neighbouring pixels",
    "glrlm": "runs of equal grey",
    "glszm": "patches of equal grey",
    "gldm": "similar neighbours",
    "ngtdm": "contrast to surroundings",
    "shape": "outline",
    "shape2D": "outline",
}

# Documentation module and class that define a feature class.
CLASS_DEFINITIONS = {
    "firstorder": "radiomics.firstorder.RadiomicsFirstOrder",
    "glcm": "radiomics.glcm.RadiomicsGLCM",
    "glrlm": "radiomics.glrlm.RadiomicsGLRLM",
    "glszm": "radiomics.glszm.RadiomicsGLSZM",
    "gldm": "radiomics.gldm.RadiomicsGLDM",
    "ngtdm": "radiomics.ngtdm.RadiomicsNGTDM",
    "shape": "radiomics.shape.RadiomicsShape",
    "shape2D": "radiomics.shape2D.RadiomicsShape2D",
}

_FIRSTORDER = {
    "10Percentile": ("10th percentile", "grey level below which the darkest tenth of it lies"),
    "90Percentile": ("90th percentile", "grey level above which the brightest tenth of it lies"),
    "Energy": ("Energy", "sum of squared grey levels: large and bright lesions score high"),
    "Entropy": ("Entropy", "how unpredictable the grey levels are"),
    "InterquartileRange": ("Interquartile range", "spread of the middle half of the grey levels"),
    "Kurtosis": ("Kurtosis", "how heavy the tails of the grey-level histogram are"),
    "Maximum": ("Maximum", "brightest grey level"),
    "Mean": ("Mean", "average grey level"),
    "MeanAbsoluteDeviation": ("Mean absolute deviation", "average distance from the mean grey"),
    "Median": ("Median", "middle grey level"),
    "Minimum": ("Minimum", "darkest grey level"),
    "Range": ("Range", "difference between the brightest and the darkest grey level"),
    "RobustMeanAbsoluteDeviation": (
        "Robust mean absolute deviation",
        "average distance from the mean grey, without the extreme tenths",
    ),
    "RootMeanSquared": ("Root mean square", "average strength of the grey levels"),
    "Skewness": ("Skewness", "whether the histogram leans to dark or to bright"),
    "StandardDeviation": ("Standard deviation", "spread of the grey levels"),
    "TotalEnergy": ("Total energy", "sum of squared grey levels times the pixel volume"),
    "Uniformity": ("Uniformity", "how much one grey level dominates"),
    "Variance": ("Variance", "spread of the grey levels, squared"),
}

_GLCM = {
    "Autocorrelation": ("Autocorrelation", "how fine or coarse the texture is"),
    "ClusterProminence": ("Cluster prominence", "how lopsided and peaked grey pairs are"),
    "ClusterShade": ("Cluster shade", "lean of grey pairs to dark or to bright"),
    "ClusterTendency": ("Cluster tendency", "grouping of pixels of similar grey"),
    "Contrast": ("Contrast", "local differences between neighbouring pixels"),
    "Correlation": ("Correlation", "how linearly a pixel's grey follows its neighbour's"),
    "DifferenceAverage": ("Difference average", "average difference between neighbours"),
    "DifferenceEntropy": ("Difference entropy", "unpredictability of neighbour differences"),
    "DifferenceVariance": ("Difference variance", "spread of neighbour differences"),
    "Dissimilarity": ("Dissimilarity", "average difference between neighbours"),
    "Homogeneity1": ("Homogeneity 1", "closeness of neighbouring grey levels"),
    "Homogeneity2": ("Homogeneity 2", "closeness of neighbouring grey levels, squared"),
    "Id": ("Inverse difference", "local evenness"),
    "Idm": ("Inverse difference moment", "local evenness, squared differences"),
    "Idmn": ("Normalised inverse difference moment", "local evenness relative to the grey range"),
    "Idn": ("Normalised inverse difference", "local evenness relative to the grey range"),
    "Imc1": ("Informational correlation 1", "dependence between neighbours (more negative: more)"),
    "Imc2": ("Informational correlation 2", "dependence between neighbours (nearer 1: more)"),
    "InverseVariance": ("Inverse variance", "small differences between unequal neighbours"),
    "JointAverage": ("Joint average", "average grey level over neighbour pairs"),
    "JointEnergy": ("Joint energy", "how often the same grey pair repeats"),
    "JointEntropy": ("Joint entropy", "unpredictability of grey pairs"),
    "MCC": ("Maximal correlation coefficient", "complexity of the texture"),
    "MaximumProbability": ("Maximum probability", "share of the commonest grey pair"),
    "SumAverage": ("Sum average", "average of dark and bright pairs"),
    "SumEntropy": ("Sum entropy", "unpredictability of the sums of neighbouring greys"),
    "SumSquares": ("Sum of squares", "spread of neighbour pairs about the mean grey"),
    "SumVariance": ("Sum variance", "spread of the sums of neighbouring greys"),
}

_GLRLM = {
    "GrayLevelNonUniformity": ("Grey-level non-uniformity", "runs concentrated on few greys"),
    "GrayLevelNonUniformityNormalized": (
        "Grey-level non-uniformity, normalised",
        "runs concentrated on few greys, free of lesion size",
    ),
    "GrayLevelVariance": ("Grey-level variance", "spread of grey over runs"),
    "HighGrayLevelRunEmphasis": ("High-grey emphasis", "weight of bright runs"),
    "LongRunEmphasis": ("Long-run emphasis", "weight of long runs: coarse texture"),
    "LongRunHighGrayLevelEmphasis": ("Long bright runs", "weight of long, bright runs"),
    "LongRunLowGrayLevelEmphasis": ("Long dark runs", "weight of long, dark runs"),
    "LowGrayLevelRunEmphasis": ("Low-grey emphasis", "weight of dark runs"),
    "RunEntropy": ("Run entropy", "unpredictability of run lengths and greys"),
    "RunLengthNonUniformity": ("Run-length non-uniformity", "runs concentrated on few lengths"),
    "RunLengthNonUniformityNormalized": (
        "Run-length non-uniformity, normalised",
        "runs concentrated on few lengths, free of lesion size",
    ),
    "RunPercentage": ("Run percentage", "number of runs per pixel: fine texture scores high"),
    "RunVariance": ("Run variance", "spread of run lengths"),
    "ShortRunEmphasis": ("Short-run emphasis", "weight of short runs: fine texture"),
    "ShortRunHighGrayLevelEmphasis": ("Short bright runs", "weight of short, bright runs"),
    "ShortRunLowGrayLevelEmphasis": ("Short dark runs", "weight of short, dark runs"),
}

_GLSZM = {
    "GrayLevelNonUniformity": ("Grey-level non-uniformity", "patches concentrated on few greys"),
    "GrayLevelNonUniformityNormalized": (
        "Grey-level non-uniformity, normalised",
        "patches concentrated on few greys, free of lesion size",
    ),
    "GrayLevelVariance": ("Grey-level variance", "spread of grey over patches"),
    "HighGrayLevelZoneEmphasis": ("High-grey emphasis", "weight of bright patches"),
    "LargeAreaEmphasis": ("Large-area emphasis", "weight of large patches: coarse texture"),
    "LargeAreaHighGrayLevelEmphasis": ("Large bright areas", "weight of large, bright patches"),
    "LargeAreaLowGrayLevelEmphasis": ("Large dark areas", "weight of large, dark patches"),
    "LowGrayLevelZoneEmphasis": ("Low-grey emphasis", "weight of dark patches"),
    "SizeZoneNonUniformity": ("Size non-uniformity", "patches concentrated on few sizes"),
    "SizeZoneNonUniformityNormalized": (
        "Size non-uniformity, normalised",
        "patches concentrated on few sizes, free of lesion size",
    ),
    "SmallAreaEmphasis": ("Small-area emphasis", "weight of small patches: fine texture"),
    "SmallAreaHighGrayLevelEmphasis": ("Small bright areas", "weight of small, bright patches"),
    "SmallAreaLowGrayLevelEmphasis": ("Small dark areas", "weight of small, dark patches"),
    "ZoneEntropy": ("Zone entropy", "unpredictability of patch sizes and greys"),
    "ZonePercentage": ("Zone percentage", "number of patches per pixel: fine texture scores high"),
    "ZoneVariance": ("Zone variance", "spread of patch sizes"),
}

_GLDM = {
    "DependenceEntropy": ("Dependence entropy", "unpredictability of similar-neighbour counts"),
    "DependenceNonUniformity": ("Dependence non-uniformity", "counts concentrated on few values"),
    "DependenceNonUniformityNormalized": (
        "Dependence non-uniformity, normalised",
        "counts concentrated on few values, free of lesion size",
    ),
    "DependencePercentage": ("Dependence percentage", "share of pixels with a neighbourhood"),
    "DependenceVariance": ("Dependence variance", "spread of similar-neighbour counts"),
    "GrayLevelNonUniformity": ("Grey-level non-uniformity", "pixels concentrated on few greys"),
    "GrayLevelVariance": ("Grey-level variance", "spread of grey over pixels"),
    "HighGrayLevelEmphasis": ("High-grey emphasis", "weight of bright pixels"),
    "LargeDependenceEmphasis": ("Large-dependence emphasis", "smooth, even surroundings"),
    "LargeDependenceHighGrayLevelEmphasis": ("Even bright parts", "even surroundings, bright"),
    "LargeDependenceLowGrayLevelEmphasis": ("Even dark parts", "even surroundings, dark"),
    "LowGrayLevelEmphasis": ("Low-grey emphasis", "weight of dark pixels"),
    "SmallDependenceEmphasis": ("Small-dependence emphasis", "restless, uneven surroundings"),
    "SmallDependenceHighGrayLevelEmphasis": ("Uneven bright parts", "uneven surroundings, bright"),
    "SmallDependenceLowGrayLevelEmphasis": ("Uneven dark parts", "uneven surroundings, dark"),
}

_NGTDM = {
    "Busyness": ("Busyness", "rapid change of grey from pixel to pixel"),
    "Coarseness": ("Coarseness", "slow change of grey: large even parts"),
    "Complexity": ("Complexity", "many different greys that change quickly"),
    "Contrast": ("Contrast", "wide grey range together with local change"),
    "Strength": ("Strength", "clearly visible, slowly changing texture elements"),
}

_SHAPE = {
    "Compactness1": ("Compactness 1", "closeness to a sphere"),
    "Compactness2": ("Compactness 2", "closeness to a sphere, squared"),
    "Elongation": ("Elongation", "second axis over the longest: 1 round, 0 thin"),
    "Flatness": ("Flatness", "shortest axis over the longest (constant on one slice)"),
    "LeastAxisLength": ("Least axis length", "shortest axis (constant on one slice)"),
    "MajorAxisLength": ("Major axis length", "length of the longest axis"),
    "MinorAxisLength": ("Minor axis length", "length of the second axis"),
    "Maximum2DDiameterColumn": ("Diameter in the column plane", "longest diameter, column plane"),
    "Maximum2DDiameterRow": ("Diameter in the row plane", "longest diameter, row plane"),
    "Maximum2DDiameterSlice": ("Diameter in the image plane", "longest diameter in the image"),
    "Maximum3DDiameter": ("Longest diameter", "longest diameter of the outline"),
    "MaximumDiameter": ("Longest diameter", "longest diameter of the outline"),
    "MeshSurface": ("Area", "area inside the outline"),
    "MeshVolume": ("Volume", "area inside the outline times the slice thickness"),
    "Perimeter": ("Perimeter", "length of the outline"),
    "PerimeterSurfaceRatio": ("Perimeter to area", "outline length over area: irregular or small"),
    "PixelSurface": ("Pixel area", "number of pixels times the pixel area"),
    "SphericalDisproportion": ("Spherical disproportion", "departure from a round form"),
    "Sphericity": ("Sphericity", "roundness of the outline: 1 is a circle or sphere"),
    "SurfaceArea": ("Surface area", "surface of the outlined slice"),
    "SurfaceVolumeRatio": ("Surface to volume", "surface over volume: irregular or small"),
    "VoxelVolume": ("Pixel volume", "number of pixels times the pixel volume"),
}

# (short label, plain meaning) of every feature, by class.
FEATURE_WORDS = {
    "firstorder": _FIRSTORDER,
    "glcm": _GLCM,
    "glrlm": _GLRLM,
    "glszm": _GLSZM,
    "gldm": _GLDM,
    "ngtdm": _NGTDM,
    "shape": _SHAPE,
    "shape2D": _SHAPE,
}

# What each image type shows; wavelet bands and LoG are spelt out by their letters and sigma.
IMAGE_WORDS = {
    "original": "the image as recorded",
    "square": "squared grey levels (bright parts stressed)",
    "squareroot": "square-root grey levels (dark parts stressed)",
    "logarithm": "logarithmic grey levels (dark parts stressed)",
    "exponential": "exponential grey levels (brightest parts stressed)",
    "gradient": "the edge strength of the image",
    "lbp-2D": "local binary patterns (which neighbours are brighter)",
    "lbp-3D-m1": "local binary patterns, first harmonic order",
    "lbp-3D-m2": "local binary patterns, second harmonic order",
    "lbp-3D-k": "local binary patterns, their kurtosis",
}
