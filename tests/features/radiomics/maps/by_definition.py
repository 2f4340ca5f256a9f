"""The 91 features of one kernel, by their definitions: every pair, run and zone listed anew."""

import numpy as np
from scipy.ndimage import label

DIRECTIONS = ((1, 1), (1, 0), (1, -1), (0, 1))
#: How pyradiomics names small and large, the extent, one of them, and its grey level.
WORDS = {
    "glrlm": ("ShortRun", "LongRun", "RunLength", "Run", "Run"),
    "glszm": ("SmallArea", "LargeArea", "SizeZone", "Zone", "Zone"),
    "gldm": ("SmallDependence", "LargeDependence", "Dependence", "Dependence", ""),
}
TOUCHING = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0)]


def entropy(items):
    _, counts = np.unique(np.asarray(items), axis=0, return_counts=True)
    p = counts / counts.sum()
    return -float((p * np.log2(p)).sum())


def around(levels, y, x, offsets):
    """Levels of the neighbours of a pixel that count."""
    places = [(y + down, x + across) for down, across in offsets]
    inside = [(v, u) for v, u in places if 0 <= v < len(levels) and 0 <= u < len(levels)]
    return [levels[place] for place in inside if levels[place]]


def first_order(values, levels, volume):
    mean, m2 = values.mean(), values.var()
    p10, p25, median, p75, p90 = np.percentile(values, (10, 25, 50, 75, 90))
    robust = values[(values >= p10) & (values <= p90)]
    # None of two values lies between the percentiles.
    deviation = np.abs(robust - robust.mean()).mean() if len(robust) else np.nan
    m3, m4 = ((values - mean) ** 3).mean(), ((values - mean) ** 4).mean()
    _, counts = np.unique(levels, return_counts=True)
    energy = (values**2).sum()
    flat = np.ptp(values) == 0
    return {
        "10Percentile": p10, "90Percentile": p90, "Energy": energy, "Entropy": entropy(levels),
        "InterquartileRange": p75 - p25, "Kurtosis": 0 if flat else m4 / m2**2,
        "Maximum": values.max(), "MeanAbsoluteDeviation": np.abs(values - mean).mean(),
        "Mean": mean, "Median": median, "Minimum": values.min(), "Range": np.ptp(values),
        "RobustMeanAbsoluteDeviation": deviation,
        "RootMeanSquared": np.sqrt(energy / len(values)),
        "Skewness": 0 if flat else m3 / m2**1.5, "TotalEnergy": energy * volume,
        "Uniformity": ((counts / len(levels)) ** 2).sum(), "Variance": m2,
    }  # fmt: skip


def pair_features(i, j, brightest):
    """Of the pairs of one direction, each there both ways round."""
    i, j = np.concatenate([i, j]), np.concatenate([j, i])
    gap, both = np.abs(i - j).astype(float), (i + j).astype(float)
    _, counts = np.unique(np.stack([i, j]), axis=1, return_counts=True)
    p, cluster = counts / counts.sum(), both - both.mean()
    hx, hxy = entropy(i), entropy(np.stack([i, j], axis=1))
    information = max(2 * hx - hxy, 0)
    spread = i.var()
    return {
        "Autocorrelation": (i * j).mean(), "JointAverage": i.mean(),
        "ClusterProminence": (cluster**4).mean(), "ClusterShade": (cluster**3).mean(),
        "ClusterTendency": (cluster**2).mean(), "Contrast": (gap**2).mean(),
        "Correlation": ((i - i.mean()) * (j - j.mean())).mean() / spread if spread else 1.0,
        "DifferenceAverage": gap.mean(), "DifferenceEntropy": entropy(gap),
        "DifferenceVariance": gap.var(), "JointEnergy": (p**2).sum(), "JointEntropy": hxy,
        "Imc1": -information / hx if hx > 1e-12 else 0.0,
        "Imc2": np.sqrt(1 - np.exp(-2 * information)),
        "Idm": (1 / (1 + gap**2)).mean(), "Idmn": (1 / (1 + gap**2 / brightest**2)).mean(),
        "Id": (1 / (1 + gap)).mean(), "Idn": (1 / (1 + gap / brightest)).mean(),
        "InverseVariance": (1 / gap[gap > 0] ** 2).sum() / len(gap),
        "MaximumProbability": p.max(), "SumEntropy": entropy(both), "SumSquares": spread,
    }  # fmt: skip


def glcm(levels, brightest):
    found = []
    for offset in DIRECTIONS:
        pairs = [
            (levels[y, x], other)
            for y, x in np.argwhere(levels)
            for other in around(levels, y, x, [offset])
        ]
        if pairs:
            found.append(pair_features(*np.array(pairs).T, brightest))
    return {name: np.mean([one[name] for one in found]) for name in found[0]} if found else None


def sizes(found, kind):
    """Of runs, zones or dependences, as rows of level and size."""
    i, s = np.array(found, float).T
    short, long, extent, name, grey = WORDS[kind]
    by_size, by_grey = (np.unique(of, return_counts=True)[1] for of in (s, i))
    n = len(i)
    return {
        f"{short}Emphasis": (1 / s**2).mean(), f"{long}Emphasis": (s**2).mean(),
        "GrayLevelNonUniformity": (by_grey**2).sum() / n,
        "GrayLevelNonUniformityNormalized": (by_grey**2).sum() / n**2,
        f"{extent}NonUniformity": (by_size**2).sum() / n,
        f"{extent}NonUniformityNormalized": (by_size**2).sum() / n**2,
        f"{name}Percentage": n / s.sum(), "GrayLevelVariance": i.var(),
        f"{name}Variance": s.var(), f"{name}Entropy": entropy(found),
        f"LowGrayLevel{grey}Emphasis": (1 / i**2).mean(),
        f"HighGrayLevel{grey}Emphasis": (i**2).mean(),
        f"{short}LowGrayLevelEmphasis": (1 / (i * s) ** 2).mean(),
        f"{short}HighGrayLevelEmphasis": (i**2 / s**2).mean(),
        f"{long}LowGrayLevelEmphasis": (s**2 / i**2).mean(),
        f"{long}HighGrayLevelEmphasis": ((i * s) ** 2).mean(),
    }  # fmt: skip


def runs(levels):
    side, found = len(levels), []
    for down, across in DIRECTIONS:
        listed, pixels = [], {}
        for y, x in np.argwhere(levels):
            line = y * across - x * down
            pixels[line] = pixels.get(line, 0) + 1
            before = y - down, x - across
            if min(before) >= 0 and max(before) < side and levels[before] == levels[y, x]:
                continue
            length = 1
            while around(levels, y, x, [(length * down, length * across)]) == [levels[y, x]]:
                length += 1
            listed.append((levels[y, x], length))
        if max(pixels.values()) > 1:
            found.append(sizes(listed, "glrlm"))
    return {name: np.mean([one[name] for one in found]) for name in found[0]} if found else None


def zones(levels):
    listed = []
    for level in np.unique(levels[levels > 0]):
        places, n = label(levels == level, np.ones((3, 3)))
        listed += [(level, (places == zone).sum()) for zone in range(1, n + 1)]
    return sizes(listed, "glszm")


def dependences(levels):
    listed = [
        (levels[y, x], 1 + around(levels, y, x, TOUCHING).count(levels[y, x]))
        for y, x in np.argwhere(levels)
    ]
    return sizes(listed, "gldm")


def differences(levels):
    listed = []
    for y, x in np.argwhere(levels):
        others = around(levels, y, x, TOUCHING)
        listed.append((levels[y, x], abs(levels[y, x] - np.mean(others)) if others else 0.0))
    i, apart = np.array(listed).T
    grey, counts = np.unique(i, return_counts=True)
    s, p, n = np.array([apart[i == g].sum() for g in grey]), counts / len(i), len(grey)
    gap = np.abs(grey[:, None] - grey)
    weighted = (p * s).sum()
    busy = np.abs((grey * p)[:, None] - grey * p).sum()
    shared = ((p * s)[:, None] + p * s) / (p[:, None] + p)
    return {
        "Busyness": weighted / busy if busy else 0.0,
        "Coarseness": 1 / weighted if weighted else 1e6,
        "Complexity": (gap * shared).sum() / len(i),
        "Contrast": (p[:, None] * p * gap**2).sum() * s.sum() / len(i) / (n * (n - 1)) if n > 1
        else 0.0,
        "Strength": ((p[:, None] + p) * gap**2).sum() / s.sum() if s.sum() else 0.0,
    }  # fmt: skip


def kernel_features(values, levels, brightest, volume):
    """All features of a kernel by class and name; None for a class that has no values.

    `values` and `levels` are square; levels are 0 where nothing is counted.
    """
    return {
        "firstorder": first_order(values[levels > 0], levels[levels > 0], volume),
        "glcm": glcm(levels, brightest),
        "glrlm": runs(levels),
        "glszm": zones(levels),
        "gldm": dependences(levels),
        "ngtdm": differences(levels),
    }
