"""Images without an outline: boxes or clicks in a table, outlines out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from spl_kedro.bars import bar
from spl_kedro.cohort.findings import Findings
from spl_kedro.cohort.names import stem_of
from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep.machine import reproducible
from spl_kedro.imaging import UltrasoundImage, UnusableLesionError
from spl_kedro.imaging.errors import as_unusable_lesion
from spl_kedro.rules import Rule
from spl_kedro.segmentation.crossfit import machine_of, network_name
from spl_kedro.segmentation.files import SUFFIX
from spl_kedro.segmentation.outlining import Outliner, outliner_of
from spl_kedro.segmentation.prompts import Prompt
from spl_kedro.segmentation.settings import AssistedOutlinesParameters

STAGE = "outline_new_images"
_RULE = "a table of boxes"
_WORDS = (
    "It has the columns image, x, y, width, height (in pixels, from the image's upper left corner; "
    "x and y alone are a click), and lesion_id where an image has several lesions."
)


def read_boxes(table: pd.DataFrame) -> dict[str, tuple[str, Prompt]]:
    """Return image and prompt of each lesion of a table.

    Parameters
    ----------
    table : DataFrame
        image (a file's name), x, y, width, height as text or numbers; lesion_id where images have
        several lesions, else each is called as its image.

    Returns
    -------
    dict of str to (str, Prompt)

    Raises
    ------
    UnusableStudyError
        If a column is missing, a cell is no number, a box has no area, or a name stands twice.
    """
    missing = [name for name in ("image", "x", "y") if name not in table]
    if missing:
        raise UnusableStudyError(_RULE, f"it has no column '{missing[0]}'.", _WORDS)
    found: dict[str, tuple[str, Prompt]] = {}
    for number, row in enumerate(table.to_dict("records"), 1):
        image = str(row["image"]).strip()
        name = _text(row.get("lesion_id")) or stem_of(image)
        if not image or name in found:
            what = f"'{name}' stands in several rows" if image else "no image is named"
            raise UnusableStudyError(_RULE, f"row {number}: {what}.", _WORDS)
        found[name] = image, _prompt(row, number)
    return found


def _prompt(row: Mapping[Any, Any], number: int) -> Prompt:
    values: dict[str, float] = {}
    for key in ("x", "y", "width", "height"):
        text = _text(row.get(key))
        try:
            values[key] = float(text) if text else np.nan
        except ValueError:
            message = f"row {number}: the column '{key}' holds no number."
            raise UnusableStudyError(_RULE, message, _WORDS) from None
    sides = np.array([values["width"], values["height"]])
    if not np.isfinite([values["x"], values["y"]]).all() or np.isnan(sides).sum() == 1:
        raise UnusableStudyError(_RULE, f"row {number}: a cell of the prompt is empty.", _WORDS)
    if np.isnan(sides).all():
        return Prompt(values["x"], values["y"])
    if not (sides > 0).all() or not np.isfinite(sides).all():
        raise UnusableStudyError(_RULE, f"row {number}: the box has no area.", _WORDS)
    return Prompt(**values)


def _text(cell: object) -> str:
    return "" if cell is None or (isinstance(cell, float) and np.isnan(cell)) else str(cell).strip()


def outline_boxes(
    images: Mapping[str, Callable[[], UltrasoundImage]],
    boxes: Mapping[str, tuple[str, Prompt]],
    states: Mapping[str, Mapping[str, Tensor]],
    parameters: AssistedOutlinesParameters,
    minimum_pixels: int,
) -> tuple[dict[str, np.ndarray], pd.DataFrame]:
    """Outline new images by the network of all training lesions, or by the classical way.

    Parameters
    ----------
    images : mapping of str to callable
        Readers by file name.
    boxes : mapping of str to (str, Prompt)
        From :func:`read_boxes`.
    states : mapping of str to state dict
        From :func:`.crossfit.train_outline_networks`.
    parameters : AssistedOutlinesParameters
        `written` says by which way.
    minimum_pixels : int
        Fewer are no outline.

    Returns
    -------
    outlines : dict of str to ndarray of uint8, shape (height, width)
        0 and 255, by file name: the lesion's name and ``.png``.
    findings : DataFrame
        ``schemas.Findings``: every lesion without an outline, and why.

    Raises
    ------
    UnusableStudyError
        If a prompt is of a kind for which no network was trained.
    """
    whole = {name: state for name, state in states.items() if name.endswith("refit")}
    for kind in {prompt.kind for _, prompt in boxes.values()}:
        if parameters.written == "network" and network_name(kind, None) not in whole:
            raise UnusableStudyError(
                "a network for each prompt",
                f"the table holds a {kind}, and no network was trained for one.",
                f"Add {kind} to assisted_outlines.prompt.kinds, and train anew.",
            )
    outliner = outliner_of(whole, parameters, minimum_pixels)
    findings, outlines = Findings(STAGE), {}
    by_stem = {stem_of(name): name for name in images}
    with reproducible(machine_of(parameters.network)):
        for name, (image, prompt) in bar(boxes.items(), desc="outlines", unit="lesion"):
            file = image if image in images else by_stem.get(stem_of(image), "")
            try:
                outline = _outlined(images, file, image, prompt, outliner)
            except UnusableLesionError as error:
                findings.case(name, error)
                continue
            outlines[name + SUFFIX] = outline.astype(np.uint8) * 255
    return outlines, findings.table()


def _outlined(
    images: Mapping[str, Callable[[], UltrasoundImage]],
    file: str,
    named: str,
    prompt: Prompt,
    outliner: Outliner,
) -> np.ndarray:
    if not file:
        raise UnusableLesionError(Rule.IMAGE, f"no image is called '{PurePosixPath(named).name}'.")
    try:
        grey = images[file]().grey
    except Exception as error:  # whatever a file reader raises
        raise as_unusable_lesion(error, file) from error
    row, column = prompt.centre
    if not (0 <= row < grey.shape[0] and 0 <= column < grey.shape[1]):
        raise UnusableLesionError(
            Rule.INSIDE,
            "the middle of the box lies beside the image.",
            "Draw it on the exported image itself, in pixels from its upper left corner.",
        )
    return outliner(grey, prompt, outliner.parameters.written, network_name(prompt.kind, None))
