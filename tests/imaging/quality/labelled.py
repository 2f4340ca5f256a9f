"""The labelled images of BrEaST, and how often each check is right on them.

``breast_labels.csv`` has 150 of the 252 cases, drawn at random, labelled by looking at each image
whole and at the rightmost point of its lesion magnified: 1 there, 0 not there, empty unsure. Column
``retouched`` was labelled on the images' colours alone, amplified. Half the cases served to choose
the thresholds, the other half to measure; docs/quality.md says how far that can be trusted.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from tests.imaging.quality.drawn import POSITIVES

from spl_kedro.imaging import read_image, read_outline
from spl_kedro.imaging.quality import Picture, QualitySettings, colours_of, examine
from spl_kedro.imaging.reader import UltrasoundImage

LABELS = Path(__file__).with_name("breast_labels.csv")
#: Check -> the column of the labels, where it has another name.
COLUMNS = {
    "dotted_line": "callipers",
    "scale_line": "scale",
    "scale_ticks": "scale",
    "grey_bar": "scale",
    "painted_over": "retouched",
}
#: Judged on the whole image, where they are drawn, and not only near the lesion.
_ANYWHERE = ("body_mark", "scale_line", "scale_ticks", "grey_bar")
_NEAR = QualitySettings(read_text=False)
_WHOLE = _NEAR.model_copy(update={"near": 10})


def labels() -> pd.DataFrame:
    """Return the labels, index `case`."""
    return pd.read_csv(LABELS, index_col="case")


def load(folder: Path, case: str) -> tuple[UltrasoundImage, np.ndarray]:
    """Return the image of a case and its outlines united."""
    outlines = sorted((folder / "masks").glob(f"{case}_tumor*.png"))
    mask = np.logical_or.reduce([read_outline(path).mask for path in outlines])
    return read_image(folder / "images" / f"{case}.png"), mask


def found_in(
    image: UltrasoundImage, mask: np.ndarray, where: tuple[bool, ...] = (False, True)
) -> dict[str, float]:
    """Return by check 1 where it finds something, 0 where not, NaN where it does not apply.

    `where` is False for the checks near the lesion and True for those on the whole image.
    """
    outcome = {}
    for anywhere in where:
        settings = _WHOLE if anywhere else _NEAR
        grey = np.rint(image.grey).astype(np.uint8)
        picture = Picture(grey, mask, colours_of(image.pixels), settings.near)
        outcome |= {
            finding.check: np.nan if np.isnan(finding.value) else float(finding.found)
            for finding in examine(picture, settings).findings
            if (finding.check in _ANYWHERE) == anywhere
        }
    return outcome


def judge(folder: Path, cases: list[str]) -> pd.DataFrame:
    """Return what each check finds in images as they are, beside the label: check, label, found."""
    known = labels()
    rows = [
        (case, check, known.loc[case, COLUMNS.get(check, check)], found)
        for case in cases
        for check, found in found_in(*load(folder, case)).items()
    ]
    table = pd.DataFrame(rows, columns=["case", "check", "label", "found"])
    return table.dropna(subset=["label", "found"])


def judge_drawn(folder: Path, cases: list[str]) -> pd.DataFrame:
    """Return whether each check finds what was drawn for it on images of BrEaST: check, found."""
    rows = []
    for position, (check, draw) in enumerate(POSITIVES.items()):
        for case in cases:
            image, mask = load(folder, case)
            rng = np.random.default_rng([position, int(case.removeprefix("case"))])
            drawn = UltrasoundImage(draw(image.pixels, mask, rng), None, "")
            rows.append((check, found_in(drawn, mask, (check in _ANYWHERE,))[check]))
    return pd.DataFrame(rows, columns=["check", "found"])


def wilson(right: float, cases: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's interval of a share (Wilson, 1927)."""
    middle = (right + z**2 / 2) / (cases + z**2)
    half = z * np.sqrt(right * (cases - right) / cases + z**2 / 4) / (cases + z**2)
    return float(middle - half), float(middle + half)
