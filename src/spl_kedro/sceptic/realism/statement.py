"""What is said of the simulated images wherever figures on simulated patients are quoted."""

from __future__ import annotations

from functools import lru_cache

from spl_kedro.sceptic.realism.measured import MeasuredDistance, MeasuredRealism, measured

#: By measure of the table in the docs: its words, and how many decimals are printed.
_ROWS = {
    "speckle_axial": ("Speckle size along the beam, %", 0),
    "speckle_lateral": ("Speckle size across the beam, %", 0),
    "grey_snr": ("Mean over SD of grey levels, %", 0),
    "envelope_snr": ("Mean over SD of the envelope, %", 0),
    "nakagami": ("Nakagami's parameter, %", 0),
    "grey_histogram": ("Histogram, grey levels", 1),
    "spectrum": ("Spectrum, dB", 1),
    "radiomics_smd": ("Radiomics: mean difference, SD", 2),
    "radiomics_smd_firstorder": ("… of first order", 2),
    "radiomics_smd_glcm": ("… GLCM", 2),
    "radiomics_smd_glrlm": ("… GLRLM", 2),
    "radiomics_smd_glszm": ("… GLSZM", 2),
    "radiomics_smd_gldm": ("… GLDM", 2),
    "radiomics_smd_ngtdm": ("… NGTDM", 2),
    "radiomics_covered": ("Share of features whose median lies in the other set's range", 2),
    "radiomics_energy": ("Radiomics: energy distance, 0 to 1", 2),
    "radiomics_auc": ("Radiomics: AUC of a classifier", 2),
}
_COLUMNS = {
    "lung": "simulated and lung",
    "breast": "simulated and BrEaST",
    "organs": "lung and BrEaST",
    "lung_halves": "lung, halves",
    "breast_halves": "BrEaST, halves",
    "breast_few": "BrEaST, few and the others",
    "breast_sizes": "BrEaST, two sizes",
}


@lru_cache(maxsize=1)
def realism_statement() -> str:
    """Return the statement on the distances that travel with the package."""
    return statement_of(measured())


def statement_of(found: MeasuredRealism) -> str:
    """Return what is said of measured distances, in two sentences."""
    lung, breast, halves = (
        (found.distance(key, "radiomics_auc"), found.distance(key, "grey_histogram"))
        for key in ("lung", "breast", "breast_halves")
    )
    return (
        "Simulated images are not real ones: a classifier of radiomics tells them from "
        f"{found.lung_images} real lung images with AUC {_words(lung[0], 2)} and from "
        f"{found.breast_images} real breast images (BrEaST) with {_words(breast[0], 2)}, and "
        f"their grey levels lie {_words(lung[1], 0)} and {_words(breast[1], 0)} of 255 levels off; "
        f"between halves of BrEaST these are {halves[0].value:.2f} and {halves[1].value:.0f}. "
        "Figures on simulated patients show that the software works, not how well the method does "
        "in patients."
    )


def table_of(found: MeasuredRealism) -> str:
    """Return the distances as a table in Markdown, for docs/simulation.md."""
    keys = [key for key in _COLUMNS if any(d.comparison == key for d in found.distances)]
    lines = [
        f"| distance between | {' | '.join(_COLUMNS[key] for key in keys)} |",
        f"| --- |{' --- |' * len(keys)}",
        f"| images | {' | '.join(_images(found, key) for key in keys)} |",
    ]
    for region in ("field", "lesion"):
        if region == "lesion":
            lines.append(f"| **inside outlines** |{' |' * len(keys)}")
        for measure, (words, digits) in _ROWS.items():
            cells = [_cell(found, key, measure, region, digits) for key in keys]
            if any(cells):
                lines.append(f"| {words} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _words(found: MeasuredDistance, digits: int) -> str:
    value, low, high = (f"{x:.{digits}f}" for x in (found.value, found.low, found.high))
    return f"{value} ({low} to {high})"


def _images(found: MeasuredRealism, key: str) -> str:
    one = found.distance(key, "radiomics_auc")
    return f"{one.first_images}, {one.second_images}"


def _cell(found: MeasuredRealism, key: str, measure: str, region: str, digits: int) -> str:
    try:
        return _words(found.distance(key, measure, region), digits)
    except KeyError:
        return ""
