"""Figures become the same files wherever they are drawn."""

import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from spl_kedro.drawing import Drawing, Rendering, draw, render
from spl_kedro.modeling.evaluation.figures.style import entitle, figure_style, new_figure

BOTH = [Rendering("bars", dpi=120, vector=True), Rendering("bars", dpi=60)]


def bars(table: pd.DataFrame) -> Figure:
    with figure_style():
        figure, axes = new_figure(4, 3)
        axes.bar(table["name"], table["height"])
        entitle(axes, "Bars", "a subtitle that is longer than the axes are wide", simulated=True)
    return figure


def drawings():
    table = pd.DataFrame({"name": ["a", "b"], "height": [1.0, 2.0]})
    return [Drawing(bars, table.assign(height=table["height"] * factor)) for factor in (1, 2, 3)]


def test_the_files_do_not_depend_on_the_number_of_processes():
    alone, beside = drawings(), drawings()
    draw(dict.fromkeys(alone, BOTH), n_jobs=1)
    draw(dict.fromkeys(beside, BOTH), n_jobs=2)
    for one, other in zip(alone, beside, strict=True):
        for rendering in BOTH:
            assert one.files(rendering) == other.files(rendering)


def test_a_figure_is_cut_as_matplotlib_cuts_it():
    (drawing, *_) = drawings()
    png = io.BytesIO()
    drawing.figure().savefig(png, format="png", dpi=120, bbox_inches="tight")
    ours, theirs = (Image.open(io.BytesIO(b)) for b in (drawing.files(BOTH[0]).png, png.getvalue()))
    np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))
    assert ours.info["dpi"] == theirs.info["dpi"]


def test_of_several_resolutions_each_has_its_own():
    (drawing, *_) = drawings()
    found = render(drawing.figure(), BOTH)
    fine, coarse = (Image.open(io.BytesIO(found[rendering].png)) for rendering in BOTH)
    assert np.array(fine.size) == pytest.approx(2 * np.array(coarse.size), abs=2)
    assert [bool(found[rendering].svg) for rendering in BOTH] == [True, False]
    assert "Simulated patients" in found[BOTH[0]].svg


def test_nothing_to_draw_is_no_error():
    draw({}, n_jobs=2)
