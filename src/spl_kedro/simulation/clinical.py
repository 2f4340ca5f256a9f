"""The hospital's table: history, laboratory and signs read with a sonographer's noise."""

from __future__ import annotations

import numpy as np

from spl_kedro.simulation.settings import SonographerSettings

MISSING_WORDS = ("", "unknown", "n/a")

CLINICAL_COLUMNS = (
    "age",
    "sex",
    "pack_years",
    "fever",
    "crp_mg_l",
    "lesion_size_mm",
    "angle_chest_wall",
    "margin",
    "air_bronchogram",
    "posterior_echo",
    "pleural_line",
)

_MALIGNANT = {
    "adenocarcinoma": 0.5,
    "squamous cell carcinoma": 0.22,
    "small cell carcinoma": 0.1,
    "metastasis": 0.14,
    "lymphoma": 0.04,
}
_BENIGN = {
    "pneumonia": 0.42,
    "tuberculoma": 0.2,
    "organising pneumonia": 0.16,
    "abscess": 0.14,
    "hamartoma": 0.08,
}


def _histology(rng: np.random.Generator, traits: dict[str, float], malignant: bool) -> str:
    """Draw the tissue diagnosis, likelier where the traits suit it."""
    weights = dict(_MALIGNANT if malignant else _BENIGN)
    if not malignant:
        weights["abscess"] *= 0.4 + 8 * traits["necrosis_fraction"] + traits["fever"]
        weights["pneumonia"] *= 0.5 + traits["fever"] + 0.25 * traits["air_bronchograms"]
        weights["hamartoma"] *= 2.0 if traits["irregularity"] < 0.045 else 0.6
    elif traits["pack_years"] > 20:
        weights["squamous cell carcinoma"] *= 1.8
        weights["small cell carcinoma"] *= 1.6
    names = list(weights)
    share = np.array(list(weights.values()))
    return names[int(rng.choice(len(names), p=share / share.sum()))]


def read_signs(
    rng: np.random.Generator,
    traits: dict[str, float],
    reader: SonographerSettings,
    noise: float = 1.0,
) -> dict[str, str]:
    """Return the sonographic signs as one reader writes them down.

    Each sign is a latent trait plus the reader's normal noise, cut at a threshold.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    traits : dict of str to float
        Latent traits of the lesion.
    reader : SonographerSettings
        Noise and thresholds.
    noise : float
        Factor on the noise: another hospital's sonographer.

    Returns
    -------
    dict of str to str
        ``lesion_size_mm``, ``angle_chest_wall``, ``margin``, ``air_bronchogram``,
        ``posterior_echo`` and ``pleural_line``.
    """
    size, angle, margin, bronchi, posterior, pleura = noise * rng.standard_normal(6)
    attenuation = traits["attenuation_db_cm_mhz"] + reader.posterior_noise * posterior
    if attenuation < reader.enhancement_below:
        echo = "enhancement"
    else:
        echo = "shadow" if attenuation > reader.shadow_above else "none"
    obtuse = traits["contact_angle_deg"] + reader.angle_noise_deg * angle >= reader.obtuse_from_deg
    rough = traits["irregularity"] * np.exp(reader.margin_noise * margin) >= reader.irregular_from
    air = traits["air_bronchograms"] + reader.bronchogram_noise * bronchi >= reader.bronchogram_from
    broken = traits["pleural_interruption"] + reader.pleura_noise * pleura
    return {
        "lesion_size_mm": f"{traits['size_mm'] * np.exp(reader.size_noise * size):.0f}",
        "angle_chest_wall": "obtuse" if obtuse else "acute",
        "margin": "irregular" if rough else "smooth",
        "air_bronchogram": "yes" if air else "no",
        "posterior_echo": echo,
        "pleural_line": "interrupted" if broken >= reader.interrupted_from else "intact",
    }


def clinical_row(
    rng: np.random.Generator,
    traits: dict[str, float],
    malignant: bool,
    reader: SonographerSettings,
    noise: float = 1.0,
) -> dict[str, str]:
    """Return one patient's row of the hospital's table, all values as text.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    traits : dict of str to float
        Latent traits, history included.
    malignant : bool
        The patient's class.
    reader : SonographerSettings
        The sonographer, and the share of values left out.
    noise : float
        Factor on the sonographer's noise.

    Returns
    -------
    dict of str to str
        ``pathology`` and ``histology`` (the answer, the second in other words), then
        :data:`CLINICAL_COLUMNS`, a few of which read "", "unknown" or "n/a".
    """
    row = {
        "age": f"{traits['age_years']:.0f}",
        "sex": "male" if traits["male"] else "female",
        "pack_years": f"{traits['pack_years']:.0f}" if traits["pack_years"] >= 1 else "0",
        "fever": "yes" if traits["fever"] else "no",
        "crp_mg_l": f"{traits['crp_mg_l']:.1f}",
        **read_signs(rng, traits, reader, noise),
    }
    # Age and sex are on every hospital's file.
    for column in CLINICAL_COLUMNS[2:]:
        word = MISSING_WORDS[int(rng.integers(len(MISSING_WORDS)))]
        if rng.random() < reader.missing_fraction:
            row[column] = word
    return {
        "pathology": "malignant" if malignant else "benign",
        "histology": _histology(rng, traits, malignant),
        **row,
    }
