"""The contact sheet of images that are copies of each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spl_kedro.cohort.files import Examined
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.figures.style import GREY, figure_style, headline

PAIRS_SHOWN = 12
_COLUMNS = 3


def sheet_of(
    examined: Examined, rows: pd.DataFrame, settings: CohortSettings, *, sealed: bool
) -> Drawing:
    """Return the sheet of copies; of real patients only where pictures are previewed.

    Of a sealed study it shows lesions of training alone.

    Parameters
    ----------
    examined : Examined
    rows : DataFrame, index `lesion_id`
        Column cohort; of a sealed study every lesion's.
    settings : CohortSettings
    sealed : bool
    """
    pairs, wanted = examined.duplicates, settings.duplicates.pictures
    if sealed:
        own = rows.index[rows["cohort"] == "training"]
        pairs = pairs[pairs["lesion_id"].isin(own) & pairs["other_lesion_id"].isin(own)]
    if not (settings.simulated if wanted is None else wanted):
        pairs = pairs.iloc[:0]
    pairs = pairs.head(PAIRS_SHOWN)
    crops = [
        (examined.prints[first].crop, examined.prints[second].crop)
        for first, second in zip(pairs["lesion_id"], pairs["other_lesion_id"], strict=True)
    ]
    return Drawing(contact_sheet, pairs, crops, simulated=settings.simulated)


def contact_sheet(
    pairs: pd.DataFrame, crops: Sequence[tuple[np.ndarray, np.ndarray]], *, simulated: bool
) -> Figure:
    """Draw pairs of copies, both lesions side by side.

    Parameters
    ----------
    pairs : DataFrame
        ``schemas.Duplicates``, some rows.
    crops : sequence of two ndarray of uint8, shape (n, n)
        The surroundings of both lesions, a pair for each row.
    simulated : bool
        Says "Simulated patients" above the sheet. Real lesions are not named in it.

    Returns
    -------
    Figure
    """
    with figure_style():
        rows = max(1, -(-len(pairs) // _COLUMNS))
        figure = Figure(figsize=(8.4, 0.8 + 1.75 * rows))
        grid = figure.subplots(
            rows, 2 * _COLUMNS, squeeze=False, subplot_kw={"xticks": [], "yticks": []}
        )
        for axes in grid.ravel():
            axes.set_axis_off()
        if pairs.empty:
            grid[0, 0].text(0, 0.5, "No pair to show.", transform=grid[0, 0].transAxes, color=GREY)
        similarity = pairs[["crop_similarity", "frame_similarity"]].max(axis=1)
        for number, both in enumerate(crops):
            line, place = divmod(number, _COLUMNS)
            for side, crop in enumerate(both):
                axes = grid[line, 2 * place + side]
                axes.imshow(crop, cmap="gray", vmin=0, vmax=255)
                words = (
                    f"{number + 1}: {pairs['kind'].iloc[number]}"
                    if side == 0
                    else f"correlation {similarity.iloc[number]:.2f}"
                )
                axes.set_title(words, fontsize=7.5, fontweight="normal")
        headline(
            figure,
            "Images taken for copies of each other",
            "Both lesions and what lies around them, numbered as in the table; beyond an image its "
            "border is repeated",
            simulated=simulated,
        )
    return figure
