"""Maps of chosen features of one lesion, as pyradiomics' voxel-based extraction defines them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.filters import native_values, slice_values
from spl_kedro.features.radiomics.maps.dependences import dependence_maps
from spl_kedro.features.radiomics.maps.first_order import first_order_maps
from spl_kedro.features.radiomics.maps.glcm import COUNTED, glcm_maps
from spl_kedro.features.radiomics.maps.grid import Grid, alike_neighbours, make_grid
from spl_kedro.features.radiomics.maps.ngtdm import difference_maps
from spl_kedro.features.radiomics.maps.runs import run_maps
from spl_kedro.features.radiomics.maps.zones import zone_maps
from spl_kedro.features.radiomics.presets import (
    PRESETS,
    TEXTURE,
    Preset,
    PresetName,
    feature_names,
    require_dependencies,
)
from spl_kedro.features.radiomics.resampling import resample_to
from spl_kedro.features.radiomics.roi import SLICE_THICKNESS, Roi, UnmeasurableError, prepare
from spl_kedro.features.radiomics.texture import DEPENDENCE_ORDER, RUN_ORDER, ZONE_ORDER

#: The widest kernel.
LARGEST_RADIUS = 15
#: Where the columns of the presets lie in those of a class.
ORDERS = {"glrlm": RUN_ORDER, "glszm": ZONE_ORDER, "gldm": DEPENDENCE_ORDER}


@dataclass(frozen=True)
class FeatureMaps:
    """Maps of one lesion.

    Attributes
    ----------
    names : tuple of str
    values : ndarray of float64, shape (n_names, n)
        At the pixels of the outline, row by row; NaN where a kernel has too few pixels for the
        feature.
    image : ndarray of float64, shape (H, W)
        What they were measured on: the lesion's image, resampled if the lesion is.
    mask : ndarray of bool, shape (H, W)
        Its outline.
    radius : int
        Of the kernel.
    """

    names: tuple[str, ...]
    values: np.ndarray
    image: np.ndarray
    mask: np.ndarray
    radius: int

    def picture(self, name: str) -> np.ndarray:
        """Lay a map out on the image.

        Parameters
        ----------
        name : str

        Returns
        -------
        ndarray of float64, shape (H, W)
            NaN outside the outline.
        """
        whole = np.full(self.mask.shape, np.nan)
        whole[self.mask] = self.values[self.names.index(name)]
        return whole


def mappable_features(preset: PresetName) -> tuple[str, ...]:
    """Return the features of which there can be maps: all but shape.

    Parameters
    ----------
    preset : {"us2d-1561", "us2d-native"}

    Returns
    -------
    tuple of str, length 1547 or 1274
    """
    names = feature_names(preset)
    return tuple(name for name in names if not name.split("_")[1].startswith("shape"))


def map_features(
    image: np.ndarray,
    mask: np.ndarray,
    features: Sequence[str],
    *,
    radius: int = 1,
    masked: bool = True,
    preset: PresetName = "us2d-1561",
    bin_width: float = 5.0,
    spacing: tuple[float, float] = (1.0, 1.0),
    resample: float | None = None,
) -> FeatureMaps:
    """Measure features in a square kernel around each pixel of a lesion.

    What pyradiomics 3.0.1 does with ``voxelBased=True``: grey levels are binned once for the whole
    lesion; a kernel ends where the image does; neighbours outside the kernel do not count. A class
    of features costs the same whether one of it is asked for or all, but that first order without
    percentiles and deviations, and co-occurrences that are sums over the pairs, cost less.

    Parameters
    ----------
    image : ndarray, shape (H, W)
        Grey values on the 8-bit scale.
    mask : ndarray, shape (H, W)
        The outline: True (or 1 or 255) inside.
    features : sequence of str
        Of :func:`mappable_features`, e.g. ``original_glcm_Contrast``.
    radius : int
        Of the kernel, 1 to 15: it has ``(2 * radius + 1) ** 2`` pixels. pyradiomics'
        ``kernelRadius``.
    masked : bool
        Whether only pixels of the lesion count in a kernel, pyradiomics' ``maskedKernel``; without
        it, all pixels of the image do (of ``lbp-3D`` too, where pyradiomics reads memory outside
        the lesion that nothing was written to).
    preset, bin_width, spacing, resample
        As in :func:`spl_kedro.features.radiomics.measure`.

    Returns
    -------
    FeatureMaps

    Raises
    ------
    ValueError
        When a feature is not one of the preset's, or the radius out of range.
    UnmeasurableError
        When the lesion breaks a rule or a derived image is undefined inside the outline.
    MissingDependencyError
        When a library the preset needs is missing.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.random.default_rng(0).integers(0, 256, (40, 50))
    >>> mask = np.zeros((40, 50), dtype=bool)
    >>> mask[10:30, 15:40] = True
    >>> maps = map_features(image, mask, ["original_firstorder_Mean"])
    >>> mean = maps.picture("original_firstorder_Mean")[20, 20]
    >>> bool(mean == image[19:22, 19:22].mean())
    True
    """
    require_dependencies(preset)
    if not 1 <= radius <= LARGEST_RADIUS:
        raise ValueError(f"the radius of a kernel is 1 to {LARGEST_RADIUS} pixels, not {radius}")
    wanted = _by_image(features, preset)
    roi = prepare(image, mask, spacing)
    if resample is not None:
        roi = resample_to(roi, resample, volume=PRESETS[preset].volume)
    counted = roi if masked else _with_surroundings(roi, radius)
    centres = roi.mask[counted.crop]
    values = np.empty((len(features), int(centres.sum())))
    chosen = PRESETS[preset]
    volume = float(np.multiply.reduce([*roi.spacing, SLICE_THICKNESS if chosen.volume else 1.0]))
    for name, derived in _derived(counted, chosen, wanted):
        grid = make_grid(derived, counted.outline, centres, bin_width, radius)
        asked: dict[str, set[int]] = {}
        for kind, column, _ in wanted[name]:
            asked.setdefault(kind, set()).add(column)
        for kind, measured in _classes(grid, asked, volume).items():
            own = [(column, place) for of, column, place in wanted[name] if of == kind]
            columns, places = np.array(own).T
            _lay_out(measured, ORDERS[kind][columns] if kind in ORDERS else columns, places, values)
    return FeatureMaps(tuple(features), values, roi.image, roi.mask, radius)


@lru_cache
def _known(preset: PresetName) -> frozenset[str]:
    return frozenset(mappable_features(preset))


@compiled
def _lay_out(
    measured: np.ndarray, columns: np.ndarray, places: np.ndarray, values: np.ndarray
) -> None:
    """Turn a table of kernels by columns into maps."""
    for k in range(len(measured)):
        for m in range(len(columns)):
            values[places[m], k] = measured[k, columns[m]]


def _by_image(features: Sequence[str], preset: PresetName) -> dict[str, list[tuple[str, int, int]]]:
    """Return, by image type, each feature's class, column in it and place among those asked for."""
    known = _known(preset)
    wanted: dict[str, list[tuple[str, int, int]]] = {}
    for place, feature in enumerate(features):
        if feature not in known:
            raise ValueError(f"there is no map of '{feature}' under preset {preset}")
        image_type, kind, name = feature.split("_")
        wanted.setdefault(image_type, []).append((kind, TEXTURE[kind].index(name), place))
    return wanted


def _with_surroundings(roi: Roi, radius: int) -> Roi:
    """Return the pixels that the kernels of a lesion reach, inside the image."""
    top, bottom, left, right = roi.box
    reached = np.zeros_like(roi.mask)
    reached[max(top - radius, 0) : bottom + radius, max(left - radius, 0) : right + radius] = True
    return prepare(roi.image, reached, roi.spacing)


def _derived(
    roi: Roi, preset: Preset, wanted: Mapping[str, object]
) -> Iterable[tuple[str, np.ndarray]]:
    """Make derived images until all that are asked for are there."""
    missing = set(wanted)
    images = slice_values(roi) if preset.volume else native_values(roi, preset.sigmas)
    for name, values in images:
        if name not in missing:
            continue
        if not np.isfinite(values).all():
            raise UnmeasurableError(
                "derived_images_finite",
                f"the image type {name} is undefined inside the outline",
                "The outline lies on black far from any echo: draw it on the lesion.",
            )
        yield name, values
        missing.discard(name)
        if not missing:
            return
    if missing:
        raise UnmeasurableError(
            "all_features_present",
            f"the image types {', '.join(sorted(missing))} could not be made",
            "The image is too small for the filter: use a larger image or another preset.",
        )


def _classes(
    grid: Grid, kinds: Mapping[str, set[int]], pixel_volume: float
) -> dict[str, np.ndarray]:
    """Measure classes of features, of which some columns are wanted.

    Their columns are in the presets' order, or :data:`ORDERS` says where that has them.
    """
    found = {}
    if "firstorder" in kinds:
        found["firstorder"] = first_order_maps(grid, pixel_volume, kinds["firstorder"])
    if "glcm" in kinds:
        found["glcm"] = glcm_maps(grid, not kinds["glcm"].isdisjoint(COUNTED))
    if "glrlm" in kinds:
        found["glrlm"] = run_maps(grid)
    if not {"glszm", "gldm"}.isdisjoint(kinds):
        alike = alike_neighbours(grid.ranks)
        if "glszm" in kinds:
            found["glszm"] = zone_maps(grid, alike)
        if "gldm" in kinds:
            found["gldm"] = dependence_maps(grid, alike)
    if "ngtdm" in kinds:
        found["ngtdm"] = difference_maps(grid)
    return found
