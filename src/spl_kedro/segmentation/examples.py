"""Lesions to look at: lowest, median and highest agreement of machine and reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from spl_kedro.imaging import Lesion
from spl_kedro.segmentation.prompts import prompts_of
from spl_kedro.segmentation.settings import AssistedOutlinesParameters

GROUPS = ("worst", "median", "best")
_EACH = 4
#: Around what both outlines and the prompt span, of the longer side.
_BORDER = 0.15
#: Pixels of a stored cut's longer side, at most.
_LARGEST = 260


def outline_examples(
    lesions: Mapping[str, Callable[[], Lesion]],
    outlines: Mapping[str, np.ndarray],
    prompts: pd.DataFrame,
    scores: pd.DataFrame,
    parameters: AssistedOutlinesParameters,
) -> pd.DataFrame:
    """Cut out the worst, median and best lesions by the Dice of the outlines that are written.

    Parameters
    ----------
    lesions : mapping of str to callable
    outlines : mapping of str to ndarray, shape (height, width)
        By lesion, above 0 inside.
    prompts : DataFrame
        From :func:`.prompts.draw_prompts`.
    scores : DataFrame
        From :func:`.outlining.outline_cohort`.
    parameters : AssistedOutlinesParameters

    Returns
    -------
    DataFrame
        group (worst, median, best), lesion_id, cohort, dice, height and width of the cut, and its
        pixels as bytes: grey, reader and machine (0 or 1); x, y, box_width, box_height of the
        prompt in the cut. Lesions without an outline are none of them.
    """
    kind = parameters.prompt.kinds[0]
    own = scores[
        (scores["prompt"] == kind) & (scores["method"] == parameters.written) & scores["outlined"]
    ]
    own = own.sort_values(["dice", "lesion_id"], ignore_index=True)
    # Fewer of each in a cohort that is too small for three different groups.
    each = min(_EACH, len(own) // len(GROUPS))
    middle = max(0, (len(own) - each) // 2)
    places = {"worst": 0, "median": middle, "best": len(own) - each}
    known, rows = prompts_of(prompts), []
    for group, first in places.items():
        for row in own.iloc[first : first + each].itertuples():
            name = str(row.lesion_id)
            lesion, prompt = lesions[name](), known[name, kind]
            about = {"group": group, "lesion_id": name, "cohort": row.cohort, "dice": row.dice}
            reader, machine = np.asarray(lesion.mask, dtype=bool), outlines[name] > 0
            top, left, bottom, right, step = _place(reader | machine)
            cut = np.s_[top:bottom:step, left:right:step]
            grey = np.rint(lesion.image[cut]).clip(0, 255).astype(np.uint8)
            rows.append(
                about
                | {"height": grey.shape[0], "width": grey.shape[1], "grey": grey.tobytes()}
                | {"reader": reader[cut].astype(np.uint8).tobytes()}
                | {"machine": machine[cut].astype(np.uint8).tobytes()}
                | {"x": (prompt.x - left) / step, "y": (prompt.y - top) / step}
                | {"box_width": np.nan if prompt.width is None else prompt.width / step}
                | {"box_height": np.nan if prompt.height is None else prompt.height / step}
            )
    return pd.DataFrame(rows)


def _place(mask: np.ndarray) -> tuple[int, int, int, int, int]:
    """Return where to cut around an area: top, left, bottom, right, and every how many pixels."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    side = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    half = int(np.ceil(side * (0.5 + _BORDER + 0.1)))
    row, column = int(rows[0] + rows[-1]) // 2, int(columns[0] + columns[-1]) // 2
    top, left = max(row - half, 0), max(column - half, 0)
    bottom, right = min(row + half, mask.shape[0]), min(column + half, mask.shape[1])
    return top, left, bottom, right, max(1, -(-max(bottom - top, right - left) // _LARGEST))
