"""Names of categories along an axis."""

from itertools import pairwise

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from spl_kedro.explainability.category_ticks import name_ticks

# The words of a margin in a published cohort (BrEaST), as they stand in its table.
MARGINS = [
    "circumscribed",
    "not_circumscribed_angular",
    "not_circumscribed_angular_indistinct",
    "not_circumscribed_indistinct",
    "not_circumscribed_microlobulated",
    "not_circumscribed_spiculated",
    "not_circumscribed_spiculated_angular_microlobulated_indistinct",
]


def test_names_of_many_categories_do_not_overlap_and_stay_apart():
    figure = Figure(figsize=(2.6, 3.0))
    axes = figure.subplots()
    name_ticks(axes, MARGINS)
    FigureCanvasAgg(figure).draw()
    ticks = axes.get_xticklabels()
    boxes = [tick.get_window_extent() for tick in ticks]
    assert all(left.x1 <= right.x0 for left, right in pairwise(boxes))
    assert len({tick.get_text() for tick in ticks}) == len(MARGINS)
