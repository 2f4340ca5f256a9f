"""Measure stored lesions with one tool, as its users call it; started by ``peers.py``.

    python peers_worker.py TOOL LESIONS RESULT REPEATS

LESIONS is a folder of ``.npz`` files with a float `image` and a boolean `mask`, and
``settings.json``, our preset in pyradiomics' words. Runs on one core, with the Python of the
tool's own environment: imports nothing but numpy until a tool is chosen. A tool makes of the
settings a function of image and mask that gives its values by its own names. Conversion to the
tool's kind of image is measured too, reading the file is not; the first lesion is measured once
beforehand, uncounted.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

# radiomics.py beside this file has pyradiomics' module name: not to be searched for modules.
sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]

import numpy as np

Measure = Callable[[np.ndarray, np.ndarray], dict]
#: Repetitions of a lesion end after so many seconds.
ENOUGH_S = 1.0


class SkippedError(Exception):
    """The tool cannot run on this machine; the message says why."""


def bin_width(settings: dict) -> float:
    return settings["setting"]["binWidth"]


def first_edge(image: np.ndarray, mask: np.ndarray, width: float) -> float:
    """Return where pyradiomics' first bin begins: the IBSI tools let their users say it."""
    return float(np.floor(image[mask].min() / width) * width)


def as_itk(image: np.ndarray, mask: np.ndarray) -> tuple:
    """Return a slice as a volume, in SimpleITK's images."""
    import SimpleITK as sitk

    return sitk.GetImageFromArray(image[None]), sitk.GetImageFromArray(mask[None].astype(np.uint8))


def ours(settings: dict) -> Measure:
    from spl_kedro.features.radiomics import feature_names, measure

    names, width = feature_names("us2d-1561"), bin_width(settings)
    return lambda image, mask: dict(zip(names, measure(image, mask, bin_width=width), strict=True))


def flat(settings: dict) -> Measure:
    """Return our shape of a flat image, which no volume has: a reference alone."""
    from spl_kedro.features.radiomics import feature_names, measure

    names, width = feature_names("us2d-native"), bin_width(settings)

    def shape(image: np.ndarray, mask: np.ndarray) -> dict:
        values = measure(image, mask, preset="us2d-native", bin_width=width)
        return {k: v for k, v in zip(names, values, strict=True) if "_shape2D_" in k}

    return shape


def pyradiomics(settings: dict) -> Measure:
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    extractor = RadiomicsFeatureExtractor(settings)
    return lambda image, mask: extractor.execute(*as_itk(image, mask))


def pyradiomics_original(settings: dict) -> Measure:
    return pyradiomics(settings | {"imageType": {"Original": {}}})


def flash_radiomics(settings: dict, backend: str = "cpu") -> Measure:
    import flash_radiomics as flash

    if not flash.detect_backends()[backend]:
        raise SkippedError("no GPU here")
    flash.setVerbosity(50)
    extractor = flash.RadiomicsFeatureExtractor(settings, backend=backend, num_threads=1)
    stored = str(Path.cwd() / "flash.h5")  # it always writes what it measured

    def measure(image: np.ndarray, mask: np.ndarray) -> dict:
        Path(stored).unlink(missing_ok=True)
        return extractor.execute(*as_itk(image, mask), output_hdf5_path=stored)

    return measure


def flash_radiomics_original(settings: dict) -> Measure:
    return flash_radiomics(settings | {"imageType": {"Original": {}}})


def flash_radiomics_cuda(settings: dict) -> Measure:
    return flash_radiomics(settings, "cuda")


def fastrad(settings: dict, device: str = "cpu") -> Measure:
    import torch
    from fastrad import FeatureExtractor, FeatureSettings, Mask, MedicalImage

    if device == "cuda" and not torch.cuda.is_available():
        raise SkippedError("no GPU here")
    # With its shape of a volume the process ends at a middling lesion (24 GB of memory).
    classes = ["firstorder", "shape2d", "glcm", "glrlm", "glszm", "gldm", "ngtdm"]
    width = bin_width(settings)
    extractor = FeatureExtractor(
        FeatureSettings(classes, bin_width=width, device=device, force2D=True)
    )

    def measure(image: np.ndarray, mask: np.ndarray) -> dict:
        tensors = torch.from_numpy(image[None]), torch.from_numpy(mask[None])
        return extractor.extract(MedicalImage(tensors[0]), Mask(tensors[1]))

    return measure


def fastrad_cuda(settings: dict) -> Measure:
    return fastrad(settings, "cuda")


def pictologics(settings: dict) -> Measure:
    from pictologics import Image, RadiomicsPipeline

    # Without spatial and local intensity, as in its standard configurations.
    wanted = {
        "families": ["intensity", "morphology", "texture", "histogram"],
        "include_spatial_intensity": False,
        "include_local_intensity": False,
    }
    place = {"spacing": (1.0, 1.0, 1.0), "origin": (0.0, 0.0, 0.0)}
    width = bin_width(settings)

    def measure(image: np.ndarray, mask: np.ndarray) -> dict:
        start = first_edge(image, mask, width)
        bins = {"method": "FBS", "bin_width": width, "min_val": start}
        pipeline = RadiomicsPipeline(load_standard=False)
        pipeline.add_config(
            "slice",
            [
                {"step": "discretise", "params": bins},
                {"step": "extract_features", "params": wanted},
            ],
        )
        images = (Image(array.T[:, :, None], **place) for array in (image, mask.astype(np.uint8)))
        return pipeline.run(*images, config_names=["slice"])["slice"].to_dict()

    return measure


def mirp(settings: dict, *further: str) -> Measure:
    from mirp import extract_features

    logging.disable(logging.CRITICAL)
    families = ["statistics", "intensity_histogram", "glcm", "glrlm", "glszm", "ngtdm", "ngldm"]
    width = bin_width(settings)

    def measure(image: np.ndarray, mask: np.ndarray) -> dict:
        table = extract_features(
            image=image[None],
            mask=mask[None].astype(np.uint8),
            by_slice=True,
            base_feature_families=[*families, *further],
            base_discretisation_method="fixed_bin_size",
            base_discretisation_bin_width=width,
            resegmentation_intensity_range=[first_edge(image, mask, width), 255.0],
            glcm_spatial_method="2d_average",
            glrlm_spatial_method="2d_average",
        )[0]
        described = ("sample_name", "image_")
        return {k: v for k, v in table.iloc[0].items() if not k.startswith(described)}

    return measure


def mirp_morphology(settings: dict) -> Measure:
    return mirp(settings, "morphology")


#: Every tool by name: the package that tells its version, and what makes its function.
TOOLS: dict[str, tuple[str, Callable[[dict], Measure]]] = {
    "ours": ("spl_kedro", ours),
    "flat": ("spl_kedro", flat),
    "pyradiomics": ("pyradiomics", pyradiomics),
    "pyradiomics-original": ("pyradiomics", pyradiomics_original),
    "flash-radiomics": ("flash-radiomics", flash_radiomics),
    "flash-radiomics-original": ("flash-radiomics", flash_radiomics_original),
    "flash-radiomics-cuda": ("flash-radiomics", flash_radiomics_cuda),
    "fastrad": ("fastrad", fastrad),
    "fastrad-cuda": ("fastrad", fastrad_cuda),
    "pictologics": ("pictologics", pictologics),
    "mirp": ("mirp", mirp),
    "mirp-morphology": ("mirp", mirp_morphology),
}


def numbers(values: dict) -> dict[str, float]:
    """Keep what is a number."""
    kept = {}
    for name, value in values.items():
        try:
            kept[str(name)] = float(value)
        except (TypeError, ValueError):
            continue  # a setting, a description
    return kept


def run(tool: str, folder: Path, repeats: int) -> dict:
    """Measure every lesion; versions, seconds of each lesion, values of each lesion."""
    package, make = TOOLS[tool]
    try:
        measure = make(json.loads((folder / "settings.json").read_text(encoding="utf-8")))
    except SkippedError as skipped:
        return {"skipped": str(skipped)}
    # The processor waits while a GPU works, so there the clock counts.
    clock = time.perf_counter if tool.endswith("-cuda") else time.process_time
    lesions, seconds, values = sorted(folder.glob("*.npz")), [], []
    for position, path in enumerate([lesions[0], *lesions]):
        stored = np.load(path)
        image, mask = stored["image"], stored["mask"]
        spent: list[float] = []
        while len(spent) < repeats and sum(spent) < ENOUGH_S:
            began = clock()
            measured = measure(image.copy(), mask.copy())
            spent.append(clock() - began)
        if position:
            seconds.append(float(np.median(spent)))
            values.append(numbers(measured))
    return {"version": version(package), "seconds": seconds, "values": values}


def main() -> None:
    tool, folder, result, repeats = sys.argv[1:]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    warnings.simplefilter("ignore")
    Path(result).write_text(json.dumps(run(tool, Path(folder), int(repeats))), encoding="utf-8")


if __name__ == "__main__":
    main()
