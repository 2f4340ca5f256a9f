import io
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from spl_kedro.modeling.evaluation import (
    EvaluationError,
    added_value_table,
    calibration_table,
    compare_models,
    decision_curve_table,
    operating_thresholds,
    performance,
    precision_recall_table,
    roc_curve_table,
    waterfall_table,
)
from spl_kedro.modeling.evaluation import figures as drawn
from spl_kedro.modeling.evaluation.figures.decision import MOST_OF_ONE
from spl_kedro.modeling.evaluation.figures.style import MODEL_COLOURS, SIMULATED, decimals
from spl_kedro.schemas import MODELS


def tables_of(predictions, settings):
    """Return the tables that each figure of a cohort is drawn from."""
    thresholds = operating_thresholds(predictions, settings)
    measured = performance(predictions, thresholds, settings)
    curves = decision_curve_table(predictions, settings)
    return {
        "roc": (roc_curve_table(predictions, settings), measured),
        "precision_recall": (precision_recall_table(predictions, settings), measured),
        "calibration": (calibration_table(predictions, settings),),
        "decision_curve": (curves,),
        "avoided": (curves,),
        "delong": (compare_models(predictions, thresholds, settings),),
        "waterfall": (waterfall_table(predictions, thresholds, settings),),
        "added_value": (added_value_table(predictions, settings),),
    }


@pytest.fixture(scope="module")
def make(predictions, settings, measured):
    """Draw a figure by name from the tables of the synthetic predictions."""
    tables = tables_of(predictions, settings)

    def draw(name, protocol="leak_free", simulated=False, cohort="validation"):
        words = {"protocol": protocol, "simulated": simulated}
        if name == "forest":
            return drawn.forest_figure(measured, **words)
        if name == "added_value":
            return drawn.added_value_figure(tables[name][0], cohort, simulated=simulated)
        return getattr(drawn, f"{name}_figure")(*tables[name], cohort, **words)

    return draw


FIGURES = (
    *("roc", "precision_recall", "calibration", "decision_curve", "avoided", "delong"),
    *("waterfall", "forest", "added_value"),
)


def texts_of(figure):
    """Return the words a reader sees; matplotlib keeps labels of ticks that are out of view."""
    FigureCanvasAgg(figure).draw()
    unseen = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                if not (axes.get_visible() and low <= tick.get_loc() <= high):
                    unseen |= {tick.label1, tick.label2}
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    return [t for t in texts if t not in unseen]


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_gives_n_and_events_and_says_when_patients_are_simulated(make, name):
    words = " ".join(t.get_text() for t in texts_of(make(name, simulated=True)))
    assert "n = 60" in words
    assert "malignant" in words
    assert SIMULATED in words
    assert SIMULATED not in " ".join(t.get_text() for t in texts_of(make(name)))


@pytest.mark.parametrize("name", FIGURES)
def test_no_words_overlap_or_leave_the_figure(make, name):
    figure = make(name, simulated=True)
    texts = texts_of(figure)
    renderer = figure.canvas.get_renderer()
    boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in texts]
    for words, box in boxes:
        assert box.x0 >= -1, words
        assert box.x1 <= figure.bbox.x1 + 1, words
        assert box.y1 <= figure.bbox.y1 + 1, words
    for (first, a), (second, b) in combinations(boxes, 2):
        width = min(a.x1, b.x1) - max(a.x0, b.x0)
        height = min(a.y1, b.y1) - max(a.y0, b.y0)
        # Title and subtitle of a figure of panels keep each other's line blank.
        blank_line = first.endswith("\n") or second.endswith("\n")
        assert min(width, height) < 2 or blank_line, f"{first!r} overlaps {second!r}"


def test_each_model_has_one_colour_and_no_two_share_one(make):
    assert set(MODEL_COLOURS) == set(MODELS)
    assert len(set(MODEL_COLOURS.values())) == len(MODELS)
    for name in ("roc", "decision_curve"):
        colours = {to_rgb(line.get_color()) for line in make(name).axes[0].lines}
        assert {to_rgb(colour) for colour in MODEL_COLOURS.values()} <= colours


def test_the_area_under_each_training_curve_is_the_auc_of_the_table(make, measured):
    lines = make("roc", cohort="training").axes[0].lines[1:]
    auc = measured.query("metric == 'auc' and cohort == 'training' and protocol == 'leak_free'")
    areas = [np.trapezoid(line.get_ydata(), line.get_xdata()) for line in lines]
    np.testing.assert_allclose(areas, auc["value"], rtol=1e-9)


def test_the_roc_legend_gives_each_auc_with_its_interval(make, measured):
    legend = make("roc").axes[0].get_legend()
    row = measured.query(
        "model == 'cdlr' and cohort == 'validation' and protocol == 'leak_free' and metric == 'auc'"
    ).iloc[0]
    every = measured.query("protocol == 'leak_free' and metric == 'auc'")
    digits = decimals(every["low"], every["high"])
    expected = f"CDLR  {row['value']:.{digits}f} ({row['low']:.{digits}f}–{row['high']:.{digits}f})"
    assert expected in [t.get_text() for t in legend.get_texts()]


def test_the_operating_threshold_of_each_model_lies_on_its_curve(make, measured):
    axes = make("roc").axes[0]
    points = axes.collections[0].get_offsets()
    rates = measured.query("cohort == 'validation' and protocol == 'leak_free'").pivot(
        index="model", columns="metric", values="value"
    )
    assert len(points) == len(MODELS)
    for model, (x, y) in zip(MODELS, points, strict=True):
        assert x == pytest.approx(1 - rates.loc[model, "specificity"])
        assert y == pytest.approx(rates.loc[model, "sensitivity"])
    assert "operating threshold" in [t.get_text() for t in axes.get_legend().get_texts()]


def test_decision_curves_end_where_a_single_false_positive_decides(predictions, settings):
    curves = decision_curve_table(predictions, settings)
    words = {"protocol": "leak_free", "simulated": False}
    for cohort, rows in curves.groupby("cohort"):
        axes = drawn.decision_curve_figure(curves, cohort, **words).axes[0]
        shown = axes.lines[0].get_xdata()
        cost = shown / (1 - shown) / rows["n"].iloc[0]
        assert cost.max() <= MOST_OF_ONE
        left_out = np.setdiff1d(rows["threshold"].unique(), shown)
        assert (left_out / (1 - left_out) / rows["n"].iloc[0] > MOST_OF_ONE).all()
    looks = {(line.get_color(), str(line.get_linestyle())) for line in axes.lines[:2]}
    assert len(looks) == 2
    few = curves[curves["cohort"] == "validation"].assign(n=1)
    assert len(drawn.decision_curve_figure(few, "validation", **words).axes[0].lines[0].get_xdata())


def test_the_waterfall_counts_the_lesions_on_the_wrong_side(make, measured):
    labels = [t.get_text() for t in make("waterfall").axes[0].get_legend().get_texts()]
    values = measured.query(
        "model == 'cdlr' and cohort == 'validation' and protocol == 'leak_free'"
    ).set_index("metric")
    events = int(values["events"].iloc[0])
    missed = round(events * (1 - values.loc["sensitivity", "value"]))
    assert labels[1] == f"malignant, {missed} of {events} on the wrong side"


def test_figures_are_the_same_bytes_each_time_and_leave_the_style_alone(make):
    before = dict(mpl.rcParams)
    images = []
    for _ in range(2):
        stream = io.BytesIO()
        make("roc").savefig(stream, format="png")
        images.append(stream.getvalue())
    assert images[0] == images[1]
    assert dict(mpl.rcParams) == before


def test_one_model_alone_can_be_drawn(predictions, settings):
    tables = tables_of(predictions.query("model == 'rad'"), settings)
    words = {"protocol": "leak_free", "simulated": False}
    figure = drawn.calibration_figure(*tables["calibration"], "external", **words)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Rad"]
    assert len(drawn.roc_figure(*tables["roc"], "external", **words).axes[0].lines) == 2


def test_perfect_separation_and_constant_scores_can_be_drawn(predictions, settings):
    table = predictions.copy()
    table["score"] = np.where(table["model"] == "rad", 0.5, 0.1 + 0.8 * table["label"])
    words = {"protocol": "leak_free", "simulated": True}
    for name, tables in tables_of(table, settings).items():
        if name != "added_value":
            assert texts_of(getattr(drawn, f"{name}_figure")(*tables, "validation", **words))


def test_a_calibration_panel_without_curve_or_band_says_why(predictions, settings):
    table = calibration_table(predictions.query("model == 'rad'"), settings)
    smooth = table["kind"] == "smooth"
    withheld = table.assign(low=table["low"].mask(smooth), high=table["high"].mask(smooth))
    for changed, words in (
        (withheld, "band withheld"),
        (withheld.assign(observed=table["observed"].mask(smooth)), "no curve"),
    ):
        figure = drawn.calibration_figure(
            changed, "validation", protocol="leak_free", simulated=False
        )
        assert any(words in t.get_text() for t in texts_of(figure))


def test_a_cohort_without_curves_is_refused(make):
    with pytest.raises(EvaluationError, match="rule known_cohort"):
        make("roc", cohort="test")
