"""Feature names a clinician can read, each with a link to its definition."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spl_kedro.explainability.radiomics_words import (
    CLASS_DEFINITIONS,
    CLASS_WORDS,
    FEATURE_WORDS,
    IMAGE_WORDS,
)

DEFINITIONS = "https://pyradiomics.readthedocs.io/en/latest/features.html"

_RADIOMICS = re.compile(
    r"^(?P<image>[^_]+)_(?P<cls>" + "|".join(CLASS_WORDS) + r")_(?P<feature>[^_]+)$"
)
_WAVELET = re.compile(r"^wavelet(?P<level>\d*)-(?P<band>[LH]{2,3})$")
_LOG = re.compile(r"^log-sigma-(?P<sigma>[\d-]+)-mm(-[23]D)?$")
_DEEP = re.compile(r"^(dtl|embedding|deep)_(?P<number>\d+)$")

# A feature of a source that the study brought along (SEPARATOR in modeling.signatures.sources).
_FURTHER = re.compile(r"^(?P<source>.+?)__(?P<feature>.+)$")

_SCORES = {
    "rad_score": "Radiomics score",
    "dtl_score": "Deep-learning score",
    "dlr_score": "DLR score",
    "clinical_score": "Clinical score",
    "cdlr_score": "CDLR score",
}
_SPELLING = {"crp": "CRP", "wbc": "WBC", "bmi": "BMI", "cea": "CEA"}
# A column's last words that are a unit.
_UNITS = {
    "mm": "mm", "cm": "cm", "kg": "kg", "years": "years", "days": "days", "percent": "%",
    "mg_l": "mg/l", "g_l": "g/l", "ng_ml": "ng/ml", "u_ml": "U/ml", "celsius": "°C",
}  # fmt: skip
_NAMES = {"pack_years": "Pack-years", "angle_chest_wall": "Angle with chest wall"}


@dataclass(frozen=True)
class ReadableName:
    """A feature's name in plain words.

    Attributes
    ----------
    name : str
        The feature's name in the tables.
    label : str
        Short form for an axis.
    phrase : str
        What the feature measures, in one plain sentence without full stop.
    url : str or None
        Address of the definition; None where there is no public one.
    source : str
        Where the feature comes from: radiomics, deep, clinical, score, or the name of a
        further source.
    """

    name: str
    label: str
    phrase: str
    url: str | None
    source: str


def readable_name(name: str) -> ReadableName:
    """Return the plain words for a feature.

    Parameters
    ----------
    name : str
        A column of the radiomics, deep or clinical tables, or ``<model>_score``.

    Returns
    -------
    ReadableName
        Anything that is neither a radiomics feature, a deep feature nor a model's score is
        taken to be a clinical variable and only tidied (``lesion_size_mm`` becomes
        ``Lesion size (mm)``).

    Examples
    --------
    >>> name = readable_name("wavelet-HLH_glszm_GrayLevelNonUniformity")
    >>> name.label
    'Grey-level non-uniformity (patches of equal grey, wavelet HLH)'
    >>> name.url.rpartition("#")[2]
    'radiomics.glszm.RadiomicsGLSZM.getGrayLevelNonUniformityFeatureValue'
    >>> readable_name("dtl_004").label
    'Deep feature 004'
    """
    radiomics = _RADIOMICS.match(name)
    if radiomics and radiomics["feature"] in FEATURE_WORDS[radiomics["cls"]]:
        return _radiomics_name(name, radiomics["image"], radiomics["cls"], radiomics["feature"])
    deep = _DEEP.match(name)
    if deep:
        return ReadableName(
            name=name,
            label=f"Deep feature {deep['number']}",
            phrase=(
                f"component {int(deep['number'])} of what the network sees in the lesion "
                "(no plain meaning; see its Grad-CAM map)"
            ),
            url=None,
            source="deep",
        )
    if name in _SCORES:
        label = _SCORES[name]
        return ReadableName(name, label, f"probability of malignancy by the {label}", None, "score")
    further = _FURTHER.match(name)
    if further:
        label = f"{_tidied(further['feature'])} ({further['source']})"
        phrase = f"feature “{further['feature']}” of the source {further['source']}"
        return ReadableName(name, label, phrase, None, further["source"])
    label = _NAMES.get(name.lower()) or _tidied(name)
    return ReadableName(name, label, f"clinical variable “{label}”", None, "clinical")


def _tidied(name: str) -> str:
    """Turn a column's name into words, its unit in brackets."""
    unit = next((u for u in _UNITS if name.lower().endswith("_" + u)), None)
    stem = name[: -len(unit) - 1] if unit else name
    words = [_SPELLING.get(word.lower(), word) for word in re.split(r"[_\s]+", stem) if word]
    label = " ".join(words) or name
    label = label[0].upper() + label[1:]
    return f"{label} ({_UNITS[unit]})" if unit else label


def _radiomics_name(name: str, image: str, cls: str, feature: str) -> ReadableName:
    short, meaning = FEATURE_WORDS[cls][feature]
    image_label = "" if image == "original" else f", {_image_label(image)}"
    over = (
        "" if cls.startswith("shape") else f"; over {CLASS_WORDS[cls]}, in {_image_phrase(image)}"
    )
    return ReadableName(
        name=name,
        label=f"{short} ({CLASS_WORDS[cls]}{image_label})",
        phrase=f"{meaning}{over}",
        url=f"{DEFINITIONS}#{CLASS_DEFINITIONS[cls]}.get{feature}FeatureValue",
        source="radiomics",
    )


def _image_label(image: str) -> str:
    """Return the short form of an image type for an axis label."""
    wavelet, log = _WAVELET.match(image), _LOG.match(image)
    if wavelet:
        level = f" level {wavelet['level']}" if wavelet["level"] else ""
        return f"wavelet {wavelet['band']}{level}"
    if log:
        return f"LoG {_sigma(log['sigma'])} mm"
    return image.replace("lbp-", "LBP ").replace("-", " ").replace("squareroot", "square root")


def _image_phrase(image: str) -> str:
    """Return what an image type shows.

    pyradiomics writes a wavelet band's letters in the order x, y, z
    (``imageoperations.getWaveletImage`` transforms the axes last to first), so on one B-mode
    slice the first letter is side to side, the second along depth and a third, if any, across
    the single slice.
    """
    wavelet, log = _WAVELET.match(image), _LOG.match(image)
    if log:
        return f"blobs and edges of about {_sigma(log['sigma'])} mm (Laplacian of Gaussian)"
    if not wavelet:
        return IMAGE_WORDS.get(image, f"the {image} image")
    band = wavelet["band"]
    if band[2:] == "H":
        return f"wavelet band {band}, rounding noise on a single slice"
    plane = {
        "LL": "the smoothed image",
        "HL": "fine detail from side to side",
        "LH": "fine detail along depth",
        "HH": "fine diagonal detail",
    }[band[:2]]
    return f"{plane} (wavelet band {band})"


def _sigma(text: str) -> str:
    """Turn pyradiomics' ``3-0`` into ``3`` and ``1-5`` into ``1.5``."""
    return f"{float(text.replace('-', '.', 1)):g}"
