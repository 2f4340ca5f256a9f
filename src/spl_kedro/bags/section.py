"""The part of the study report that is about patients with several images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from spl_kedro.bags.words import names_of, way_name
from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.beside import MEASURES
from spl_kedro.modeling.evaluation.figures.beside import beside_figure
from spl_kedro.modeling.evaluation.figures.style import (
    coverage,
    entitle,
    figure_style,
    new_figure,
)
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.words import (
    METRIC_NAMES,
    cohort_name,
    intervals,
    model_name,
    p_value,
    without_interval,
)

KEY, TITLE = "multiple-instance", "Several images of a patient"
#: Where there is nothing to learn from.
ONE_EACH = (
    "Every training patient has one image, so that a patient is that image: nothing was learnt "
    "from patients."
)


def bags_drawing(
    measures: pd.DataFrame, ways: Mapping[str, Sequence[str]], *, simulated: bool
) -> Drawing:
    """Return the forest plot of the ways from images to a patient's score.

    Parameters
    ----------
    measures : DataFrame
        From `spl_kedro.bags.judging.judge_bags`; it may be empty.
    ways : mapping of str to sequence of str
    simulated : bool
    """
    if measures.empty:
        return Drawing(nothing_figure, simulated=simulated)
    groups = [list(own) for own in ways.values()]
    return Drawing(beside_figure, measures, groups, names_of(ways), TITLE, simulated=simulated)


def nothing_figure(*, simulated: bool) -> Figure:
    """Return a figure that says why there is none."""
    with figure_style():
        figure, axes = new_figure(6.8, 1.6)
        axes.set_axis_off()
        entitle(axes, TITLE, "Every training patient has one image", simulated=simulated)
    return figure


def bags_section(
    measures: pd.DataFrame,
    differences: pd.DataFrame,
    selected: pd.DataFrame,
    ways: Mapping[str, Sequence[str]],
    *,
    simulated: bool,
) -> Section:
    """Return the section.

    Parameters
    ----------
    measures, differences : DataFrame
        From `spl_kedro.bags.judging.judge_bags`.
    selected : DataFrame
        From `spl_kedro.bags.board.run_bags`.
    ways : mapping of str to sequence of str
    simulated : bool
    """
    if measures.empty:
        return Section(KEY, TITLE, (ONE_EACH,))
    names = names_of(ways)
    figure = ReportFigure(
        "multiple_instance",
        "AUC of patients by each way from their images to one score, "
        f"{coverage(measures)} intervals.",
        "Forest plot of AUCs, one panel per cohort; all numbers are in the table.",
        {"": bags_drawing(measures, ways, simulated=simulated)},
        wide=True,
    )
    return Section(
        KEY,
        TITLE,
        (_described(ways), _verdict(measures, ways, names)),
        (figure,),
        (_measures(measures, ways), _differences(differences, ways), _selected(selected)),
    )


def _described(ways: Mapping[str, Sequence[str]]) -> str:
    witness = any(score.endswith("_witness") for own in ways.values() for score in own)
    told = (
        " Or the image model learns from all benign images and one image of each malignant "
        "patient, that with the highest score, chosen anew until the choice stays; a patient's "
        "score is the highest of the images'."
        if witness
        else ""
    )
    return (
        "A patient's score may be the mean or the highest of the images' scores. Or the model is "
        "learnt from patients: of each image feature, statistics over the patient's images enter, "
        "and the study's own selection, classifier, calibration and fusion follow." + told + " All "
        "are fitted in the study's folds, in which a patient's images are together."
    )


def _verdict(
    measures: pd.DataFrame, ways: Mapping[str, Sequence[str]], names: Mapping[str, str]
) -> str:
    kept = set(measures.loc[measures["kept"], "model"])
    alpha = 1 - measures["confidence"].max()
    rule = (
        "Another way would take the mean's place only if cross-fitted training patients showed it "
        "to be better (interval of the difference above 0, p after Holm's correction below "
        f"{alpha:.2g}); validation decides nothing."
    )
    told = [
        f"{model_name(model)}: the mean stays."
        if own[0] in kept
        else f"By this rule: {names[next(name for name in own if name in kept)]}."
        for model, own in ways.items()
    ]
    return " ".join([rule, *told])


def _told_apart(scores: pd.Series, ways: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the columns that name a score: its model, and the way from the images to it."""
    of = {score: model for model, own in ways.items() for score in own}
    return {
        "Model": [model_name(of[score]) for score in scores],
        "Patient's score": [way_name(score, of[score]).capitalize() for score in scores],
    }


def _measures(measures: pd.DataFrame, ways: Mapping[str, Sequence[str]]) -> ReportTable:
    written = {
        METRIC_NAMES[name]: intervals(
            measures[name], measures[f"{name}_low"], measures[f"{name}_high"]
        )
        for name in MEASURES
    }
    frame = {
        "Cohort": [f"{cohort_name(row.cohort)}, {row.n} patients" for row in measures.itertuples()],
        **_told_apart(measures["model"], ways),
        **written,
    }
    return ReportTable(
        "multiple_instance",
        f"Ways from a patient's images to one score, {coverage(measures)} intervals",
        pd.DataFrame(frame, dtype="str"),
        3,
        without_interval(measures[list(MEASURES)], measures[[f"{name}_low" for name in MEASURES]]),
    )


def _differences(differences: pd.DataFrame, ways: Mapping[str, Sequence[str]]) -> ReportTable:
    gains = intervals(
        differences["difference"], differences["difference_low"], differences["difference_high"]
    )
    frame = {
        "Cohort": [cohort_name(name) for name in differences["cohort"]],
        **_told_apart(differences["model"], ways),
        "Compared with": _told_apart(differences["base"], ways)["Patient's score"],
        "Difference in AUC": gains,
        "p (Holm)": [p_value(value) for value in differences["p_holm"]],
    }
    return ReportTable(
        "multiple_instance_differences",
        f"The ways compared on the same patients, {coverage(differences)} intervals",
        pd.DataFrame(frame, dtype="str"),
        4,
        "Training: cross-fitted, corrected resampled t-test; elsewhere DeLong's. Holm's correction "
        "is over all pairs of a cohort.",
    )


def _selected(selected: pd.DataFrame) -> ReportTable:
    lines = [
        {
            "Model": model_name(str(row["model"]).removesuffix("_embedding")),
            "What of the images": str(row["statistic"]),
            "Features kept": str(row["features"]),
        }
        for row in selected.to_dict("records")
    ]
    return ReportTable(
        "multiple_instance_selected",
        "What the models learnt from patients keep, fitted on all training patients",
        pd.DataFrame(lines, columns=["Model", "What of the images", "Features kept"], dtype="str"),
        2,
        folded=True,
    )
